"""What a candidate is, and how a raw mapping of fields is understood as one.

The fields are the same flat ones in JSON, CSV, Parquet, the database and the findings table; `FIELDS` is the one place that
lists them. Every fault of a mapping is found in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import repeat
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from models.cargo import NO_CARGO, WHOLE_VESICLE, Cargo
from models.errors import CandidateError, Fault
from models.naming import CargoName, Naming, closest
from models.texts import MAX_LIST as MAX_LIST
from models.texts import MAX_TEXT as MAX_TEXT
from models.texts import is_short, short, texts_of
from models.vocabulary import Match, Vocabulary


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a candidate. `many` fields hold a list of terms; `open` ones keep a term that is not known."""

    name: str
    help: str
    required: bool = False
    default: str = ""
    many: bool = False
    controlled: bool = True
    open: bool = False


FIELDS = (
    Field("id", "The caller's own name for the candidate, given back with its score.", controlled=False),
    Field("source_cell", "The cell that secreted the vesicle.", default="macrophage"),
    Field("source_phenotype", "The state of the source cell: M0, M1, M2, TAM, CAF, bone_marrow …", required=True),
    Field("polarisation", "What the source cell was stimulated with.", many=True, open=True),
    Field("species", "The species of the source cell.", many=True),
    Field("cargo_type", "The kind of cargo.", required=True),
    Field("cargo_name", "The cargo in any usual spelling; several co-loaded ones joined by +.", controlled=False),
    Field("cargo_state", "How the cargo came to be in, or out of, the vesicle.", default="native"),
    Field("engineering", "What was done to the vesicle.", many=True),
    Field("cancer_type", "The tumour that the vesicle meets.", open=True),
    Field("recipient_cell", "The cells that take the vesicle up.", many=True),
)
FIELD = {one.name: one for one in FIELDS}


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

    def stated(self) -> dict[str, str | list[str]]:
        """The fields that are stated, in the order of `FIELDS`, with lists as lists: ready for JSON."""
        values = {one.name: getattr(self, one.name) for one in FIELDS}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Note:
    """How one given value was read: `used` stands for `given` because of `how`."""

    field: str
    given: str
    used: str
    how: str
    identifier: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One field as read: its value in canonical terms (empty where not stated), how it was read, and of the cargo what it is.

    Two are the same only if they are one object, so that tables can find it fast.
    """

    value: Any = ""
    notes: tuple[Note, ...] = ()
    cargo: Cargo = NO_CARGO

    @property
    def recognised(self) -> bool:
        """Whether the value of an open field is a term of the vocabulary (or not stated)."""
        return not any(note.how in ("unknown", "ambiguous") for note in self.notes)


Column = TypeVar("Column")


class Reads(NamedTuple, Generic[Column]):
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


_NO_ID = Read()
# How many values of each field, and how many cargos, are remembered.
MAX_VALUES, MAX_CARGOS = 2048, 4096
ReadColumns = Reads[Sequence[Read]]
value_of = attrgetter("value")
cargo_of = attrgetter("cargo")
# What the columns of candidates may be given as: not stated, a text, or for a list field several.
Given = str | tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Reading:
    """A candidate as understood, field by field. Two are equal if they understood the same candidate in the same way."""

    reads: Reads[Read]

    @cached_property
    def candidate(self) -> Candidate:
        """The canonical fields."""
        return Candidate(**{name: read.value for name, read in zip(FIELD, self.reads, strict=True) if read.value})

    @cached_property
    def columns(self) -> ReadColumns:
        """The candidate as the only one of columns."""
        return Reads(*((read,) for read in self.reads))

    @property
    def notes(self) -> tuple[Note, ...]:
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
        if not isinstance(other, Reading):
            return NotImplemented
        return (self.candidate, self.cargo, self.notes) == (other.candidate, other.cargo, other.notes)

    def __hash__(self) -> int:
        return hash(self.candidate)


class Reader:
    """Understands raw mappings as candidates, by one vocabulary and one resolver of names.

    What a value of a field was read as is remembered, for the values met last; so are phenotypes beside their cell
    (`phenotype(cell, text)`) and cargos beside their type (`cargo(cargo_type, text, named)`).
    """

    def __init__(self, vocabulary: Vocabulary, naming: Naming) -> None:
        self.vocabulary = vocabulary
        self.naming = naming
        # An id is hardly met again, so it is not remembered.
        self._value: dict[str, Callable[[Given], Read]] = {
            one.name: self._read_id if one.name == "id" else lru_cache(MAX_VALUES)(partial(self._read, one))
            for one in FIELDS
        }
        self.phenotype = lru_cache(MAX_VALUES)(self._read_phenotype)
        self.cargo = lru_cache(MAX_CARGOS)(self._read_cargo)

    @classmethod
    def load(cls) -> Reader:
        """A reader over the shipped vocabulary and names."""
        vocabulary = Vocabulary.load()
        return cls(vocabulary, Naming.load(vocabulary))

    def read(self, raw: Mapping[str, object], *, named: bool = True) -> Reading:
        """The candidate that `raw` describes.

        Lists may be given as lists or as text with `;` between the terms. With `named=False` a cargo may lack its name,
        as in findings whose text did not state it. Raises CandidateError with every fault at once.
        """
        faults = [_unknown_field(key) for key in raw if key not in FIELD]
        read = {name: _attempt(faults, self.read_value, name, raw.get(name)) for name in FIELD}
        if (cell := read["source_cell"]) and (phenotype := read["source_phenotype"]):
            read["source_phenotype"] = _attempt(faults, self.phenotype, cell.value, phenotype.value)
        if (cargo_type := read["cargo_type"]) and (cargo := read["cargo_name"]):
            read["cargo_name"] = _attempt(faults, self.cargo, cargo_type.value, cargo.value, named)
        if faults:
            raise CandidateError(faults)
        return Reading(Reads(*filter(None, read.values())))

    def read_columns(self, columns: Reads[Sequence[Given]]) -> ReadColumns:
        """Many candidates, given and understood in columns, as `read` understands each.

        Raises CandidateError, with some fault, where one of them cannot be understood.
        """
        read: ReadColumns = Reads(
            *(list(map(self._value[name], given)) for name, given in zip(FIELD, columns, strict=True))
        )
        return read._replace(
            source_phenotype=list(
                map(self.phenotype, map(value_of, read.source_cell), map(value_of, read.source_phenotype))
            ),
            cargo_name=list(
                map(self.cargo, map(value_of, read.cargo_type), map(value_of, read.cargo_name), repeat(True))
            ),
        )

    def read_value(self, field: str, given: object) -> Read:
        """What a value is read as by itself; a phenotype and a cargo only mean something beside other fields.

        Raises CandidateError.
        """
        if given is None or is_short(given):
            return self._value[field](given)
        one = FIELD[field]
        if one.many and isinstance(given, list) and len(given) <= MAX_LIST and all(map(is_short, given)):
            return self._value[field](tuple(given))
        return self._read(one, given)

    def _read(self, one: Field, given: object) -> Read:
        texts = texts_of(one.name, one.many, given)
        if not texts and one.required:
            raise CandidateError([self._missing(one)])
        if not texts and one.default:
            return Read(one.default, (Note(one.name, "", one.default, "default"),))
        notes: list[Note] = []
        faults: list[Fault] = []
        used = texts
        if one.controlled and one.name != "source_phenotype":
            used = [name for text in texts if (name := self._term(one, text, notes, faults)) is not None]
        if faults:
            raise CandidateError(faults)
        if one.many:
            return Read(tuple(dict.fromkeys(used)), tuple(notes))
        return Read(used[0] if used else "", tuple(notes))

    def _read_id(self, given: Given) -> Read:
        if not given:
            return _NO_ID
        if isinstance(given, str) and len(given) <= MAX_TEXT and given.isprintable():
            return Read(given)
        return self._read(FIELD["id"], given)

    def _term(self, one: Field, text: str, notes: list[Note], faults: list[Fault]) -> str | None:
        match = self.vocabulary.look_up(one.name, text)
        if match.name is None and not one.open:
            faults.append(self._refusal(one.name, text, match, self.vocabulary.names(one.name)))
            return None
        used = match.name or text
        if match.how != "exact":
            identifier = self.vocabulary.term(one.name, used).curie if match.name else ""
            alternatives = match.names if match.how == "ambiguous" else ()
            notes.append(Note(one.name, text, used, match.how, identifier, alternatives))
        return used

    def _read_phenotype(self, cell: str, text: str) -> Read:
        admitted = self.vocabulary.phenotypes_of(cell)
        match = self.vocabulary.look_up("source_phenotype", text, admitted)
        if match.name:
            if match.how == "exact":
                return Read(match.name)
            identifier = self.vocabulary.term("source_phenotype", match.name).curie
            return Read(match.name, (Note("source_phenotype", text, match.name, match.how, identifier),))
        elsewhere = self.vocabulary.look_up("source_phenotype", text).names
        if match.names or not elsewhere:
            raise CandidateError([self._refusal("source_phenotype", text, match, sorted(admitted))])
        cells = " or ".join(self.vocabulary.term("source_phenotype", elsewhere[0]).source_cells)
        remedy = (
            f"{elsewhere[0]} is no phenotype of {cell} (it is one of {cells}); choose one of {cell}, or unspecified"
        )
        nearest = self.vocabulary.nearest("source_phenotype", text, admitted)
        raise CandidateError(
            [Fault("source_phenotype", "wrong_cell", remedy, text, **_admitted(sorted(admitted), nearest))]
        )

    def _read_cargo(self, cargo_type: str, text: str, named: bool) -> Read:
        if cargo_type == WHOLE_VESICLE:
            if text:
                remedy = "a whole vesicle names no cargo: leave cargo_name empty, or give the cargo_type of that cargo"
                raise CandidateError([Fault("cargo_name", "not_applicable", remedy, given=text)])
            return Read(cargo=Cargo(cargo_type))
        names = self.naming.cargos(cargo_type, text)
        if not names and named:
            remedy = f"name the {cargo_type}: any usual spelling will do; only a whole_vesicle has no cargo_name"
            raise CandidateError([Fault("cargo_name", "missing", remedy, given=text or None)])
        notes = tuple(
            Note("cargo_name", name.given, name.name, name.how, name.identifier, name.alternatives) for name in names
        )
        return Read("+".join(name.name for name in names) or text, notes, Cargo(cargo_type, names))

    def _missing(self, one: Field) -> Fault:
        names = self.vocabulary.names(one.name)
        return Fault(one.name, "missing", f"give {one.name}: {one.help}", **_admitted(names, ()))

    def _refusal(self, name: str, text: str, match: Match, admitted: Sequence[str]) -> Fault:
        if match.names:
            remedy = f"{short(text)!r} can mean {' or '.join(match.names)}: say which"
            return Fault(name, "ambiguous", remedy, given=text, allowed=match.names)
        nearest = self.vocabulary.nearest(name, text, admitted)
        choice = f"did you mean {' or '.join(nearest[:3])}?" if nearest else "choose one of the allowed terms"
        remedy = f"{short(text)!r} is not a term of {name}; {choice}"
        return Fault(name, "unknown_term", remedy, given=text, **_admitted(admitted, nearest))


def _attempt(faults: list[Fault], read: Callable[..., Read], *given: object) -> Read | None:
    """What was read, or None and its faults added to those of the candidate."""
    try:
        return read(*given)
    except CandidateError as error:
        faults += error.faults
        return None


def _admitted(admitted: Sequence[str], nearest: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """All admitted terms where that is a list one can read, and the nearest ones always."""
    return {"allowed": tuple(admitted) if len(admitted) <= 25 else (), "nearest": tuple(nearest)}


def _unknown_field(key: object) -> Fault:
    remedy = f"{short(str(key))!r} is not a field of a candidate"
    return Fault(str(key), "unknown_field", remedy, allowed=tuple(FIELD), nearest=closest(str(key), FIELD))
