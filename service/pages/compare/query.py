"""Several candidates as the query of an address: `c1.source_phenotype=M2&c1.cargo_type=mirna&…&c2.source_phenotype=M1&…`.

Fields without a number are those of one candidate more, as a form sends them; it takes the place of the one that `change`
names, else comes last.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.candidates.candidate import FIELD_BY_NAME, ParsedCandidate
from models.candidates.parser import CandidateParser
from models.errors import FieldError
from models.scoring.decisions import COST_FIELDS
from service.errors import ParametersError
from service.scoring import query_string
from service.scoring.query_string import Given

MAX_COMPARED = 10
CHANGE, COPY = "change", "copy"
# What the query of one candidate may have besides its fields, and one of several may not.
_NOT_NUMBERED = ("model", "format", *COST_FIELDS)
write = query_string.write_comparison
_NUMBERED = re.compile(r"c([1-9][0-9]{0,3})\.(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate of a comparison: its number among them from 1, what was given, and what it was understood as, or why not."""

    number: int
    given: Given
    reading: ParsedCandidate | None
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonQuery:
    """What a query asks for: the candidates in order, one more (None where there is none), which one that replaces or is to
    be like, the model (empty for the current one), and the faults of parameters that are no candidate's."""

    entries: tuple[Entry, ...]
    added: Entry | None
    change: Entry | None
    copy: Entry | None
    model: str
    faults: tuple[FieldError, ...]
    has_empty: bool

    @property
    def is_canonical(self) -> bool:
        """Whether the address is the one to share, or has faults to be shown: it has one more candidate only if that cannot
        be understood, and no parameters that were left empty."""
        if self.faults:
            return True
        return not self.has_empty if self.added is None else self.added.reading is None

    @property
    def compared(self) -> tuple[Entry, ...]:
        """The candidates that are set side by side: the first ones that could be understood, as many as there is room for."""
        return tuple(entry for entry in self.entries if entry.reading)[:MAX_COMPARED]

    @property
    def overflow(self) -> tuple[Entry, ...]:
        """Those for which there is no room."""
        return tuple(entry for entry in self.entries if entry.reading)[MAX_COMPARED:]

    @property
    def invalid(self) -> tuple[Entry, ...]:
        """Those that could not be understood."""
        return tuple(entry for entry in self.entries if entry.reading is None)

    @property
    def given(self) -> list[Given]:
        """Every candidate as it was given, in order."""
        return [entry.given for entry in self.entries]

    @property
    def with_added(self) -> list[Given]:
        """The same with the one more in its place."""
        added = [self.added.given] if self.added else []
        if self.change and self.added:
            return [self.added.given if entry is self.change else entry.given for entry in self.entries]
        return self.given + added


def read(query: bytes, reader: CandidateParser) -> ComparisonQuery:
    """The candidates of a query string, percent-encoded UTF-8. A candidate that cannot be understood bears its faults."""
    parts = [part for part in query.decode("utf-8", "surrogateescape").split("&") if part]
    numbered: dict[int, list[str]] = {}
    added: list[str] = []
    others: list[str] = []
    for part in parts:
        if match := _NUMBERED.fullmatch(part):
            numbered.setdefault(int(match[1]), []).append(match[2])
        else:
            (added if part.partition("=")[0] in FIELD_BY_NAME else others).append(part)
    entries = tuple(_entry(number, own, reader) for number, (_, own) in enumerate(sorted(numbered.items()), start=1))
    values = query_string.parameters(_encoded(others))
    faults = [_unknown_parameter(name) for name in values if name not in (CHANGE, COPY, "model")]
    change, copy = (_referenced(name, values, entries, faults) for name in (CHANGE, COPY))
    return ComparisonQuery(
        entries,
        _entry(len(entries) + 1, added, reader) if added else None,
        change,
        copy,
        values.get("model", [""])[0],
        tuple(faults),
        any(part.endswith("=") for part in parts),
    )


def _entry(number: int, parts: Sequence[str], reader: CandidateParser) -> Entry:
    query = _encoded(parts)
    given = query_string.given(query)
    faults = tuple(_unknown_parameter(name) for name in query_string.parameters(query) if name in _NOT_NUMBERED)
    try:
        reading = query_string.read(query, reader, others=_NOT_NUMBERED).reading
    except ParametersError as error:
        return Entry(number, given, None, (*error.faults, *faults))
    return Entry(number, given, None if faults else reading, faults)


def _encoded(parts: Sequence[str]) -> bytes:
    return "&".join(parts).encode("utf-8", "surrogateescape")


def _unknown_parameter(name: str) -> FieldError:
    remedy = (
        f"{name[:80]!r} is not a parameter of a comparison. Number the fields of each candidate, as in c1.cargo_name."
    )
    return FieldError(name, "unknown_parameter", remedy)


def _referenced(
    name: str, values: dict[str, list[str]], entries: Sequence[Entry], faults: list[FieldError]
) -> Entry | None:
    """The candidate whose number a parameter holds; `faults` get one more where there is none."""
    text = values.get(name, [""])[0]
    entry = next((entry for entry in entries if str(entry.number) == text), None)
    if text and entry is None:
        remedy = (
            f"No candidate has this number. Give a number from 1 to {len(entries)}."
            if entries
            else "Add a candidate first."
        )
        faults.append(FieldError(name, "unknown_candidate", remedy, text))
    return entry
