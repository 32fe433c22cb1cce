"""What is asked of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from service.batch.formats import Format

CONTRIBUTIONS, EVIDENCE = "contributions", "evidence"
INCLUDES = (CONTRIBUTIONS, EVIDENCE)
LEAVE_OUT, KEEP_EMPTY = "drop", "keep"
BAD_ROWS = (LEAVE_OUT, KEEP_EMPTY)


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
