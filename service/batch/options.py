"""What is asked of a batch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from service.batch.formats import Format

CONTRIBUTIONS, EVIDENCE = "contributions", "evidence"
INCLUDES = (CONTRIBUTIONS, EVIDENCE)
LEAVE_OUT, KEEP_EMPTY = "drop", "keep"
BAD_ROWS = (LEAVE_OUT, KEEP_EMPTY)
PIECE_BYTES = 12 * 1024 * 1024
PIECE_ROWS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """How rows come and how they go: the formats of candidates, scores and faults, what to `include`, whether to keep all
    columns, and whether `bad_rows` are left out or kept without scores."""

    source: Format
    target: Format
    faults: Format = Format.JSONL
    include: tuple[str, ...] = ()
    keep: bool = False
    bad_rows: str = LEAVE_OUT

    def as_dict(self) -> Mapping[str, Any]:
        """These as a document."""
        return {**asdict(self), "include": list(self.include)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch: candidates from `source` to `target`, and the faults of bad rows to `faults`. None is standard input or
    output; faults without a file are only counted, and the first few shown. Text is read in pieces of at most `piece_bytes`,
    which is also the longest row; Parquet in pieces of about `piece_rows`. They are scored by the Dask cluster at the address
    `cluster`, or where that is empty by `workers` processes."""

    options: Options
    source: Path | None
    target: Path | None
    faults: Path | None = None
    workers: int = 1
    cluster: str = ""
    resume: bool = False
    piece_bytes: int = PIECE_BYTES
    piece_rows: int = PIECE_ROWS
    piped_in: IO[bytes] = field(default_factory=lambda: sys.stdin.buffer, repr=False)
    piped_out: IO[bytes] = field(default_factory=lambda: sys.stdout.buffer, repr=False)
