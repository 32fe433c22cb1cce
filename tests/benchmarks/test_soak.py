"""How much memory grew is told from what it was after the beginning, by medians."""

from __future__ import annotations

import pytest

from benchmarks.bars import SOAK
from benchmarks.soak import KINDS, growth


@pytest.mark.parametrize(
    ("minutes", "begin"), [(60, 300), (100, 300), (10, 60)], ids=["an hour", "longer", "a tenth of less"]
)
def test_growth_is_from_the_end_of_the_beginning(minutes: int, begin: int) -> None:
    seconds = 60 * minutes
    looks = {float(at): 100.0 if at < begin else 200.0 if at < seconds - 60 else 300.0 for at in range(0, seconds, 10)}
    assert growth(looks, seconds) == 1.5
    assert not SOAK.met(1.5)


def test_one_high_look_is_no_growth() -> None:
    looks = {float(at): 900.0 if at == 590 else 300.0 for at in range(0, 600, 10)}
    assert growth(looks, 600) == 1.0


def test_every_kind_of_request_can_be_made_and_none_is_made_twice() -> None:
    for _, make in KINDS.values():
        first, second = make(), make()
        assert first != second or first.body == b"[" * 100_000
