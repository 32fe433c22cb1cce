"""Rows a second of `exoscore batch`, beside pandas with the peers' pipeline and beside the limits without files.

    python benchmarks/batch.py --peers FOLDER [--rows 1000000] [--names 5000] [--repeat 3] [--json FILE]

FOLDER is what `python -m benchmarks.peers.build FOLDER` made; of it, the environment `batch` is used, and the libraries of
candidates are kept there. Whole programs are timed, the project and pandas in turn, on files that the system has in memory.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from statistics import median
from typing import Any

from pyarrow import csv, parquet

from benchmarks.bars import CSV, HEAD, PARQUET, Row, table, whole
from benchmarks.library import NAMES, write
from benchmarks.machine import machine
from benchmarks.peers.build import versions
from benchmarks.peers.registry import APPS, program
from benchmarks.processes import run
from benchmarks.serving import project
from models.estimator.features import Features

FORMATS = ("parquet", "csv")
# By format, the ways of pandas; the first is how it is written, the others are what helps it.
PANDAS = {"parquet": ("parquet", "parquet_objects"), "csv": ("csv", "csv_objects")}
WAYS = {
    "exoscore": "exoscore batch",
    "exoscore, 1 worker": "exoscore batch --workers 1",
    "exoscore, 2 workers": "exoscore batch --workers 2",
    "parquet": "pandas: read_parquet, pipeline, to_parquet",
    "parquet_objects": "pandas: read_parquet, texts as Python's, pipeline, to_parquet",
    "csv": "pandas: read_csv, pipeline, to_csv",
    "csv_objects": "pandas: read_csv, texts as Python's, pipeline, to_csv",
    "encoded": "limit of scikit-learn: the classifier alone, matrix encoded",
    "first": "columns coded: the score alone, at the first meeting of their values",
    "again": "columns coded: the score alone, values met before",
}
OPTIONS: Mapping[str, Sequence[str]] = {
    "exoscore": (),
    "exoscore, 1 worker": ("--workers", "1"),
    "exoscore, 2 workers": ("--workers", "2"),
}

Measured = Mapping[str, Any]


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--peers", type=Path, required=True, metavar="FOLDER")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--names", type=int, default=NAMES, help="about how many different cargos are in the file")
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    folder = chosen.peers.resolve()
    measured: dict[str, Any] = {
        "machine": machine(),
        "rows": chosen.rows,
        "names": chosen.names,
        "repeat": chosen.repeat,
        "versions": versions(folder, "batch"),
        "rounds": [],
    }
    if not measured["versions"]:
        arguments.error(f"there is no environment `batch` in {folder}: python -m benchmarks.peers.build {folder} batch")
    features = Features.load()
    for rows in (1, chosen.rows):
        for suffix in FORMATS:
            write(library(folder, rows, chosen.names, suffix), rows, features, chosen.names)
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        for number in range(chosen.repeat):
            measured["rounds"].append(one_round(folder, var, chosen.rows, chosen.names))
            print(f"round {number + 1} of {chosen.repeat}", file=sys.stderr, flush=True)
    print(printed(measured))
    if chosen.json:
        chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


def library(folder: Path, rows: int, names: int, suffix: str) -> Path:
    """Where a library of candidates is kept."""
    return folder / f"library-{rows}-{names}.{suffix}"


def one_round(folder: Path, var: Path, rows: int, names: int) -> dict[str, dict[str, float]]:
    """Every way once, the project and pandas in turn: seconds of the whole program, without its start, and by name and format."""
    found: dict[str, dict[str, float]] = {}
    for suffix in FORMATS:
        sources = library(folder, 1, names, suffix), library(folder, rows, names, suffix)
        for ours, theirs in zip_longest(OPTIONS, PANDAS[suffix]):
            if ours:
                found[f"{ours} {suffix}"] = {**of_project(var, *sources, OPTIONS[ours]), "rows": rows}
            if theirs:
                found[theirs] = of_pandas(folder, theirs, sources[1], var.parent / f"out.{suffix}")
    found["encoded"] = of_pandas(folder, "encoded", library(folder, rows, names, "parquet"), var.parent / "none")
    script = str(Path(__file__).with_name("columns.py"))
    found |= json.loads(run([sys.executable, script, str(var), str(rows), str(names)]).output)
    return found


def of_project(var: Path, one: Path, many: Path, options: Sequence[str]) -> dict[str, float]:
    """One run of the project; its start is what a file of one row takes. Raises ValueError where scores are missing."""
    target = var.parent / f"out{many.suffix}"
    exoscore = str(Path(sys.executable).with_name("exoscore"))

    def scored(source: Path) -> float:
        target.unlink(missing_ok=True)
        return run([exoscore, "batch", str(source), str(target), *options], {"EXOSCORE_VAR": str(var)}).seconds

    start, seconds = scored(one), scored(many)
    if (written := _rows_of(target)) != (given := _rows_of(many)):
        raise ValueError(f"{written} scores were written of {given} candidates")
    return {"program": seconds, "seconds": seconds - start, "start": start}


def of_pandas(folder: Path, task: str, source: Path, target: Path) -> dict[str, float]:
    """One run of pandas; its start is its imports."""
    command = [program(folder, "batch", "python"), str(APPS / "pandas_batch.py"), task]
    done = run([*command, str(folder / "pipeline.joblib"), str(source), str(target)])
    inside: dict[str, float] = json.loads(done.output)
    return {"program": done.seconds, "start": done.seconds - inside["seconds"], **inside}


def _rows_of(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(parquet.ParquetFile(path).metadata.num_rows)
    with csv.open_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True)) as batches:
        return sum(len(batch) for batch in batches)


def middle(measured: Measured, name: str, figure: str) -> float:
    """The median of a figure over the rounds."""
    return float(median(one[name][figure] for one in measured["rounds"]))


def ratio(measured: Measured, name: str, other: str, figure: str = "program") -> float:
    """How many times the rows a second of another way one way does: the median over rounds."""
    return float(median(one[other][figure] / one[name][figure] for one in measured["rounds"]))


def files(measured: Measured, suffix: str) -> str:
    """The ways from file to file."""
    rows = measured["rows"]
    names = {f"{name} {suffix}": WAYS[name] for name in OPTIONS} | {name: WAYS[name] for name in PANDAS[suffix]}
    shown = [
        [
            text,
            whole(rows / middle(measured, name, "program")),
            f"{middle(measured, name, 'program'):.2f}",
            f"{middle(measured, name, 'start'):.2f}",
            whole(rows / middle(measured, name, "seconds")),
        ]
        for name, text in names.items()
    ]
    return table([f"{suffix}, {rows:,} rows", "rows/s", "s", "of it, start", "rows/s after the start"], shown)


def limits(measured: Measured) -> str:
    """What the score takes without files."""
    shown = [
        [WAYS[name], whole(middle(measured, name, "rows") / middle(measured, name, "seconds"))]
        for name in ("encoded", "first", "again")
    ]
    return table(["without files", "rows/s"], shown)


def ratios(measured: Measured) -> str:
    """The project to each way of pandas."""
    shown = [
        [
            suffix,
            WAYS[name],
            f"{ratio(measured, f'exoscore {suffix}', name):.3g} x",
            f"{ratio(measured, f'exoscore {suffix}', name, 'seconds'):.3g} x",
        ]
        for suffix in FORMATS
        for name in PANDAS[suffix]
    ]
    return table(["", "to", "whole programs", "after their start"], shown)


def bars(measured: Measured) -> list[Row]:
    """The promises, held to pandas as it is written: to whole programs, and to what they take after their start."""
    of = {"parquet": PARQUET, "csv": CSV}
    ways = {"program": "whole programs", "seconds": "after their start"}
    return [
        replace(bar, what=f"{bar.what}; {text}").row(ratio(measured, f"exoscore {suffix}", PANDAS[suffix][0], figure))
        for suffix, bar in of.items()
        for figure, text in ways.items()
    ]


def printed(measured: Measured) -> str:
    """All of it."""
    tables = [*(files(measured, suffix) for suffix in FORMATS), limits(measured), ratios(measured)]
    return "\n".join([*tables, table(HEAD, bars(measured))])


if __name__ == "__main__":
    main()
