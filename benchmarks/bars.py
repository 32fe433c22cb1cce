"""What is promised of speed and scale, each beside a rival or a limit in the same run, and how a promise is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[object]


@dataclass(frozen=True)
class Bar:
    """One promise: what is measured, and its bound, `most` or at least that."""

    what: str
    bound: float
    unit: str = "x"
    most: bool = False

    def met(self, value: float) -> bool:
        """Whether a figure keeps it."""
        return value <= self.bound if self.most else value >= self.bound

    def row(self, value: float) -> list[object]:
        """Its row in a table: what, promised, measured, and the verdict."""
        side = "at most" if self.most else "at least"
        verdict = "met" if self.met(value) else "**missed**"
        return [self.what, f"{side} {self.bound:g} {self.unit}", f"{value:.3g} {self.unit}", verdict]


SINGLE = Bar("one candidate a request, 32 connections: requests/s to the best peer", 5)
SINGLE_P99 = Bar("the same: p99 to the median time of the best peer", 1, most=True)
THOUSAND = Bar("1,000 candidates a request: rows/s to the best peer", 3)
PARQUET = Bar("Parquet to Parquet, 1,000,000 rows: rows/s to pandas with the pipeline", 10)
CSV = Bar("CSV to CSV, 1,000,000 rows: rows/s to pandas with the pipeline", 5)
FRAME = Bar("1,000,000 rows of pandas: time of score_frame to exoscore batch less reading and writing", 1.3, most=True)
MEMORY = Bar("peak memory of a batch at 10 million rows to that at 1 million", 1.2, most=True)
SOAK = Bar("memory of the service after an hour of mixed load to that after five minutes", 1.2, most=True)
TRAINING = Bar("a training with all folds and its report", 60, "s", most=True)
COLD_START = Bar("cold start to the first right answer, a model present", 2, "s", most=True)

HEAD = ("bar", "promised", "measured", "")


def table(head: Row, rows: Sequence[Row]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"


def whole(value: float) -> str:
    """A count or a rate, without what no run repeats."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
