"""How far a batch is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.columnar.scorer import LABELS
from service.batch.readers.base import Position

SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True)
class BlockSummary:
    """What is counted of a block: its bad rows with the first faults, and how often each label came."""

    bad: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    first_faults: Sequence[Mapping[str, Any]] = ()


@dataclass
class Progress:
    """How far a batch is: rows done, those of them that are bad with the first faults, and how often each label came.

    `done` is the share of the input (None where its size is not known), `resumed` how many of the rows were done before an
    interruption, `remarks` what is to be said of how the file was read.
    """

    rows: int = 0
    bad: int = 0
    labels: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(LABELS, 0)))
    first_faults: list[Mapping[str, Any]] = field(default_factory=list)
    done: float | None = None
    resumed: int = 0
    seconds: float = 0.0
    remarks: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return (self.rows - self.resumed) / self.seconds if self.seconds else 0.0

    def to_document(self) -> dict[str, Any]:
        """The counts, ready for JSON."""
        return {
            "rows": self.rows,
            "scored": self.rows - self.bad,
            "bad": self.bad,
            "labels": dict(self.labels),
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rate),
            "resumed_after_rows": self.resumed,
            "remarks": self.remarks,
        }

    def add(self, after: Position, summary: BlockSummary) -> None:
        """Counts a block that ends at a position."""
        self.rows = after.row - 1
        self._count(summary)

    def merge(self, other: Progress) -> None:
        """Counts another file of the same batch."""
        self.rows += other.rows
        self.resumed += other.resumed
        self.seconds += other.seconds
        self.remarks += other.remarks
        self._count(other)

    def _count(self, other: BlockSummary | Progress) -> None:
        self.bad += other.bad
        self.labels.update(other.labels)
        self.first_faults = [*self.first_faults, *other.first_faults][:SHOWN_FAULTS]


ProgressCallback = Callable[[Progress], object]
