"""What a batch is made of: the files, their formats, and how rows are treated."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from models.scoring.decisions import Costs
from service.batch.formats import Format

CONTRIBUTIONS, EVIDENCE = "contributions", "evidence"
INCLUDES = (CONTRIBUTIONS, EVIDENCE)
LEAVE_OUT, KEEP_EMPTY = "drop", "keep"
BAD_ROWS = (LEAVE_OUT, KEEP_EMPTY)
BLOCK_BYTES = 12 * 1024 * 1024
BLOCK_ROWS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """The formats of candidates, scores and errors, what to `include` with the scores, whether all columns of the input are
    kept, whether `bad_rows` are left out or kept without scores, and the `sheet` of a workbook (empty: the first). Where
    `strict`, a row of which anything was not understood is a bad one. `columns` are those of a table without a header, and
    `constants` the values of fields in rows that state none. By `costs` each row has a decision, and where `rank`, its rank
    among all rows."""

    source: Format
    target: Format
    errors: Format = Format.JSONL
    include: tuple[str, ...] = ()
    keep_columns: bool = False
    bad_rows: str = LEAVE_OUT
    sheet: str = ""
    strict: bool = False
    columns: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    costs: Costs | None = None
    rank: bool = False


@dataclass(frozen=True, slots=True)
class BatchSpec:
    """A batch: candidates from `source`, scores to `target`, and the faults of bad rows to `errors_path`.

    A `source` of None is standard input, a `target` of None standard output; without `errors_path` faults are only counted.
    Text is read in blocks of at most `block_bytes`, which is also the longest row; Parquet in blocks of about `block_rows`. Of
    what is packed, `most_bytes` are unpacked (None for no bound).
    They are scored by the Dask cluster at the address `cluster`, or where that is empty by `workers` threads.
    """

    options: Options
    source: Path | None
    target: Path | None
    errors_path: Path | None = None
    workers: int = 1
    cluster: str = ""
    resume: bool = False
    block_bytes: int = BLOCK_BYTES
    block_rows: int = BLOCK_ROWS
    most_bytes: int | None = None
    stdin: IO[bytes] = field(default_factory=lambda: sys.stdin.buffer, repr=False)
    stdout: IO[bytes] = field(default_factory=lambda: sys.stdout.buffer, repr=False)
