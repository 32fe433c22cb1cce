"""Candidates over the whole vocabulary, as people type them: what the speed figures and the tests of equality are over."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from models.candidates.states import is_made_outside
from models.estimator.features import Features

Given = dict[str, str | list[str]]

# How often a field that may be left out is stated.
STATED = {"id": 0.5, "polarisation": 0.3, "species": 0.4, "engineering": 0.3, "cancer_type": 0.8, "recipient_cell": 0.4}
UNKNOWN = 0.05
CO_LOADED = 0.08
# Names that mean several things, nothing, or the opposite of what is named.
ODD_NAMES = ("MRP1", "blorbase", "miR-99999", "miR-21 inhibitor", "anti-miR-155", "miR-126*", "circ_0008253", "שלום")


class Candidates:
    """Draws candidates, every one of which can be understood; the same for the same seed."""

    def __init__(self, features: Features, seed: int = 0) -> None:
        vocabulary, roles = features.vocabulary, features.roles
        self._random = random.Random(seed)
        self._vocabulary, self._parser = vocabulary, features.parser
        self._sources = [
            (cell, phenotype)
            for cell in vocabulary.names("source_cell")
            for phenotype in sorted(vocabulary.phenotypes_of(cell))
        ]
        genes = roles.stems("gene")
        named = {
            "mirna": [f"{stem}{arm}" for stem in roles.stems("mirna") for arm in ("", "-5p", "-3p")],
            "lncrna": [*vocabulary.names("lncrna"), *roles.stems("lncrna")],
            "circrna": [f"circ{gene}" for gene in genes[::5]],
            "protein": [*vocabulary.names("protein"), *genes],
            "small_molecule": list(vocabulary.names("small_molecule")),
        }
        self._names = {
            cargo_type: named.get(cargo_type, list(genes))
            for cargo_type in vocabulary.names("cargo_type")
            if cargo_type != "whole_vesicle"
        }

    def draw(self, count: int) -> list[Given]:
        """`count` candidates, no two of them alike."""
        found: dict[str, Given] = {}
        while len(found) < count:
            one = self._one()
            found.setdefault(repr(one), one)
        return list(found.values())

    def cargos_of(self, cargo_type: str) -> Sequence[str]:
        """The names that cargos of a type are drawn from; none for a whole vesicle."""
        return self._names.get(cargo_type, ())

    def spellings(self, field: str, name: str) -> list[str]:
        """A term by its name, and what else people type for it alone."""
        aliases = self._vocabulary.term(field, name).aliases
        return [name, *(alias for alias in aliases if self._vocabulary.lookup(field, alias).name == name)]

    def _one(self) -> Given:
        chance = self._random.random
        cell, phenotype = self._random.choice(self._sources)
        cargo_type = self._random.choice(["mirna", "mirna", "mirna", *self._vocabulary.names("cargo_type")])
        one: dict[str, Any] = {
            "source_cell": self._spelled("source_cell", cell),
            "source_phenotype": phenotype,
            "cargo_type": self._spelled("cargo_type", cargo_type),
        }
        if cargo_type != "whole_vesicle":
            one["cargo_name"] = self._cargo(cargo_type)
        one["cargo_state"] = self._state(cargo_type, one.get("cargo_name", ""))
        for field, share in STATED.items():
            if chance() < share:
                one[field] = self._optional(field)
        return one

    def _state(self, cargo_type: str, name: str) -> str:
        """A state that such cargo can be in."""
        states = self._vocabulary.names("cargo_state")
        if is_made_outside(self._parser.cargo(cargo_type, name, True).cargo):
            states = tuple(state for state in states if state not in ("native", "depleted"))
        return self._random.choice(states)

    def _cargo(self, cargo_type: str) -> str:
        if self._random.random() < UNKNOWN:
            return self._random.choice(ODD_NAMES)
        count = 2 if self._random.random() < CO_LOADED else 1
        return "+".join(self._random.choice(self._names[cargo_type]) for _ in range(count))

    def _optional(self, field: str) -> str | list[str]:
        if field == "id":
            return f"candidate {self._random.randrange(10**6)}"
        if field == "cancer_type":
            unknown = self._random.random() < UNKNOWN
            return "cancer of the left antenna" if unknown else self._term(field)
        terms = [self._term(field) for _ in range(self._random.randint(1, 3))]
        if field == "polarisation" and self._random.random() < UNKNOWN:
            terms.append("moonlight")
        return terms if self._random.random() < 0.7 else ";".join(terms)

    def _term(self, field: str) -> str:
        return self._spelled(field, self._random.choice(self._vocabulary.names(field)))

    def _spelled(self, field: str, name: str) -> str:
        """A term by its name, or now and then by what else people type for it alone."""
        aliases = self._vocabulary.term(field, name).aliases
        if not aliases or self._random.random() > 0.3:
            return name
        alias = self._random.choice(aliases)
        return alias if self._vocabulary.lookup(field, alias).name == name else name
