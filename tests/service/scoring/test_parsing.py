"""A body is parsed once; where it is no JSON, the reason and the place are those of the standard library."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import ParsedCandidate
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from service.scoring.parsing import parse_candidates, parse_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


@given(JSON)
def test_what_was_written_is_read(value: object) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(cut=st.integers(0, 200), noise=st.binary(max_size=3))
def test_a_damaged_body_is_read_or_refused_as_the_standard_library_does(cut: int, noise: bytes) -> None:
    whole = json.dumps({"candidates": [GOOD, GOOD | {"id": "é"}]}, ensure_ascii=False).encode()
    damaged = whole[:cut] + noise + whole[cut:]
    try:
        expected = json.loads(damaged.decode("utf-8"))
    except ValueError:
        with pytest.raises(ValueError, match=r"[Tt]he body is not"):
            parse_json(damaged)
    else:
        assert parse_json(damaged) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"candidates": [}', "line 1, column 17"),
        (b'{"id": "\xff"}', "UTF-8: byte 9"),
        (b"[NaN]", "NaN is not a JSON value"),
        (b"[-1e999]", "-1e999 is not a JSON value"),
        (b"[" * 100_000, "recursion depth|nests too deep"),
        (b"9" * 5_000, "cannot be read|4300 digits"),
        (b"", "line 1, column 1"),
        (b'\xef\xbb\xbf{"candidates": []}', "BOM"),
        (b'{"candidates": []} x', "Extra data at line 1, column 20"),
    ],
    ids=[
        "unclosed",
        "not UTF-8",
        "constant",
        "infinite",
        "deep",
        "long number",
        "empty",
        "byte order mark",
        "more behind it",
    ],
)
def test_a_body_that_is_no_json_is_refused_with_the_place(body: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_json(body)


def test_half_a_surrogate_pair_is_read_so_that_its_field_can_be_named() -> None:
    assert parse_json(b'"\\ud800"') == "\ud800"


def test_candidates_keep_their_order_and_errors_stand_in_their_places(reader: CandidateParser) -> None:
    parsed = list(parse_candidates([GOOD, 7, {}, GOOD], reader))
    assert [type(each) for each in parsed] == [ParsedCandidate, CandidateError, CandidateError, ParsedCandidate]
    assert [fault.code for fault in parsed[1].faults] == ["wrong_type"]  # type: ignore[union-attr]
