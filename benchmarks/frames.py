"""Seconds of `Scorer.score_frame` for frames of each kind, beside `exoscore batch` less reading and writing, on the same rows.

    python benchmarks/frames.py [--rows 1000000] [--names 5000] [--repeat 3] [--var FOLDER] [--json FILE]

In every round each kind of frame has its turn after the batch, both from the first meeting of their values; ratios are of such
neighbours. Of the batch, blocks that are read already are scored and made tables, in one thread, as `exoscore batch` does at a
time. Needs pandas and Polars. Trains a model first, unless the FOLDER of an installation that has one is named.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import polars as pl
from pyarrow import parquet

from benchmarks.bars import FRAME, HEAD, table, whole
from benchmarks.library import NAMES, write
from benchmarks.machine import machine
from benchmarks.serving import project
from models.columnar.scorer import BatchScorer
from models.scorer import Scorer
from service import open_scorer
from service.batch.block_scoring import BlockProcessor
from service.batch.chunk_scoring import ChunkScorer
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.readers import open_checked

PANDAS = "pandas, texts as pandas reads them"
KINDS: Mapping[str, Callable[[pd.DataFrame], Any]] = {
    PANDAS: lambda frame: frame,
    "pandas, texts as Python's": lambda frame: frame.astype(object),
    "pandas, categories": lambda frame: frame.drop(columns="id").astype("category"),
    "Polars": pl.from_pandas,
    "PyArrow": lambda frame: pl.from_pandas(frame).to_arrow(),
}


def main() -> None:
    """Measures, prints, and keeps the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--names", type=int, default=NAMES, help="about how many different cargos there are")
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--var", type=Path)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    measured: dict[str, Any] = {
        "machine": machine(),
        "rows": chosen.rows,
        "names": chosen.names,
        "versions": {"pandas": pd.__version__, "polars": pl.__version__},
        "rounds": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        with nullcontext(chosen.var) if chosen.var else project(Path(folder)) as var:
            scorer = open_scorer(var)
        library = Path(folder) / "library.parquet"
        write(library, chosen.rows, scorer.features, chosen.names)
        batch = prepare_batch(scorer, library)
        frame = parquet.read_table(library).to_pandas()
        for number in range(chosen.repeat):
            measured["rounds"].append({name: one_turn(scorer, batch, make(frame)) for name, make in KINDS.items()})
            print(f"round {number + 1} of {chosen.repeat}", file=sys.stderr, flush=True)
    print(printed(measured))
    if chosen.json:
        chosen.json.write_text(json.dumps(measured, indent=1), encoding="utf-8")


def prepare_batch(scorer: Scorer, library: Path) -> Callable[[], object]:
    """`exoscore batch` of a file that has been read, as a function that scores it from the beginning."""
    spec = BatchSpec(Options(Format.PARQUET, Format.PARQUET), library, None)
    with open_checked(spec, scorer.parser) as reader:
        processor = BlockProcessor(scorer, spec.options, reader.headings, reader.columns)
        chunks = [(block.begin.row, processor.read(block)) for block in reader.read_blocks(reader.start)]

    def score() -> object:
        scored = ChunkScorer(BatchScorer(scorer), spec.options)
        return [scored.score(chunk, row) for row, chunk in chunks]

    return score


def one_turn(scorer: Scorer, batch: Callable[[], object], frame: Any) -> dict[str, float]:
    """The seconds of the batch, and then those of a frame."""
    return {"batch": seconds_of(batch), "frame": seconds_of(lambda: scorer.score_frame(frame))}


def seconds_of(work: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(measured: Mapping[str, Any], name: str) -> float:
    """How many times as long as the batch a kind of frame takes: the median over rounds."""
    return float(median(turns[name]["frame"] / turns[name]["batch"] for turns in measured["rounds"]))


def printed(measured: Mapping[str, Any]) -> str:
    """All of it."""
    shown = []
    for name in KINDS:
        seconds = median(turns[name]["frame"] for turns in measured["rounds"])
        rate = whole(measured["rows"] / seconds)
        shown.append([name, f"{seconds:.2f}", rate, f"{ratio(measured, name):.2f} x"])
    head = [f"score_frame, {measured['rows']:,} rows", "s", "rows/s", "to the batch"]
    return f"{table(head, shown)}\n{table(HEAD, [FRAME.row(ratio(measured, PANDAS))])}"


if __name__ == "__main__":
    main()
