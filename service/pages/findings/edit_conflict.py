"""A correction as somebody makes it: from the revision that was shown, onto the one that stands by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.db.tables import FindingRevision, FindingRow
from training.data.findings import COLUMNS


def changed_columns(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The columns in which two rows of cells differ, each as (name, before, after)."""
    rows = ((name, before.get(name, ""), after.get(name, "")) for name in COLUMNS)
    return [row for row in rows if row[1] != row[2]]


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One column that was changed by somebody else meanwhile: what it was, what it is now, and what was typed for it."""

    column: str
    was: str
    now: str
    typed: str

    @property
    def is_clash(self) -> bool:
        """Whether both people changed it, to different things."""
        return self.typed not in (self.was, self.now)


@dataclass(frozen=True, slots=True)
class Edit:
    """What the form of a finding holds: the revision that it is of, the columns as they are there, and as they are to be.

    `other` is the revision that somebody made meanwhile, with the `conflicts` of its columns; None where nobody did.
    """

    finding_id: str
    revision: int
    base: Mapping[str, str]
    cells: Mapping[str, str]
    other: FindingRevision | None = None
    conflicts: tuple[FieldConflict, ...] = ()

    @classmethod
    def begin(cls, finding: FindingRow) -> Edit:
        """A form as it is first shown."""
        return cls(finding.finding_id, finding.revision, finding.cells, finding.cells)

    @classmethod
    def read(cls, history: Sequence[FindingRevision], typed: Mapping[str, str], revision: str) -> Edit:
        """A form as it was sent; one that names no revision that there was is of the first one."""
        base = next((each for each in history if str(each.revision) == revision), history[0])
        return cls(base.cells["finding_id"], base.revision, base.cells, typed)

    @property
    def changes(self) -> dict[str, str]:
        """The columns that were changed in the form, as they are to be."""
        return {name: text for name, text in self.cells.items() if text != self.base.get(name, "")}

    def rebase(self, newest: FindingRevision) -> Edit:
        """The same changes, made to the revision that stands now: what was not touched in the form becomes as it is there."""
        changes = self.changes
        conflicts = tuple(
            FieldConflict(name, was, now, changes.get(name, was))
            for name, was, now in changed_columns(self.base, newest.cells)
        )
        cells = {**newest.cells, **changes}
        return Edit(self.finding_id, newest.revision, newest.cells, cells, newest, conflicts)
