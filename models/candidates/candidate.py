"""What a candidate is, in canonical terms and as it was read.

The fields are the same flat ones in JSON, CSV, Parquet, the database and the findings table; `FIELDS` is the one place that
lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from models.candidates.cargo import NO_CARGO, Cargo
from models.naming.resolver import CargoName


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a candidate. `many` fields hold a list of terms; `open` ones keep a term that is not known."""

    name: str
    help: str
    required: bool = False
    default: str = ""
    many: bool = False
    controlled: bool = True
    open: bool = False


FIELDS = (
    FieldSpec("id", "Your own name for the candidate, returned with its prediction.", controlled=False),
    FieldSpec(
        "source_cell",
        "The cell that secreted the vesicle; its phenotype may be part of it, as in M2 macrophage.",
        default="macrophage",
    ),
    FieldSpec(
        "source_phenotype",
        "The phenotype of the source cell, such as M0, M1, M2, TAM, CAF or bone_marrow.",
        default="unspecified",
    ),
    FieldSpec(
        "polarisation", "What the source cell was stimulated with, such as IL-4 or hypoxia.", many=True, open=True
    ),
    FieldSpec("species", "The species of the source cell.", many=True),
    FieldSpec(
        "cargo_type",
        "What the cargo is: a type of RNA, a protein, a small molecule, or the whole vesicle; of several cargos joined by +.",
        required=True,
    ),
    FieldSpec(
        "cargo_name",
        "The name of the cargo in any usual spelling; join up to 10 co-loaded cargos with +, as in miR-21:0.9+paclitaxel:0.1.",
        controlled=False,
    ),
    FieldSpec(
        "cargo_state",
        "How the cargo got into the vesicle, or that it was removed; if empty, loaded for what cells do not make.",
        default="native",
    ),
    FieldSpec("engineering", "How the vesicle was modified.", many=True),
    FieldSpec("cancer_type", "The cancer type that the vesicle acts on.", open=True),
    FieldSpec("recipient_cell", "The cells that take up the vesicle.", many=True),
)
FIELD_BY_NAME = {spec.name: spec for spec in FIELDS}
_MANY = frozenset(spec.name for spec in FIELDS if spec.many)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A therapeutic exosome candidate in canonical terms. An empty text or tuple means not stated."""

    source_phenotype: str
    cargo_type: str
    cargo_name: str = ""
    source_cell: str = "macrophage"
    polarisation: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    cargo_state: str = "native"
    engineering: tuple[str, ...] = ()
    cancer_type: str = ""
    recipient_cell: tuple[str, ...] = ()
    id: str = ""

    def to_dict(self) -> dict[str, str | list[str]]:
        """The fields that are stated, in the order of `FIELDS`, with lists as lists: ready for JSON."""
        values = {name: getattr(self, name) for name in FIELD_BY_NAME}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


# How a value is read that was understood, but counts by a rule that the model did not learn.
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Normalization:
    """How one given value was read: `used` stands for `given` because of `how`."""

    field: str
    given: str
    used: str
    how: str
    identifier: str = ""
    alternatives: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ParsedValue:
    """One field as read: its value in canonical terms (empty where not stated), how it was read, and of the cargo what it is.

    Two are the same only if they are one object, so that tables can find it fast.
    """

    value: Any = ""
    notes: tuple[Normalization, ...] = ()
    cargo: Cargo = NO_CARGO

    @property
    def recognised(self) -> bool:
        """Whether the value of an open field is a term of the vocabulary (or not stated)."""
        return not any(note.how in ("unknown", "ambiguous") for note in self.notes)


Column = TypeVar("Column")


class ParsedFields(NamedTuple, Generic[Column]):
    """The fields of a candidate as read, in the order of `FIELDS`, or columns of them; values of list fields are tuples."""

    id: Column
    source_cell: Column
    source_phenotype: Column
    polarisation: Column
    species: Column
    cargo_type: Column
    cargo_name: Column
    cargo_state: Column
    engineering: Column
    cancer_type: Column
    recipient_cell: Column


ParsedColumns = ParsedFields[Sequence[ParsedValue]]
value_of = attrgetter("value")
cargo_of = attrgetter("cargo")
# What the columns of candidates may be given as: not stated, a text, or for a list field several.
RawValue = str | tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class ParsedCandidate:
    """A candidate as understood, field by field. Two are equal if they understood the same candidate in the same way."""

    reads: ParsedFields[ParsedValue]
    # The mapping that it was read from.
    given: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def candidate(self) -> Candidate:
        """The canonical fields."""
        return Candidate(
            **{name: read.value for name, read in zip(FIELD_BY_NAME, self.reads, strict=True) if read.value}
        )

    @cached_property
    def columns(self) -> ParsedColumns:
        """The candidate as the only one of columns."""
        return ParsedFields(*((read,) for read in self.reads))

    @property
    def notes(self) -> tuple[Normalization, ...]:
        """What was read how; the phenotype, which depends on the cell, and the cargo, which depends on its type, come last."""
        _, cell, phenotype, stimuli, species, cargo_type, cargo, *rest = self.reads
        ordered = (cell, stimuli, species, cargo_type, *rest, phenotype, cargo)
        return tuple(note for read in ordered for note in read.notes)

    @property
    def carried(self) -> Cargo:
        """What the vesicle carries, as one thing."""
        return self.reads.cargo_name.cargo

    @property
    def cargo(self) -> tuple[CargoName, ...]:
        """The cargos as resolved."""
        return self.carried.names

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParsedCandidate):
            return NotImplemented
        return (self.candidate, self.cargo, self.notes) == (other.candidate, other.cargo, other.notes)

    def __hash__(self) -> int:
        return hash(self.candidate)


def columns_of(readings: Sequence[ParsedCandidate]) -> ParsedColumns:
    """Candidates in columns, in their order."""
    rows = [reading.reads for reading in readings]
    return ParsedFields(*zip(*rows, strict=True)) if rows else ParsedFields(*([()] * len(FIELD_BY_NAME)))


def stated(given: Mapping[str, object]) -> dict[str, Any]:
    """What was given of a candidate that could be read, in the order of its fields, lists as lists."""
    values: dict[str, Any] = {name: given[name] for name in FIELD_BY_NAME if given.get(name)}
    for name in _MANY & values.keys():
        parts = values[name].split(";") if isinstance(values[name], str) else values[name]
        values[name] = [part for part in parts if not isinstance(part, str) or part.strip()]
        if not values[name]:
            del values[name]
    return values
