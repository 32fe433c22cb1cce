"""How far a batch is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models.candidates.warnings import ReadingWarning
from models.columnar.scorer import LABELS
from models.columnar.warnings_column import SHOWN_WARNINGS, WarnedRows
from service.batch.readers.base import Position

SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True)
class BlockSummary:
    """What is counted of a block: its bad rows with the first faults, how often each label came, and how many rows are `warned`
    of, with the most frequent warnings."""

    bad: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    first_faults: Sequence[Mapping[str, Any]] = ()
    warned: int = 0
    warnings: Sequence[WarnedRows] = ()


@dataclass
class Progress:
    """How far a batch is: rows done, those of them that are bad with the first faults, how often each label came, and how many
    rows are `warned` of, with the most frequent warnings.

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
    warned: int = 0
    warnings: list[WarnedRows] = field(default_factory=list)

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
            "warned": self.warned,
            "warnings": [{**asdict(each.warning), "rows": each.rows} for each in self.warnings],
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
        self.warned += other.warned
        counts: Counter[ReadingWarning] = Counter()
        for each in (*self.warnings, *other.warnings):
            counts[each.warning] += each.rows
        self.warnings = [WarnedRows(*each) for each in counts.most_common(SHOWN_WARNINGS)]


ProgressCallback = Callable[[Progress], object]
