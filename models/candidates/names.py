"""How a name by itself is understood: as a cargo, and as a term of each field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from models.naming.resolver import CargoName
from models.vocabulary.vocabulary import Match


class NameReading(NamedTuple):
    """What one name was read as: the cargo, which may be unknown, and by field the terms that it can mean."""

    given: str
    cargo: CargoName
    terms: Mapping[str, Match]

    def as_dict(self) -> dict[str, Any]:
        """The same as a document."""
        return {
            "given": self.given,
            "cargo": self.cargo._asdict() | {"recognised": self.cargo.recognised},
            "terms": {field: {"names": match.names, "how": match.how} for field, match in self.terms.items()},
        }


def read_name(parser: CandidateParser, name: str, cargo_type: str = "") -> NameReading:
    """How a name is understood; a `cargo_type`, in any usual spelling, is what it is read as first.

    Raises CandidateError where the cargo type is not known.
    """
    if cargo_type:
        cargo_type = parser.parse_value("cargo_type", cargo_type).value
    terms = {
        field: match
        for field, spec in FIELD_BY_NAME.items()
        if spec.controlled and (match := parser.vocabulary.lookup(field, name)).names
    }
    return NameReading(name, parser.naming.cargo(cargo_type, name), terms)
