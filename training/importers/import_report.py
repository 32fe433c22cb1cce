"""What became of every row of a table: used, used in part, or not, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

EXAMPLES = 5


@dataclass(slots=True)
class Reason:
    """Why rows were not used, or only in part: how many, and the first few, each different from the others."""

    says: str
    rows: int = 0
    examples: list[str] = field(default_factory=list)
    _shown: set[str] = field(default_factory=set)

    def add(self, line: int, example: str) -> None:
        """Counts a row."""
        self.rows += 1
        if len(self.examples) < EXAMPLES and example not in self._shown:
            self._shown.add(example)
            self.examples.append(f"line {line}: {example[:100]}" if example else f"line {line}")

    def as_dict(self) -> dict[str, object]:
        """The reason, ready for JSON."""
        return {"reason": self.says, "rows": self.rows, "examples": self.examples}


class ImportReport:
    """Counts the rows of one table. Every row read is either used or dropped."""

    def __init__(self) -> None:
        self.read = 0
        self._skipped: dict[str, Reason] = {}
        self._partially_used: dict[str, Reason] = {}

    def skip(self, line: int, why: str, example: str = "") -> None:
        """Notes a row that is not used."""
        self._skipped.setdefault(why, Reason(why)).add(line, example)

    def use_partially(self, line: int, why: str, example: str = "") -> None:
        """Notes a row of which a part is not used."""
        self._partially_used.setdefault(why, Reason(why)).add(line, example)

    @property
    def used(self) -> int:
        """The rows that were used."""
        return self.read - sum(reason.rows for reason in self._skipped.values())

    @property
    def skipped(self) -> list[Reason]:
        """The reasons for which rows were dropped, the commonest first."""
        return _ranked(self._skipped)

    @property
    def partially_used(self) -> list[Reason]:
        """The reasons for which rows were used in part, the commonest first."""
        return _ranked(self._partially_used)


def _ranked(reasons: dict[str, Reason]) -> list[Reason]:
    return sorted(reasons.values(), key=lambda reason: (-reason.rows, reason.says))
