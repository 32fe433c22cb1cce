"""Writes docs/explanation/performance.md from what the other commands measured.

    python benchmarks/performance.py FOLDER          FOLDER has serving.json, batch.json, memory.json, stages.json and start.json
    python benchmarks/performance.py FOLDER --into ELSEWHERE    writes into another folder, to look at it first

The figures are kept in `benchmarks/measured`, which a test holds the documents to.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from benchmarks import batch, memory, serving_figures, stages, start
from benchmarks.bars import COLD_START, HEAD, TRAINING, Row, table, whole
from benchmarks.library import MILLION
from benchmarks.serving_figures import ALIKE, MET_NEVER, PROJECT, THOUSANDS, best_peer, rate, ratio

ROOT = Path(__file__).parent.parent
KEPT = Path("benchmarks") / "measured"
DOCUMENT = Path("docs") / "explanation" / "performance.md"
NAMES = ("serving", "batch", "memory", "stages", "start")

Measured = Mapping[str, Mapping[str, Any]]

TEMPLATE = Path(__file__).with_suffix(".md")


def main() -> None:
    """Writes."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="where the JSON files are")
    arguments.add_argument("--into", type=Path, default=ROOT, help="instead of the project, to look at it first")
    chosen = arguments.parse_args()
    measured = read(chosen.folder)
    if chosen.into == ROOT and (short := too_small(measured)):
        arguments.error(f"not what is promised, so it may only be written elsewhere: {short}")
    kept = {KEPT / f"{name}.json": json.dumps(found, indent=1) + "\n" for name, found in measured.items()}
    for path, text in {**kept, **documents(measured)}.items():
        (chosen.into / path).parent.mkdir(parents=True, exist_ok=True)
        (chosen.into / path).write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """What was measured, by the command. Raises OSError where the figures of a command are missing."""
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES}


def too_small(measured: Measured) -> str:
    """What of the figures is only a trial, and does not measure what the promises are of."""
    rows = {one["rows"] for one in measured["memory"]["runs"]}
    trials = {
        "a batch of other than a million rows": measured["batch"]["rows"] != MILLION,
        "memory at other than 1 to 10 million rows": (min(rows), max(rows)) != (MILLION, 10 * MILLION),
        "fewer than three rounds of requests, or shorter than 3 s": measured["serving"]["repeat"] < 3
        or measured["serving"]["seconds"] < 3,
    }
    return "; ".join(name for name, is_trial in trials.items() if is_trial)


def documents(measured: Measured) -> dict[Path, str]:
    """The documents as they should be, by their place in the project."""
    return {DOCUMENT: document(measured)}


def document(measured: Measured) -> str:
    """docs/explanation/performance.md."""
    serving, batches, of_memory = measured["serving"], measured["batch"], measured["memory"]
    started = {name: whole(value) for name, value in measured["start"]["figures"].items()}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        {f"{name}_command": f"`python benchmarks/{found['machine']['command']}`" for name, found in measured.items()},
        summary=summary(measured),
        bars=table(HEAD, bars(measured)),
        bars_of_probability=table(HEAD, serving_figures.bars_of_probability(serving)),
        machine=of_machine(measured),
        seconds=serving["seconds"],
        rounds=serving["repeat"],
        ways="\n".join(f"- **{name}**: {meaning}." for name, meaning in PROJECT.items()),
        singles=serving_figures.singles(serving),
        many=serving_figures.many(serving),
        again=serving_figures.sent_again(serving),
        ratios=serving_figures.ratios(serving),
        resources=serving_figures.resources(serving),
        peers=_peers(serving),
        absent="".join(f"{name} {_absence(serving, name)}.\n" for name in serving["did_not_start"]),
        stages=stages.tables(dict(measured["stages"])),
        rows=f"{batches['rows']:,}",
        names=f"{batches['names']:,}",
        batch_rounds=batches["repeat"],
        **{suffix: batch.files(batches, suffix) for suffix in batch.FORMATS},
        limits=batch.limits(batches),
        batch_ratios=batch.ratios(batches),
        sample=of_memory["sample_seconds"],
        memory=memory.table_of(of_memory),
        start=table(["start and training", ""], list(started.items())),
    )


def bars(measured: Measured) -> list[Row]:
    """Every promise with what was measured."""
    own = serving_figures.turns(measured["serving"], MET_NEVER)
    start_seconds = serving_figures.middle(own, lambda turn: turn["start_seconds"])
    return [
        *serving_figures.bars(measured["serving"]),
        *batch.bars(measured["batch"]),
        *memory.bars(measured["memory"]),
        TRAINING.row(measured["start"]["figures"][start.REPORTING]),
        COLD_START.row(start_seconds),
    ]


def of_machine(measured: Measured) -> str:
    """The machine of the figures, and what is installed on it."""
    found = measured["serving"]["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    days = sorted({of["machine"]["measured"][:10] for of in measured.values()})
    return (
        f"{found['cores']} cores of {found['processor']}, {found['memory_gib']:g} GiB, {found['system']}; {versions}."
        f" Measured {' to '.join(dict.fromkeys([days[0], days[-1]]))}."
    )


def summary(measured: Measured) -> str:
    """The figures that matter most."""
    serving, batches = measured["serving"], measured["batch"]
    single, thousand = best_peer(serving, ["1 x 32"]), best_peer(serving, THOUSANDS)
    found = serving["machine"]
    rows: list[Row] = []
    for name in (MET_NEVER, ALIKE):
        what = name.removeprefix("exoscore, ")
        own = max(THOUSANDS, key=lambda load, name=name: rate(serving, name, load))
        requests, candidates = (whole(rate(serving, name, load)) for load in ("1 x 32", own))
        times = [f"{ratio(serving, name, loads)[0]:.3g} x" for loads in (["1 x 32"], THOUSANDS)]
        rows.append([f"requests/s, one candidate each, {what}", requests, _named(serving, single), times[0]])
        rows.append([f"candidates/s, 1,000 a request, {what}", candidates, _named(serving, thousand), times[1]])
    for suffix in batch.FORMATS:
        ours, theirs = f"exoscore {suffix}", batch.PANDAS[suffix][0]
        ours_rate, their_rate = (batches["rows"] / batch.middle(batches, name, "program") for name in (ours, theirs))
        rows.append(
            [
                f"candidates/s, a file of {batches['rows']:,}, {suffix}",
                whole(ours_rate),
                f"{whole(their_rate)} (pandas)",
                f"{batch.ratio(batches, ours, theirs):.3g} x",
            ]
        )
    return f"On {found['cores']} cores, two workers on each side, in the same run:\n\n" + table(
        ["", "Exoscore", "best peer", ""], rows
    )


def _named(serving: Mapping[str, Any], best: tuple[str, str]) -> str:
    return f"{whole(rate(serving, *best))} ({best[0]})"


def _absence(serving: Mapping[str, Any], name: str) -> str:
    rounds = len(serving_figures.turns(serving, name))
    return f"started in {rounds} of {serving['repeat']} rounds" if rounds else "did not start, and is left out"


def _peers(serving: Mapping[str, Any]) -> str:
    rows = [
        [name, peer["settings"], ", ".join(f"{package} {number}" for package, number in peer["versions"].items())]
        for name, peer in serving["peers"].items()
    ]
    return table(["peer", "settings", "versions"], rows)


if __name__ == "__main__":
    main()
