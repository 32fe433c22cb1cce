"""What `known` stands for in a design: the terms that reports or findings speak of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.candidates.cargo import WHOLE_VESICLE, Cargo
from models.candidates.parser import CandidateParser
from models.candidates.sources import OTHER_CELL, UNSPECIFIED
from models.designs.families import family_of
from models.estimator.applicability import Support
from models.estimator.features import KIND_OF_CARGO_TYPE, Features
from models.evidence.evidence import EvidenceBase
from models.naming.resolver import is_of_type

_CIRCULAR = "circ"
# Of these fields the terms that findings have are known; of others all of the vocabulary.
_OF_FINDINGS = ("source_cell", "cargo_type", "cancer_type")
# A depleted vesicle is judged against the same one with its cargo, not against none: it is ranked only where a list names it.
_RELATIVE = ("cargo_state", "depleted")


@dataclass(frozen=True, slots=True)
class Source:
    """A cell with its phenotype, in canonical terms."""

    cell: str
    phenotype: str


@dataclass(frozen=True, slots=True)
class NamedCargo:
    """What a cargo is, its name in canonical terms, and its family."""

    cargo_type: str
    name: str
    cargo: Cargo
    family: str

    @classmethod
    def parse(cls, parser: CandidateParser, cargo_type: str, text: str) -> NamedCargo:
        """A cargo as scoring reads it. Raises CandidateError."""
        read = parser.cargo(cargo_type, text, True)
        return cls(read.cargo.cargo_type, read.value, read.cargo, family_of(read.cargo))

    @property
    def fits(self) -> bool:
        """Whether all its names are of its type."""
        return all(
            is_of_type(cargo_type, name.kind)
            for cargo_type, name in zip(self.cargo.type_of_each, self.cargo.names, strict=True)
        )


class KnownTerms:
    """The known terms of each field, by one model and its knowledge."""

    def __init__(self, features: Features, support: Support, evidence: EvidenceBase) -> None:
        self._features = features
        self._support = support
        self._evidence = evidence
        self._cargos: dict[str, tuple[NamedCargo, ...]] = {}

    def of_field(self, name: str) -> tuple[str, ...]:
        """The terms of a field. A cell that has no name is no source that could be had, and a depleted vesicle is left out."""
        terms = self._features.vocabulary.names(name)
        if name not in _OF_FINDINGS:
            return tuple(term for term in terms if (name, term) != _RELATIVE)
        return tuple(term for term in terms if term in self._support.counts[name] and term != OTHER_CELL)

    def phenotypes_of(self, cell: str) -> tuple[str, ...]:
        """The phenotypes of a cell in findings; unspecified where there are none."""
        seen = [value.partition("/") for value in self._support.counts["source_phenotype"]]
        return tuple(sorted(phenotype for of, _, phenotype in seen if of == cell)) or (UNSPECIFIED,)

    def cargos_of(self, cargo_type: str) -> tuple[NamedCargo, ...]:
        """The cargos of a type that reports or findings speak of, each once; of microRNAs also their inhibitors."""
        if cargo_type not in self._cargos:
            self._cargos[cargo_type] = tuple(self._find_cargos(cargo_type))
        return self._cargos[cargo_type]

    def _find_cargos(self, cargo_type: str) -> Iterator[NamedCargo]:
        if cargo_type == WHOLE_VESICLE:
            yield NamedCargo(cargo_type, "", Cargo(cargo_type), cargo_type)
            return
        # Reports are counted by stem, so the arms of a microRNA would be scored alike.
        known: set[tuple[tuple[str, ...], tuple[int, ...]]] = set()
        for text in self._names_of(cargo_type):
            cargo = NamedCargo.parse(self._features.parser, cargo_type, text)
            key = cargo.cargo.keys, cargo.cargo.signs
            if key not in known and len(cargo.cargo.names) == 1:
                known.add(key)
                yield cargo

    def _names_of(self, cargo_type: str) -> Iterator[str]:
        kind = KIND_OF_CARGO_TYPE.get(cargo_type)
        for stem in self._features.roles.stems(kind) if kind else ():
            # Reports on circular RNAs stand among those on long non-coding ones.
            if kind != "lncrna" or stem.startswith(_CIRCULAR) == (cargo_type == "circrna"):
                yield stem
                if cargo_type == "mirna":
                    yield f"anti-{stem}"
        for finding in self._evidence.evidence:
            name = finding.candidate.get("cargo_name")
            if finding.candidate.get("cargo_type") == cargo_type and isinstance(name, str) and name:
                yield name
