"""Parses raw mappings of fields, or columns of them, as candidates. Every fault of a mapping is found in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from models.candidates.candidate import (
    FIELD_BY_NAME,
    FIELDS,
    FieldSpec,
    Normalization,
    ParsedCandidate,
    ParsedFields,
    ParsedValue,
    RawValue,
)
from models.candidates.cargo import WHOLE_VESICLE, Cargo
from models.candidates.text_fields import MAX_LIST, MAX_TEXT, is_within_limit, parse_text_list, truncate
from models.errors import CandidateError, FieldError, unknown_names
from models.naming.resolver import NameResolver, closest
from models.vocabulary.vocabulary import Match, Vocabulary

_NO_ID = ParsedValue()
_FIELD_NAMES = tuple(FIELD_BY_NAME)
# How many values of each field, and how many cargos, are remembered.
MAX_VALUES, MAX_CARGOS = 2048, 4096
# How many cargos one vesicle may be loaded with.
MAX_LOAD = 10


class CandidateParser:
    """Understands raw mappings as candidates, by one vocabulary and one resolver of names.

    What a value of a field was read as is remembered, for the values met last; so are phenotypes beside their cell
    (`phenotype(cell, text)`) and cargos beside their type (`cargo(cargo_type, text, require_cargo_name)`).
    """

    def __init__(self, vocabulary: Vocabulary, naming: NameResolver) -> None:
        self.vocabulary = vocabulary
        self.naming = naming
        # An id is hardly met again, so it is not remembered.
        self._value: dict[str, Callable[[RawValue], ParsedValue]] = {
            one.name: self._read_id if one.name == "id" else lru_cache(MAX_VALUES)(partial(self._read, one))
            for one in FIELDS
        }
        self.phenotype = lru_cache(MAX_VALUES)(self._read_phenotype)
        self.cargo = lru_cache(MAX_CARGOS)(self._read_cargo)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is remembered cannot be sent to another process.
        return CandidateParser, (self.vocabulary, self.naming)

    @classmethod
    def load(cls) -> CandidateParser:
        """A reader over the shipped vocabulary and names."""
        vocabulary = Vocabulary.load()
        return cls(vocabulary, NameResolver.load(vocabulary))

    def parse(self, raw: Mapping[str, object], *, require_cargo_name: bool = True) -> ParsedCandidate:
        """The candidate that `raw` describes.

        Lists may be given as lists or as text with `;` between the terms. With `require_cargo_name=False` a cargo may lack its
        name, as in findings whose text did not state it. Raises CandidateError with every fault at once.
        """
        faults = unknown_names([str(key) for key in raw if key not in FIELD_BY_NAME], _unknown_field)
        parsed: dict[str, ParsedValue] = {}
        for name in FIELD_BY_NAME:
            try:
                parsed[name] = self.parse_value(name, raw.get(name))
            except CandidateError as error:
                faults += error.faults
        try:
            if "source_cell" in parsed and "source_phenotype" in parsed:
                cell, text = parsed["source_cell"].value, parsed["source_phenotype"].value
                parsed["source_phenotype"] = self.phenotype(cell, text)
        except CandidateError as error:
            faults += error.faults
        try:
            if "cargo_type" in parsed and "cargo_name" in parsed:
                cargo_type, text = parsed["cargo_type"].value, parsed["cargo_name"].value
                parsed["cargo_name"] = self.cargo(cargo_type, text, require_cargo_name)
        except CandidateError as error:
            faults += error.faults
        if faults:
            raise CandidateError(faults)
        return ParsedCandidate(ParsedFields._make(parsed.values()))

    def parse_value(self, field: str, given: object) -> ParsedValue:
        """What a value is read as by itself; a phenotype and a cargo only mean something beside other fields.

        Raises CandidateError.
        """
        if given is None or (isinstance(given, str) and len(given) <= MAX_TEXT):
            return self._value[field](given)
        one = FIELD_BY_NAME[field]
        if one.many and isinstance(given, list) and len(given) <= MAX_LIST and all(map(is_within_limit, given)):
            return self._value[field](tuple(given))
        return self._read(one, given)

    def _read(self, one: FieldSpec, given: object) -> ParsedValue:
        texts = parse_text_list(one.name, one.many, given)
        if not texts and one.required:
            raise CandidateError([self._missing(one)])
        if not texts and one.default:
            return ParsedValue(one.default, (Normalization(one.name, "", one.default, "default"),))
        notes: list[Normalization] = []
        faults: list[FieldError] = []
        used = texts
        if one.controlled and one.name != "source_phenotype":
            used = [name for text in texts if (name := self._term(one, text, notes, faults)) is not None]
        if faults:
            raise CandidateError(faults)
        if one.many:
            return ParsedValue(tuple(dict.fromkeys(used)), tuple(notes))
        return ParsedValue(used[0] if used else "", tuple(notes))

    def _read_id(self, given: RawValue) -> ParsedValue:
        if not given:
            return _NO_ID
        if isinstance(given, str) and len(given) <= MAX_TEXT and given.isprintable():
            return ParsedValue(given)
        return self._read(FIELD_BY_NAME["id"], given)

    def _term(self, one: FieldSpec, text: str, notes: list[Normalization], faults: list[FieldError]) -> str | None:
        match = self.vocabulary.lookup(one.name, text)
        if match.name is None and not one.open:
            faults.append(self._refusal(one.name, text, match, self.vocabulary.names(one.name)))
            return None
        used = match.name or text
        if match.how != "exact":
            identifier = self.vocabulary.term(one.name, used).curie if match.name else ""
            alternatives = match.names if match.how == "ambiguous" else ()
            notes.append(Normalization(one.name, text, used, match.how, identifier, alternatives))
        return used

    def _read_phenotype(self, cell: str, text: str) -> ParsedValue:
        admitted = self.vocabulary.phenotypes_of(cell)
        match = self.vocabulary.lookup("source_phenotype", text, admitted)
        if match.name:
            if match.how == "exact":
                return ParsedValue(match.name)
            identifier = self.vocabulary.term("source_phenotype", match.name).curie
            return ParsedValue(
                match.name, (Normalization("source_phenotype", text, match.name, match.how, identifier),)
            )
        elsewhere = self.vocabulary.lookup("source_phenotype", text).names
        if match.names or not elsewhere:
            raise CandidateError([self._refusal("source_phenotype", text, match, tuple(sorted(admitted)))])
        cells = " or ".join(self.vocabulary.term("source_phenotype", elsewhere[0]).source_cells)
        remedy = (
            f"{elsewhere[0]} is no phenotype of {cell} (it is one of {cells}); choose one of {cell}, or unspecified"
        )
        suggest = partial(self.vocabulary.nearest, "source_phenotype", text, admitted)
        raise CandidateError(
            [FieldError("source_phenotype", "wrong_cell", remedy, text, _readable(sorted(admitted)), suggest)]
        )

    def _read_cargo(self, cargo_type: str, text: str, require_cargo_name: bool) -> ParsedValue:
        if cargo_type == WHOLE_VESICLE:
            if text:
                remedy = "a whole vesicle names no cargo: leave cargo_name empty, or give the cargo_type of that cargo"
                raise CandidateError([FieldError("cargo_name", "not_applicable", remedy, given=text)])
            return ParsedValue(cargo=Cargo(cargo_type))
        if text.count("+") >= MAX_LOAD:
            remedy = f"give at most {MAX_LOAD} co-loaded cargos, not {text.count('+') + 1}"
            raise CandidateError([FieldError("cargo_name", "too_many", remedy)])
        names = self.naming.cargos(cargo_type, text)
        if not names and require_cargo_name:
            remedy = f"name the {cargo_type}: any usual spelling will do; only a whole_vesicle has no cargo_name"
            raise CandidateError([FieldError("cargo_name", "missing", remedy, given=text or None)])
        notes = tuple(
            Normalization("cargo_name", name.given, name.name, name.how, name.identifier, name.alternatives)
            for name in names
        )
        return ParsedValue("+".join(name.name for name in names) or text, notes, Cargo(cargo_type, names))

    def _missing(self, one: FieldSpec) -> FieldError:
        names = self.vocabulary.names(one.name)
        return FieldError(one.name, "missing", f"give {one.name}: {one.help}", allowed=_readable(names))

    def _refusal(self, name: str, text: str, match: Match, admitted: tuple[str, ...]) -> FieldError:
        if match.names:
            remedy = f"{truncate(text)!r} can mean {' or '.join(match.names)}: say which"
            return FieldError(name, "ambiguous", remedy, given=text, allowed=match.names)
        suggest = partial(self.vocabulary.nearest, name, text, admitted)
        return FieldError(
            name, "unknown_term", f"{truncate(text)!r} is not a term of {name}", text, _readable(admitted), suggest
        )


def _readable(admitted: Sequence[str]) -> tuple[str, ...]:
    """All admitted terms, where that is a list one can read."""
    return tuple(admitted) if len(admitted) <= 25 else ()


def _unknown_field(name: str) -> FieldError:
    remedy = f"{truncate(name)!r} is not a field of a candidate"
    suggest = partial(closest, name, _FIELD_NAMES)
    return FieldError(name, "unknown_field", remedy, allowed=_FIELD_NAMES, suggest=suggest)
