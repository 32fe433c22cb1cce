"""What is remembered is what was kept under that key, and its bytes stay under the limit whatever is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.counted import Counted
from service.remembered import PER_DOCUMENT_BYTES, Document, Remembered

COUNTED = Counted("promoting", "", (), (), ())


def document(text: bytes) -> Document:
    return Document(text, COUNTED)


@given(st.lists(st.tuples(st.binary(max_size=4), st.binary(max_size=3_000))), st.integers(0, 20_000))
def test_it_answers_only_with_what_was_kept_and_keeps_to_its_room(kept: list[tuple[bytes, bytes]], room: int) -> None:
    remembered = Remembered(room)
    last: dict[bytes, Document] = {}
    for key, text in kept:
        fresh = key not in remembered.among([key])
        if fresh:
            last[key] = document(text)
        remembered.keep({key: document(text)} if fresh else {})
        found = remembered.among(list(last))
        assert all(found[each] == last[each] for each in found)
        assert sum(len(each) + len(found[each].text) + PER_DOCUMENT_BYTES for each in found) <= room


def test_what_is_asked_for_stays_and_the_rest_is_forgotten() -> None:
    size = len(b"k0") + len(b"d") + PER_DOCUMENT_BYTES
    remembered = Remembered(2 * 4 * size)
    remembered.keep({b"k0": document(b"d")})
    for number in range(1, 50):
        remembered.keep({b"k%d" % number: document(b"d")})
        assert remembered.among([b"k0"])
    assert not remembered.among([b"k1", b"k2", b"k3"])


def test_without_room_nothing_is_remembered() -> None:
    remembered = Remembered(0)
    remembered.keep({b"a": document(b"x")})
    assert remembered.among([b"a"]) == {}
