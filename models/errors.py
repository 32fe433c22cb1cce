"""The family of errors of the core. They carry facts; who shows them decides on words and status codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path


class ExoscoreError(Exception):
    """Any error that Exoscore raises on purpose."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of one candidate or finding.

    `field` is the column or key (empty for the row as a whole), `code` a stable word for programs, `remedy` what would
    be right, in a sentence. `allowed` lists every admissible value where the list is short, `nearest` the closest ones
    where it is not.
    """

    field: str
    code: str
    remedy: str
    given: object = None
    allowed: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{where}{self.remedy}"


class CandidateError(ExoscoreError):
    """A candidate that cannot be understood, with every fault found in it."""

    def __init__(self, faults: Sequence[FieldError]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


class ArtifactError(ExoscoreError):
    """A model bundle that must not be used; the message says which file and why."""


class KnowledgeMismatchError(ArtifactError):
    """A model that learned with another vocabulary, or other role tables, than those in use; `papers` are those that it
    learned from, by all their keys."""

    def __init__(self, model_id: str, papers: Collection[str], then: str, now: str) -> None:
        self.model_id = model_id
        self.papers = frozenset(papers)
        super().__init__(f"model {model_id} was trained with {then}, in use now: {now}; train anew")


class KnowledgeError(ExoscoreError):
    """A kept table of roles or targets that cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path.name} in {path.parent} cannot be used: {why}")


class UnknownModelError(ExoscoreError):
    """No model of that id is kept here."""

    def __init__(self, model_id: str, known: Sequence[str] = ()) -> None:
        self.model_id = model_id
        self.known = tuple(known)
        super().__init__(f"no model {model_id!r} is kept here")


@dataclass(frozen=True, slots=True)
class RowError:
    """One fault of a file of findings or candidates, with the line (from 1, the header being 1) and column it is in."""

    line: int
    fault: FieldError
    row: str = ""

    @property
    def column(self) -> str:
        """The column at fault; empty where the whole line is."""
        return self.fault.field

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        named = f" ({self.row})" if self.row else ""
        return f"{where}{named}: {self.fault.remedy}"


class TableError(ExoscoreError):
    """A file that cannot be used, with every fault found in it."""

    def __init__(self, faults: Sequence[RowError]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults[:5]))

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
