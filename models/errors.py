"""The family of errors of the core. They carry facts; who shows them decides on words and status codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import islice
from pathlib import Path

# How many errors of one kind are listed for one object, and in one response; the others are counted.
MAX_FAULTS = 100
# How many the message of an exception has.
MAX_QUOTED = 5
_QUOTED_ID = 60


class ExoscoreError(Exception):
    """Any error that Exoscore raises on purpose."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of one candidate or finding.

    `field` is the column or key (empty for the row as a whole), `code` a stable word for programs, `says` what is wrong
    or what would be right, without a full stop. `allowed` lists every admissible value where the list is short.
    `suggest` finds the closest ones, which takes up to a millisecond and is done only for errors that are shown. `count` is
    how many errors this one stands for.
    """

    field: str
    code: str
    says: str
    given: object = None
    allowed: tuple[str, ...] = ()
    suggest: Callable[[], tuple[str, ...]] = dataclass_field(default=tuple, compare=False, repr=False)
    count: int = 1

    @property
    def nearest(self) -> tuple[str, ...]:
        """The admissible values closest to the one given, the closest first."""
        return self.suggest()

    @property
    def remedy(self) -> str:
        """What would be right, in a sentence, with what may have been meant."""
        return with_suggestions(self.says, self.nearest)

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{where}{self.remedy}"


def with_suggestions(says: str, nearest: Sequence[str]) -> str:
    """A message as a sentence, with the names that may have been meant."""
    sentence = says if says.endswith((".", "?", "!", "…")) else says + "."
    return f"{sentence} Did you mean {' or '.join(nearest[:3])}?" if nearest else sentence


def unknown_names(names: Collection[str], make_fault: Callable[[str], FieldError]) -> list[FieldError]:
    """A fault for each of the first names that are none, and one that stands for all others, so that a million of them cost
    little."""
    faults = [make_fault(name) for name in islice(names, MAX_FAULTS)]
    if (more := len(names) - len(faults)) > 0:
        faults.append(FieldError("", faults[0].code, f"{more} more names are unknown", count=more))
    return faults


def quote_faults(faults: Sequence[object]) -> str:
    """The first faults, as the message of an exception."""
    return " ".join(map(str, faults[:MAX_QUOTED]))


class CandidateError(ExoscoreError):
    """A candidate that cannot be understood, with every fault found in it."""

    def __init__(self, faults: Sequence[FieldError]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return quote_faults(self.faults)

    def counted(self) -> CandidateError:
        """The same error, with a fault for each kind that stands for all of that kind."""
        counts: Counter[str] = Counter()
        for fault in self.faults:
            counts[fault.code] += fault.count
        return CandidateError([FieldError("", code, f"{count} errors", count=count) for code, count in counts.items()])


class DesignError(CandidateError):
    """A design that cannot be made, with every fault found in what was asked; their fields are such as `vary.cargo_name`."""


class InvalidRowsError(ExoscoreError):
    """Rows of a frame that are no valid candidates: `errors` has the name of each in the frame's index, or its place from 0, and
    its error; `rows` is how many rows there are."""

    def __init__(self, errors: Sequence[tuple[object, CandidateError]], rows: int) -> None:
        self.errors = tuple(errors)
        self.rows = rows
        super().__init__(self.errors, rows)

    def __str__(self) -> str:
        listed = quote_faults([f"Row {name!r}: {error}" for name, error in self.errors[:MAX_QUOTED]])
        more = len(self.errors) - MAX_QUOTED
        others = f" And {more:,} more." if more > 0 else ""
        return f"{len(self.errors):,} of {self.rows:,} rows have errors. {listed}{others}"


class UnknownScoreError(ExoscoreError):
    """A text that is not the id of a score."""

    def __init__(self, score_id: str) -> None:
        shown = score_id if len(score_id) <= _QUOTED_ID else f"{score_id[:_QUOTED_ID]}…"
        super().__init__(
            f"{shown!r} is not the id of a score, or not all of it. Copy the whole `score_id` of a score, without spaces or "
            "line breaks."
        )


class ChangedScoreError(ExoscoreError):
    """A score that the same model would no longer give: its code or its tables are others than those that gave it."""

    def __init__(self, model_id: str, then: str, now: str) -> None:
        super().__init__(
            f"Model {model_id} predicted {then} when the id was made and predicts {now} now, since the code or a table of this "
            "installation is another one. The candidate can be scored anew."
        )


class ArtifactError(ExoscoreError):
    """A model bundle that must not be used; the message says which file and why."""


class KnowledgeMismatchError(ArtifactError):
    """A model that learned with another vocabulary, or other role tables, than those in use; `papers` are those that it
    learned from, by all their keys."""

    def __init__(self, model_id: str, papers: Collection[str], then: str, now: str) -> None:
        self.model_id = model_id
        self.papers = frozenset(papers)
        super().__init__(f"Model {model_id} was trained with {then}; {now} is in use now. Train it again")


class KnowledgeError(ExoscoreError):
    """A kept table of roles or targets that cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path.name} in {path.parent} cannot be used: {why}")


class UnknownModelError(ExoscoreError):
    """No model has that id."""

    def __init__(self, model_id: str, known: Sequence[str] = ()) -> None:
        self.model_id = model_id
        self.known = tuple(known)
        super().__init__(f"There is no model {model_id!r}")


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault of a file of findings or candidates, with the line (from 1, the header being 1; 0 for the file as a whole) and
    column it is in."""

    line: int
    fault: FieldError
    row: str = ""

    @property
    def column(self) -> str:
        """The column at fault; empty where the whole line is."""
        return self.fault.field

    def __str__(self) -> str:
        if not self.line:
            return self.fault.remedy
        where = f"Line {self.line}" + (f", column {self.column}" if self.column else "")
        named = f" ({self.row})" if self.row else ""
        return f"{where}{named}: {self.fault.remedy}"


class TableError(ExoscoreError):
    """A file that cannot be used, with every fault found in it."""

    def __init__(self, faults: Sequence[RowError]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return quote_faults(self.faults)

    @classmethod
    def at_line(cls, line: int, code: str, remedy: str) -> TableError:
        """The error of one fault of a line as a whole."""
        return cls([RowError(line, FieldError("", code, remedy))])


class SeenPapersError(ExoscoreError):
    """Findings offered as unseen whose papers the model was trained on."""

    def __init__(self, papers: Sequence[str], rows: int) -> None:
        self.papers = tuple(papers)
        self.rows = rows
        super().__init__(f"{rows} findings of {len(papers)} papers are in the model's training data")
