"""Reads the values that a design may take, as scoring reads them: sources, cargos, and each other field by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TypeVar

from models.candidates.candidate import FIELD_BY_NAME, Normalization, RawValue
from models.candidates.cargo import cargo_key
from models.candidates.parser import CandidateParser
from models.designs.known import KnownTerms, NamedCargo, Source
from models.designs.request import KNOWN, MAX_VALUES, Constraints, DesignRequest, Values
from models.errors import CandidateError, DesignError, FieldError
from models.evidence.targets import Targets

# Fields that only mean something together.
SOURCE, CARGO = ("source_cell", "source_phenotype"), ("cargo_type", "cargo_name")
STATE = "cargo_state"
Pair = TypeVar("Pair", Source, NamedCargo)


@dataclass(frozen=True)
class Axes:
    """What the variants of a design are combinations of; `others` are the values of each further field, by field.

    `notes` say how values were read that are no canonical terms. `left_out` counts the cargos that
    constraints leave out, by reason.
    """

    sources: Sequence[Source]
    cargos: Sequence[NamedCargo]
    others: Mapping[str, Sequence[RawValue]]
    notes: tuple[Normalization, ...]
    left_out: Counter[str]


def read_axes(request: DesignRequest, parser: CandidateParser, known: KnownTerms, targets: Targets) -> Axes:
    """The axes of a request. Raises DesignError with every value that means nothing."""
    return _AxisParser(request, parser, known).read(targets)


class _AxisParser:
    """Reads the axes of one request, and collects what is wrong with its values."""

    def __init__(self, request: DesignRequest, parser: CandidateParser, known: KnownTerms) -> None:
        self._request = request
        self._parser = parser
        self._known = known
        self._values: dict[str, Values | str] = {name: [value] for name, value in request.fixed.items()}
        self._values |= request.vary
        self._faults: list[FieldError] = []
        self._notes: dict[Normalization, None] = {}

    def read(self, targets: Targets) -> Axes:
        sources, cargos = self._read_sources(), self._read_cargos()
        apart = [name for name in FIELD_BY_NAME if name in self._values and name not in (*SOURCE, *CARGO)]
        others = {name: self._read(name) for name in apart}
        excluded = self._read_excluded(self._request.constraints, targets)
        if self._faults:
            raise DesignError(self._faults)
        kept, left_out = _select(cargos, excluded, self._request.constraints, targets)
        return Axes(sources, kept, others, tuple(self._notes), left_out)

    def _read(self, name: str) -> list[RawValue]:
        """The values of a field in canonical terms, each once; those of one that only means something with another are texts."""
        values = self._values[name]
        read: dict[RawValue, None] = {}
        for value in self._known.of_field(name) if values == KNOWN else values:
            try:
                parsed = self._parser.parse_value(name, value)
                self._note(parsed.notes)
                read[parsed.value] = None
            except CandidateError as error:
                self._refuse(name, error)
        return list(read)

    def _texts(self, name: str) -> list[str]:
        """The values of a field that only means something with another; one empty text where it is not stated."""
        return [str(value or "") for value in self._read(name)] if name in self._values else [""]

    def _read_sources(self) -> Sequence[Source]:
        cell, phenotype = SOURCE
        cells = self._texts(cell)
        if self._values.get(phenotype) == KNOWN:
            named = self._pair(SOURCE, cells, [""], self._source)
            return [
                Source(name, state)
                for name in dict.fromkeys(source.cell for source in named)
                for state in self._known.phenotypes_of(name)
            ]
        phenotypes = self._texts(phenotype)
        if not any((*cells, *phenotypes)) and not self._faults:
            remedy = f"Fix the source or let it vary: {cell} or {phenotype}, as a value, a list, or {KNOWN!r}"
            self._faults.append(FieldError(f"vary.{cell}", "missing", remedy))
            return []
        return self._pair(SOURCE, cells, phenotypes, self._source)

    def _read_cargos(self) -> Sequence[NamedCargo]:
        cargo_type, cargo_name = CARGO
        if cargo_type not in self._values:
            remedy = f"Fix the cargo type or let it vary: a value, a list, or {KNOWN!r}"
            allowed = self._parser.vocabulary.names(cargo_type)
            self._faults.append(FieldError(f"vary.{cargo_type}", "missing", remedy, allowed=allowed))
            return []
        types = [str(name) for name in self._read(cargo_type)]
        if self._values.get(cargo_name) == KNOWN:
            return [cargo for name in types for cargo in self._known.cargos_of(name)]
        cargos = self._pair(CARGO, types, self._texts(cargo_name), self._cargo)
        # A name goes with the types that it fits, if it fits any.
        fitting = {cargo.name for cargo in cargos if cargo.fits}
        return [cargo for cargo in cargos if cargo.fits or cargo.name not in fitting]

    def _pair(
        self, names: tuple[str, str], firsts: Sequence[str], seconds: Sequence[str], read: Callable[[str, str], Pair]
    ) -> list[Pair]:
        """The pairs of two fields that go together, each once. A value that goes with none of the other is refused."""
        if len(firsts) * len(seconds) > MAX_VALUES:
            many = f"These are {len(firsts) * len(seconds):,} pairs of {names[0]} and {names[1]}"
            says = f"{many}, and at most {MAX_VALUES:,} can be read. Shorten a list"
            self._faults.append(FieldError(f"vary.{names[1]}", "too_large", says))
            return []
        pairs: dict[Pair, None] = {}
        refused: dict[tuple[str, str], CandidateError] = {}
        fitting: set[tuple[str, str]] = set()
        for values in product(firsts, seconds):
            of_fields = tuple(zip(names, values, strict=True))
            try:
                pairs[read(*values)] = None
                fitting.update(of_fields)
            except CandidateError as error:
                for of_field in of_fields:
                    refused.setdefault(of_field, error)
        unfit = {id(why): (name, why) for (name, value), why in refused.items() if (name, value) not in fitting}
        for name, why in unfit.values():
            self._refuse(name, why)
        return list(pairs)

    def _source(self, cell: str, phenotype: str) -> Source:
        read = self._parser.source(cell, phenotype)
        for value in read:
            self._note(value.notes)
        return Source(read[0].value, read[1].value)

    def _cargo(self, cargo_type: str, text: str) -> NamedCargo:
        self._note(self._parser.cargo(cargo_type, text, True).notes)
        return NamedCargo.parse(self._parser, cargo_type, text)

    def _read_excluded(self, constraints: Constraints, targets: Targets) -> frozenset[str]:
        """The keys of the cargos that are to be left out."""
        if constraints.validated_targets and not targets.version:
            remedy = "No table of validated targets is imported. Import one with exoscore knowledge import, or leave this out"
            self._faults.append(FieldError("constraints.validated_targets", "missing", remedy))
        keys: set[str] = set()
        for text in constraints.exclude_cargos:
            names = [name for name in self._parser.naming.cargos("", text) if name.recognised]
            if not names:
                suggest = partial(self._parser.naming.nearest, text)
                says = f"{text!r} is no known cargo"
                self._faults.append(
                    FieldError("constraints.exclude_cargos", "unknown_term", says, text, suggest=suggest)
                )
            keys.update(map(cargo_key, names))
        return frozenset(keys)

    def _refuse(self, name: str, error: CandidateError) -> None:
        """Takes the faults of a value, at the field that has it in the request."""
        for fault in error.faults:
            at = fault.field if fault.field in self._values else name
            self._faults.append(replace(fault, field=f"{'vary' if at in self._request.vary else 'fixed'}.{at}"))

    def _note(self, notes: Sequence[Normalization]) -> None:
        self._notes.update(dict.fromkeys(note for note in notes if note.how != "default"))


def _select(
    cargos: Sequence[NamedCargo], excluded: frozenset[str], constraints: Constraints, targets: Targets
) -> tuple[list[NamedCargo], Counter[str]]:
    """The cargos that the constraints leave, and why others were left out, counted."""
    kept, left_out = [], Counter[str]()
    for cargo in cargos:
        if not excluded.isdisjoint(cargo.cargo.keys):
            left_out["Cargos that exclude_cargos names"] += 1
        elif constraints.validated_targets and not targets.of(cargo.cargo.names):
            left_out["Cargos without a validated target"] += 1
        else:
            kept.append(cargo)
    return kept, left_out
