"""The most memory that `exoscore batch` takes, all its processes together, by the rows of the file.

    python benchmarks/memory.py --libraries FOLDER [--millions 1 3 10] [--json FILE]

Libraries of candidates are written into FOLDER, unless they are there: 10 million rows are about a gigabyte.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.bars import HEAD, MEMORY, Row, table, whole
from benchmarks.batch import library
from benchmarks.library import MILLION, NAMES, write
from benchmarks.machine import machine
from benchmarks.processes import run
from benchmarks.serving import project
from models.estimator.features import Features

SAMPLE_SECONDS = 0.1


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--libraries", type=Path, required=True, metavar="FOLDER")
    arguments.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10])
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    chosen.libraries.mkdir(parents=True, exist_ok=True)
    counts = [int(millions * MILLION) for millions in chosen.millions]
    features = Features.load()
    for count in counts:
        write(library(chosen.libraries, count, NAMES, "parquet"), count, features)
    measured: dict[str, Any] = {"machine": machine(), "sample_seconds": SAMPLE_SECONDS, "names": NAMES, "runs": []}
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        for count in counts:
            measured["runs"].append(of_rows(chosen.libraries, var, count))
    print(printed(measured))
    if chosen.json:
        chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


def of_rows(folder: Path, var: Path, count: int) -> dict[str, Any]:
    """One batch: the most that it took, and how long."""
    source, target = library(folder, count, NAMES, "parquet"), var.parent / "out.parquet"
    target.unlink(missing_ok=True)
    exoscore = str(Path(sys.executable).with_name("exoscore"))
    done = run([exoscore, "batch", str(source), str(target)], {"EXOSCORE_VAR": str(var)}, SAMPLE_SECONDS)
    return {
        "rows": count,
        "seconds": done.seconds,
        "peak": asdict(done.peak),
        "file_mib": source.stat().st_size / 2**20,
    }


def growth(measured: Mapping[str, Any]) -> float:
    """The most memory of the largest file to that of the smallest."""
    by_rows = sorted(measured["runs"], key=lambda one: one["rows"])
    return float(by_rows[-1]["peak"]["pss"] / by_rows[0]["peak"]["pss"])


def table_of(measured: Mapping[str, Any]) -> str:
    """The runs."""
    head = ["rows", "file, MiB", "peak memory, MiB", "with shared pages counted by process", "processes", "s"]
    shown = [
        [
            f"{one['rows']:,}",
            whole(one["file_mib"]),
            *(whole(one["peak"][part]) for part in ("pss", "rss", "processes")),
            f"{one['seconds']:.1f}",
        ]
        for one in measured["runs"]
    ]
    return table(head, shown)


def bars(measured: Mapping[str, Any]) -> list[Row]:
    """The promise."""
    return [MEMORY.row(growth(measured))]


def printed(measured: Mapping[str, Any]) -> str:
    """All of it."""
    return f"{table_of(measured)}\n{table(HEAD, bars(measured))}"


if __name__ == "__main__":
    main()
