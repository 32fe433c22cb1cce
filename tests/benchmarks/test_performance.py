"""What is written of speed follows from what was measured: ratios of neighbours, the best peer of each load, verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import batch, memory, performance, serving_figures, stages, start
from benchmarks.bars import CSV, PARQUET, SINGLE_P99, whole
from benchmarks.serving import LOADS
from benchmarks.serving_figures import ALIKE, MET_NEVER, PROBABILITY, REPEATED

MACHINE = {
    "measured": "2026-01-02T03:04+00:00",
    "cores": 2,
    "processor": "a processor",
    "memory_gib": 8,
    "system": "Linux",
    "versions": {"Python": "3.11"},
    "command": "some.py --json FOLDER",
}


def turn(number: int, name: str, rate: float, after: str | None = None) -> dict[str, Any]:
    loads = {
        f"{size} x {connections}": {
            "requests": 100,
            "requests_per_second": rate,
            "rows_per_second": rate * size,
            "p50_ms": 1000 / rate,
            "p99_ms": 3000 / rate,
            "failed": 0,
            "sent_again": 0,
        }
        for size, connections in LOADS
    }
    taken = {"processes": 3, "rss": 300.0, "pss": 200.0}
    found = {
        "round": number,
        "name": name,
        "start_seconds": 1.5,
        "memory": taken,
        "memory_after": taken,
        "loads": loads,
    }
    return found if after is None else {**found, "after": after}


@pytest.fixture
def measured() -> dict[str, dict[str, Any]]:
    # The machine is twice as slow in the second round, and the peer "slow" never is the best.
    turns = []
    for number, speed in ((1, 1.0), (2, 0.5), (3, 1.0)):
        for peer, rate in (("slow", 10.0), ("fast", 100.0)):
            turns.append(turn(number, peer, speed * rate))
            turns.append(turn(number, MET_NEVER, speed * 600.0, peer))
            turns.append(turn(number, PROBABILITY, speed * (900.0 if peer == "fast" else 1.0), peer))
        turns.append(turn(number, ALIKE, speed * 1000.0))
        turns.append(turn(number, REPEATED, speed * 2000.0))
    ways = {f"{name} {suffix}": 2.0 for name in batch.OPTIONS for suffix in batch.FORMATS}
    ways |= {
        "parquet": 21.0,
        "parquet_objects": 12.0,
        "csv": 9.0,
        "csv_objects": 8.0,
        "encoded": 0.5,
        "first": 1.0,
        "again": 0.7,
    }
    one = {name: {"program": s, "seconds": s - 0.1, "start": 0.1, "rows": 1_000_000} for name, s in ways.items()}
    runs = [
        {"rows": rows, "seconds": 1.0, "file_mib": 10.0, "peak": {"processes": 3, "rss": 500.0, "pss": pss}}
        for rows, pss in ((1_000_000, 400.0), (10_000_000, 440.0))
    ]
    inside = ("parse", "understand", "call", "predict", "documents", "few documents", "respond")
    of_stage = {
        name: {
            str(size): dict.fromkeys(
                [*(inside if place == 0 else ()), stages.WHOLE, stages.FEW, stages.FIRST], 50.0 - place
            )
            for size in stages.SIZES
        }
        for place, name in enumerate(stages.VARIANTS)
    }
    peer = {"settings": "2 workers", "versions": {"it": "1"}}
    return {
        "serving": {
            "machine": MACHINE,
            "seconds": 5,
            "repeat": 3,
            "peers": {"slow": peer, "fast": peer},
            "turns": turns,
            # What started in other rounds was measured all the same.
            "did_not_start": {"broken": "no event loop", "slow": "its port was taken"},
        },
        "batch": {"machine": MACHINE, "rows": 1_000_000, "names": 5_000, "repeat": 1, "rounds": [one]},
        "memory": {"machine": MACHINE, "sample_seconds": 0.1, "runs": runs},
        "stages": {"machine": MACHINE, "rows": 1_000, "microseconds": of_stage},
        "start": {"machine": MACHINE, "figures": {start.REPORTING: 70.0, "load, ms": 1234.0}},
    }


def test_ratios_are_of_neighbours_and_to_the_best_peer(measured: dict[str, Any]) -> None:
    serving = measured["serving"]
    assert serving_figures.best_peer(serving, ["1 x 32"]) == ("fast", "1 x 32")
    assert serving_figures.ratio(serving, MET_NEVER, ["1 x 32"]) == (6.0, 6.0, 6.0)
    # That the project was slow beside another peer does not count.
    assert serving_figures.ratio(serving, PROBABILITY, ["1 x 32"]) == (9.0, 9.0, 9.0)
    assert serving_figures.ratio(serving, REPEATED, ["1 x 32"]) == (20.0, 20.0, 20.0)
    assert serving_figures.latency_ratio(serving, MET_NEVER, "1 x 32") == pytest.approx(0.5)


def test_every_promise_has_its_verdict(measured: dict[str, Any]) -> None:
    rows = {row[0]: row[1:] for row in performance.bars(measured)}
    assert len(rows) == 10
    assert rows[f"{PARQUET.what}; whole programs"] == ["at least 10 x", "10.5 x", "met"]
    assert rows[f"{PARQUET.what}; after their start"][1:] == ["11 x", "met"]
    assert rows[f"{CSV.what}; whole programs"][1:] == ["4.5 x", "**missed**"]
    assert rows["a training with all folds and its report"] == ["at most 60 s", "70 s", "**missed**"]
    assert rows[SINGLE_P99.what] == ["at most 1 x", "0.5 x", "met"]
    assert memory.growth(measured["memory"]) == pytest.approx(1.1)


def test_the_document_has_every_server_every_way_and_whoever_did_not_start(measured: dict[str, Any]) -> None:
    text = performance.document(measured)
    for name in (*serving_figures.PROJECT, "slow", "fast", *batch.WAYS.values(), start.REPORTING):
        assert name in text
    assert "broken did not start" in text
    assert "slow started in 3 of 3 rounds" in text
    assert "$" not in text


def test_the_document_begins_with_the_figures_that_matter_most(measured: dict[str, Any]) -> None:
    beginning = performance.documents(measured)[performance.DOCUMENT].partition("## Machine")[0]
    assert "On 2 cores" in beginning
    assert "100 (fast)" in beginning
    assert "10.5 x" in beginning


def test_what_was_sent_again_is_told(measured: dict[str, Any]) -> None:
    serving = measured["serving"]
    assert "second time: none." in serving_figures.sent_again(serving)
    for one in serving_figures.turns(serving, MET_NEVER):
        one["loads"]["1000 x 4"]["sent_again"] = 25
    assert f"second time: {MET_NEVER}, 1,000; 4 connections: 25.0%." in serving_figures.sent_again(serving)


def test_a_trial_is_told_from_what_the_promises_are_of(measured: dict[str, Any]) -> None:
    assert performance.too_small(measured) == ""
    measured["batch"]["rows"] = 20_000
    measured["serving"]["seconds"] = 1
    assert "million rows" in performance.too_small(measured)
    assert "3 s" in performance.too_small(measured)


def test_figures_are_read_from_the_files_of_the_commands(measured: dict[str, Any], tmp_path: Path) -> None:
    for name, found in measured.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
    assert performance.read(tmp_path) == measured
    (tmp_path / "batch.json").unlink()
    with pytest.raises(FileNotFoundError):
        performance.read(tmp_path)


def test_figures_are_shown_as_far_as_they_mean_something() -> None:
    assert [whole(value) for value in (1234.5, 99.46, 0.01234)] == ["1,234", "99.5", "0.0123"]
