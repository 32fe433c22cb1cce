"""What became of every row of a table: used, used in part, or not, and why."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from training.importers.table import Table

EXAMPLES = 5
CUT_OFF = "the row ends before the last needed column"
EMPTY = "a needed cell is empty"


class SkippedRowError(Exception):
    """Why a row, or a part of it, is not used, and the part of it that shows so."""

    def __init__(self, reason: str, example: str = "") -> None:
        self.reason = reason
        self.example = example
        super().__init__(reason, example)


@dataclass(slots=True)
class Reason:
    """Why rows were not used, or only in part: how many, and the first few lines, each different from the others."""

    says: str
    rows: int = 0
    lines: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, example: str) -> None:
        """Counts a row."""
        self.rows += 1
        if len(self.lines) < EXAMPLES:
            self.lines.setdefault(example, line)

    @property
    def examples(self) -> list[str]:
        """The first few rows in words."""
        return [f"line {line}: {text[:100]}" if text else f"line {line}" for text, line in self.lines.items()]

    def as_dict(self) -> dict[str, object]:
        """The reason, ready for JSON."""
        return {"reason": self.says, "rows": self.rows, "examples": self.examples}


class ImportReport:
    """Counts the rows of one table. Every row read is either used or dropped."""

    def __init__(self) -> None:
        self.read = 0
        self._skipped: dict[str, Reason] = {}
        self._partially_used: dict[str, Reason] = {}

    def skip(self, line: int, row: SkippedRowError) -> None:
        """Notes a row that is not used."""
        self._skipped.setdefault(row.reason, Reason(row.reason)).add(line, row.example)

    def use_partially(self, line: int, row: SkippedRowError) -> None:
        """Notes a row of which a part is not used."""
        self._partially_used.setdefault(row.reason, Reason(row.reason)).add(line, row.example)

    @property
    def used(self) -> int:
        """The rows that were used."""
        return self.read - sum(reason.rows for reason in self._skipped.values())

    @property
    def skipped(self) -> list[Reason]:
        """The reasons for which rows were dropped, the commonest first."""
        return _rank(self._skipped)

    @property
    def partially_used(self) -> list[Reason]:
        """The reasons for which rows were used in part, the commonest first."""
        return _rank(self._partially_used)


def read_rows(table: Table, add_row: Callable[[Mapping[str, str]], Iterable[SkippedRowError]]) -> ImportReport:
    """What became of the rows of a table, each of which `add_row` takes by its cells.

    It returns the parts that are not used, and raises SkippedRowError for a row that is not used at all. Raises TableError.
    """
    report = ImportReport()
    for row in table.rows():
        report.read += 1
        try:
            if not table.form.columns.keys() <= row.cells.keys():
                raise SkippedRowError(CUT_OFF)
            if empty := table.form.empty(row.cells):
                raise SkippedRowError(EMPTY, empty)
            for unused in add_row(row.cells):
                report.use_partially(row.line, unused)
        except SkippedRowError as skipped:
            report.skip(row.line, skipped)
    return report


def _rank(reasons: dict[str, Reason]) -> list[Reason]:
    return sorted(reasons.values(), key=lambda reason: (-reason.rows, reason.says))
