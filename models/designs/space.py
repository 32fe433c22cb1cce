"""The space of a design: every combination of the sources, cargos, states and other values that may vary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np

from models.arrays import Rows
from models.candidates.candidate import RawValue
from models.candidates.cargo import Cargo
from models.candidates.states import is_made_outside, read_state
from models.columnar.lookup import DictionaryColumn
from models.columnar.scorer import RawColumn
from models.designs.axes import STATE, Axes
from models.designs.feasibility import find_rule, load_rules
from models.errors import DesignError, FieldError
from models.estimator.applicability import Support

MAX_VARIANTS = 50_000_000
# The code of a combination that can be made, and why others are not, besides the rules.
_FEASIBLE = -1
TOO_FEW_PAPERS = "Fewer papers than min_papers have findings of this source and state"


class CargoKind(NamedTuple):
    """What decides of a cargo whether it can be had in a state."""

    cargo_type: str
    made_outside: bool


@dataclass(frozen=True)
class Block:
    """Some variants of a space that can be made: their `places` in it, the place of the source and cargo of each on their axes,
    the `papers` with findings of the source and state, and all fields in columns. `left_out` counts the others by reason."""

    places: Rows
    sources: Rows
    cargos: Rows
    papers: Rows
    columns: Mapping[str, RawColumn]
    left_out: Counter[str]


class DesignSpace:
    """Every combination of some axes, in the order in which values are listed, the last axis changing fastest."""

    def __init__(self, axes: Axes, support: Support, min_papers: int = 0) -> None:
        """Raises DesignError where there is nothing to choose from, or too much, or nothing that could be made."""
        self.axes = axes
        self._others = list(axes.others)
        self._shape = (len(axes.sources), len(axes.cargos), *map(len, axes.others.values()))
        self._check_size()
        kinds = [_kind_of(cargo.cargo) for cargo in axes.cargos]
        self._kinds = list(dict.fromkeys(kinds))
        self._kind = np.array([self._kinds.index(kind) for kind in kinds])
        self._papers, self._barred = self._assess(support, min_papers)
        if (self._barred != _FEASIBLE).all():
            reasons = ". ".join(map(_reason, np.unique(self._barred).tolist()))
            raise DesignError([FieldError("vary", "empty", f"None of these combinations can be made. {reasons}")])

    def __len__(self) -> int:
        """How many combinations there are, those that cannot be made among them."""
        return prod(self._shape)

    def block(self, start: int, stop: int) -> Block:
        """The variants from one place to before another."""
        places = np.arange(start, min(stop, len(self)))
        codes = np.unravel_index(places, self._shape)
        combination = (
            codes[0],
            self._kind[codes[1]],
            codes[2 + self._others.index(STATE)] if STATE in self._others else 0,
        )
        barred = self._barred[combination]
        rows = np.flatnonzero(barred == _FEASIBLE)
        counts = np.bincount(barred + 1)
        source, cargo, *others = (code[rows] for code in codes)
        return Block(
            places=places[rows],
            sources=source,
            cargos=cargo,
            papers=self._papers[combination][rows],
            columns=self._columns(source, cargo, others),
            left_out=Counter(
                {_reason(code - 1): int(counts[code]) for code in np.flatnonzero(counts).tolist() if code}
            ),
        )

    def candidate(self, place: int) -> dict[str, RawValue]:
        """The fields of the variant at a place."""
        source, cargo, *others = (np.array([code]) for code in np.unravel_index(place, self._shape))
        columns = self._columns(source, cargo, others)
        return {name: value for name, column in columns.items() if (value := column.values[column.codes[0]])}

    @cached_property
    def families(self) -> Rows:
        """The code of the family of each cargo."""
        code_of: dict[str, int] = {}
        return np.array([code_of.setdefault(cargo.family, len(code_of)) for cargo in self.axes.cargos])

    @cached_property
    def _values(self) -> Mapping[str, Sequence[RawValue]]:
        """The values of each field, in the order of its axis."""
        axes = self.axes
        return {
            "source_cell": [source.cell for source in axes.sources],
            "source_phenotype": [source.phenotype for source in axes.sources],
            "cargo_type": [cargo.cargo_type for cargo in axes.cargos],
            "cargo_name": [cargo.name for cargo in axes.cargos],
            **axes.others,
        }

    def _columns(self, source: Rows, cargo: Rows, others: Sequence[Rows]) -> dict[str, RawColumn]:
        codes = (source, source, cargo, cargo, *others)
        return {
            name: DictionaryColumn(values, of_field.astype(np.int32))
            for (name, values), of_field in zip(self._values.items(), codes, strict=True)
        }

    def _assess(self, support: Support, min_papers: int) -> tuple[Rows, Rows]:
        """Of every source, kind of cargo and state: the papers behind it, and the code of why it is left out."""
        states = self.axes.others.get(STATE, [""])
        shape = (len(self.axes.sources), len(self._kinds), len(states))
        papers, barred = np.zeros(shape, dtype=np.intp), np.full(shape, _FEASIBLE)
        example = {_kind_of(cargo.cargo): cargo.cargo for cargo in self.axes.cargos}
        for place in np.ndindex(shape):
            source, kind = self.axes.sources[place[0]], self._kinds[place[1]]
            # What a cargo is taken for whose state is not stated.
            state = str(states[place[2]]) or read_state(example[kind], "", secretes_drugs=False)[1]
            papers[place] = support.of("stratum", f"{source.cell}/{source.phenotype}/{state}").papers
            barred[place] = find_rule(example[kind], source.cell, state)
            if barred[place] == _FEASIBLE and papers[place] < min_papers:
                barred[place] = len(load_rules())
        return papers, barred

    def _check_size(self) -> None:
        size = len(self)
        if not self.axes.cargos:
            reasons = " and ".join(reason[0].lower() + reason[1:] for reason in self.axes.left_out)
            where, says = "vary.cargo_name", "No cargo of these types is known. Give a list of names"
            if reasons:
                where, says = "constraints", f"No cargo is left: {reasons} were taken out"
            raise DesignError([FieldError(where, "empty", says)])
        if size < 2:
            says = "These values make one candidate, so there is nothing to choose from. Let a field vary, or score it"
            raise DesignError([FieldError("vary", "empty", says)])
        if size > MAX_VARIANTS:
            counts = zip(("sources", "cargos", *self._others), self._shape, strict=True)
            product = " x ".join(f"{count:,} {name}" for name, count in counts if count > 1)
            says = (
                f"These are {size:,} variants ({product}), and at most {MAX_VARIANTS:,} can be ranked. Shorten a list"
            )
            raise DesignError([FieldError("vary", "too_large", says)])


def _kind_of(cargo: Cargo) -> CargoKind:
    return CargoKind(cargo.cargo_type, is_made_outside(cargo))


def _reason(code: int) -> str:
    rules = load_rules()
    return rules[code].reason if code < len(rules) else TOO_FEW_PAPERS
