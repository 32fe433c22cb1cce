"""The floors of speed: a lost fast path ends with status 1 and its name; one that is there, with a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import floors
from models.scorer import Scorer

FAST = {
    floors.TABLE: 30.0,
    floors.REQUEST: 4.0,
    floors.FEW: 6.0,
    floors.DESIGN: 25.0,
    floors.SERVED: 0.4,
    floors.START: 0.8,
}


def measure_as(monkeypatch: pytest.MonkeyPatch, rounds: list[floors.Ratios]) -> None:
    @contextmanager
    def project(scratch: Path) -> Iterator[Path]:
        yield scratch

    monkeypatch.setattr(floors, "project", project)
    monkeypatch.setattr(floors, "measure", lambda var: iter(rounds))
    monkeypatch.setattr(sys, "argv", ["floors.py", "--rounds", str(len(rounds) - 1)])


def test_what_is_fast_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    measure_as(monkeypatch, [FAST] * 4)
    floors.main()
    shown = capsys.readouterr().out
    assert all(bar.what in shown for bar in FAST)
    assert "missed" not in shown


@pytest.mark.parametrize("lost", FAST, ids=lambda bar: bar.what)
def test_each_lost_fast_path_ends_with_its_name(monkeypatch: pytest.MonkeyPatch, lost: floors.Bar) -> None:
    # As slow as the plain way, or than the start of the libraries that it was to do without.
    measure_as(monkeypatch, [FAST | {lost: 2.0 if lost.most else lost.bound / 2}] * 4)
    with pytest.raises(SystemExit, match="Below the floor: ") as ended:
        floors.main()
    assert str(ended.value).endswith(lost.what)


def test_one_disturbed_round_and_the_first_one_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {bar: 9.0 if bar.most else 0.01 for bar in FAST}
    measure_as(monkeypatch, [slow, FAST, slow, FAST, FAST])
    floors.main()


def test_a_design_is_faster_than_its_variants_one_at_a_time(scorer: Scorer) -> None:
    assert floors.in_designs(scorer)()[floors.DESIGN] > 1
