"""Several candidates as the query of an address: `c1.source_phenotype=M2&c1.cargo_type=mirna&…&c2.source_phenotype=M1&…`.

Fields without a number are those of one candidate more, as a form sends them; it takes the place of the one that `change`
names, else comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.candidate import FIELD, Reader, Reading
from models.errors import Fault
from service import candidate_query
from service.candidate_query import Given
from service.errors import ParametersError

MOST = 10
CHANGE, COPY = "change", "copy"
_OTHERS = (CHANGE, COPY)
# What the query of one candidate may have besides its fields, and one of several may not.
_OF_ALL = ("model", "format")
_NUMBERED = re.compile(r"c([1-9][0-9]{0,3})\.(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate of a comparison: its number among them from 1, what was given, and what it was understood as, or why not."""

    number: int
    given: Given
    reading: Reading | None
    faults: tuple[Fault, ...] = ()

    @property
    def letter(self) -> str:
        """A to J, by which tables and figures speak of it; the number beyond."""
        return chr(ord("A") + self.number - 1) if self.number <= MOST else str(self.number)


@dataclass(frozen=True, slots=True)
class ComparisonQuery:
    """What a query asks for: the candidates in order, one more (None where none is given), which one that replaces or is to
    be like, the model (empty for the current one), and the faults of parameters that are no candidate's."""

    entries: tuple[Entry, ...]
    added: Entry | None
    change: Entry | None
    copy: Entry | None
    model: str
    faults: tuple[Fault, ...]
    sparse: bool

    @property
    def settled(self) -> bool:
        """Whether the address is the one to share, or has faults to be told: it has one more candidate only if that cannot be
        understood, and no parameters that were left empty."""
        if self.faults:
            return True
        return self.sparse if self.added is None else self.added.reading is None

    @property
    def compared(self) -> tuple[Entry, ...]:
        """The candidates that are set side by side: the first ones that could be understood, as many as there is room for."""
        return tuple(one for one in self.entries if one.reading is not None)[:MOST]

    @property
    def faulty(self) -> tuple[Entry, ...]:
        """Those that could not be understood."""
        return tuple(one for one in self.entries if one.reading is None)

    @property
    def beyond(self) -> tuple[Entry, ...]:
        """Those for which there is no room."""
        return tuple(one for one in self.entries if one.reading is not None)[MOST:]

    @property
    def given(self) -> list[Given]:
        """Every candidate as it was given, in order."""
        return [one.given for one in self.entries]

    @property
    def united(self) -> list[Given]:
        """The same with the one more in its place."""
        if self.added is None:
            return self.given
        if self.change is None:
            return [*self.given, self.added.given]
        return [self.added.given if one is self.change else one.given for one in self.entries]


def read(query: bytes, reader: Reader) -> ComparisonQuery:
    """The candidates of a query string, percent-encoded UTF-8. A candidate that cannot be understood bears its faults."""
    groups: dict[int, list[str]] = {}
    rest: list[str] = []
    sparse = True
    for part in filter(None, query.decode("utf-8", "surrogateescape").split("&")):
        numbered = _NUMBERED.fullmatch(part)
        sparse = sparse and not part.endswith("=")
        (groups.setdefault(int(numbered[1]), []) if numbered else rest).append(numbered[2] if numbered else part)
    entries = tuple(
        _entry(number, "&".join(parts), reader) for number, (_, parts) in enumerate(sorted(groups.items()), start=1)
    )
    own = [part for part in rest if part.partition("=")[0] in FIELD]
    others = candidate_query.parameters(_encoded("&".join(part for part in rest if part not in own)))
    faults = [_stranger(name) for name in others if name not in (*_OTHERS, "model")]
    chosen = {name: _chosen(name, others, entries, faults) for name in _OTHERS}
    return ComparisonQuery(
        entries,
        _entry(len(entries) + 1, "&".join(own), reader) if own else None,
        chosen[CHANGE],
        chosen[COPY],
        others.get("model", [""])[0],
        tuple(faults),
        sparse,
    )


def write(candidates: Sequence[Given], model: str = "") -> str:
    """The query string of candidates; `read` understands it as the same ones."""
    parts = [
        f"c{number}.{part}"
        for number, given in enumerate(candidates, start=1)
        for part in candidate_query.write(given).split("&")
        if part
    ]
    return "&".join([*parts, f"model={model}"] if model else parts)


def _entry(number: int, query: str, reader: Reader) -> Entry:
    text = _encoded(query)
    given = candidate_query.given(text)
    faults = [_stranger(name) for name in candidate_query.parameters(text) if name in _OF_ALL]
    try:
        asked = candidate_query.read(text, reader, others=_OF_ALL)
    except ParametersError as error:
        return Entry(number, given, None, (*error.faults, *faults))
    return Entry(number, given, None if faults else asked.reading, tuple(faults))


def _encoded(query: str) -> bytes:
    return query.encode("utf-8", "surrogateescape")


def _stranger(name: str) -> Fault:
    known = f"{name[:80]!r} is not a parameter of a comparison; fields are numbered, as in c1.cargo_name"
    return Fault(name, "unknown_parameter", known)


def _chosen(name: str, others: dict[str, list[str]], entries: Sequence[Entry], faults: list[Fault]) -> Entry | None:
    text = others.get(name, [""])[0]
    if not text:
        return None
    found = next((one for one in entries if str(one.number) == text), None)
    if found is None:
        faults.append(
            Fault(name, "unknown_candidate", f"{name} names no candidate: there is none with that number", text)
        )
    return found
