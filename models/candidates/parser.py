"""Parses raw mappings of fields, or columns of them, as candidates. Every fault of a mapping is found in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
from models.candidates.cargo import JOINT, WEIGHT, WHOLE_VESICLE, Cargo, join_terms
from models.candidates.cargo_sets import CARGO, FLAT, INFERRED, MAX_LOAD, flatten_cargo, read_alone, read_set
from models.candidates.sources import SourceParser
from models.candidates.states import read_together, secretes_drugs
from models.candidates.text_fields import (
    MAX_LIST,
    MAX_TEXT,
    is_within_limit,
    parse_text_list,
    readable,
    truncate,
    unknown_term,
)
from models.candidates.tumours import TumourParser
from models.candidates.warnings import WarningFinder
from models.errors import CandidateError, FieldError, unknown_names
from models.naming.cell_lines import CellLines
from models.naming.resolver import KINDS, CargoName, NameResolver, closest, is_of_type, types_of_kind
from models.naming.wording import split_names
from models.vocabulary.vocabulary import Match, Vocabulary

_NO_ID = ParsedValue()
# What a cargo of a type is, where the name of the type does not say it.
_TYPES = {
    "mirna": "a microRNA",
    "lncrna": "a long non-coding RNA",
    "circrna": "a circular RNA",
    "mrna": "an mRNA",
    "sirna": "an siRNA",
    "oncolytic_virus": "an oncolytic virus",
}
# What stands in a table where nothing is stated.
_NOTHING = frozenset(
    ["na", "n/a", "n.a.", "-", "--", "–", "—", "none", "null", "nil", "nan", "nd", "n.d.", "?", "unknown", "not stated"]
)
# How much of a stimulus, and how long.
_DOSE = re.compile(
    r"[ (]*(?:for |at )?\b\d+(?:[.,]\d+)? ?(?:[npµμu]?g|[npµμum]M|U|IU|%|Gy|h|hours?|days?)(?:/m[lL]| O2)?\b\)?(?: of)?,? ?",
    re.ASCII,
)
# What is only understood beside other fields.
_SOURCE = ("source_cell", "source_phenotype")
_NOT_ALONE = (*_SOURCE, "cargo_state")
# What a set has several of.
_JOINED = ("cargo_type", "cargo_state")
_FIELD_NAMES = tuple(FIELD_BY_NAME)
_KEYS = frozenset((*FIELD_BY_NAME, CARGO))
# How many values of each field, and how many cargos, are remembered.
MAX_VALUES, MAX_CARGOS = 2048, 4096


class CandidateParser:
    """Understands raw mappings as candidates, by one vocabulary and one resolver of names.

    What a value of a field was read as is remembered, for the values met last; so are the two parts of a source
    (`source(cell_text, phenotype_text)`), cargos beside their type (`cargo(cargo_type, text, require_cargo_name)`) and beside
    their state (`state(cargo, state, secretes_drugs)`).
    """

    def __init__(self, vocabulary: Vocabulary, naming: NameResolver) -> None:
        self.vocabulary = vocabulary
        self.naming = naming
        # An id is hardly met again, so it is not remembered.
        self._value: dict[str, Callable[[RawValue], ParsedValue]] = {
            spec.name: self._read_id if spec.name == "id" else lru_cache(MAX_VALUES)(partial(self._read, spec))
            for spec in FIELDS
        }
        lines = CellLines.load()
        self._tumours = TumourParser(vocabulary, lines)
        self.warnings = WarningFinder(vocabulary, naming)
        self.source = lru_cache(MAX_VALUES)(SourceParser(vocabulary, lines).parse)
        self.cargo = lru_cache(MAX_CARGOS)(self._read_cargo)
        self.state = lru_cache(MAX_CARGOS)(read_together)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is remembered cannot be sent to another process.
        return CandidateParser, (self.vocabulary, self.naming)

    @classmethod
    def load(cls) -> CandidateParser:
        """A reader over the shipped vocabulary and names."""
        vocabulary = Vocabulary.load()
        return cls(vocabulary, NameResolver.load(vocabulary))

    def parse(
        self, raw: Mapping[str, object], *, require_cargo_name: bool = True, strict: bool = False
    ) -> ParsedCandidate:
        """The candidate that `raw` describes.

        Lists may be given as lists or as text with `;` between the terms, and a set of cargos as the list `cargo`. With
        `require_cargo_name=False` a cargo may lack its name, as in findings whose text did not state it. Where `strict`, what is
        warned of is a fault, but for assumptions. Raises CandidateError with every fault at once.
        """
        faults: list[FieldError] = []
        if raw.get(CARGO) is not None:
            try:
                raw = flatten_cargo(raw)
            except CandidateError as error:
                faults += error.faults
                # Nothing else is wrong with what is carried.
                raw = {**{name: raw[name] for name in raw if name not in (CARGO, *FLAT)}, "cargo_type": WHOLE_VESICLE}
        faults += unknown_names([str(key) for key in raw if key not in _KEYS], unknown_field)
        parsed: dict[str, ParsedValue] = {}
        for name in FIELD_BY_NAME:
            try:
                parsed[name] = self.parse_value(name, raw.get(name))
            except CandidateError as error:
                faults += error.faults
        try:
            if "source_cell" in parsed and "source_phenotype" in parsed:
                texts = parsed["source_cell"].value, parsed["source_phenotype"].value
                parsed["source_cell"], parsed["source_phenotype"] = self.source(*texts)
        except CandidateError as error:
            faults += error.faults
        try:
            if "cargo_type" in parsed and "cargo_name" in parsed:
                cargo_type, text = parsed["cargo_type"].value, parsed["cargo_name"].value
                cargo = self.cargo(cargo_type, text, require_cargo_name)
                parsed["cargo_name"] = cargo
                if (used := cargo.cargo.cargo_type) != cargo_type:
                    note = Normalization("cargo_type", cargo_type, used, INFERRED)
                    parsed["cargo_type"] = ParsedValue(used, (*parsed["cargo_type"].notes, note))
                if "cargo_state" in parsed and "source_cell" in parsed:
                    by_plant = secretes_drugs(parsed["source_cell"].value)
                    parsed["cargo_name"], parsed["cargo_state"] = self.state(cargo, parsed["cargo_state"], by_plant)
            elif "cargo_type" in parsed and not parsed["cargo_type"].value:
                faults.append(self._missing(FIELD_BY_NAME["cargo_type"]))
        except CandidateError as error:
            faults += error.faults
        if faults:
            raise CandidateError(faults)
        candidate = ParsedCandidate(ParsedFields._make(parsed.values()), raw)
        if strict:
            self.warnings.refuse(candidate.notes)
        return candidate

    def parse_value(self, field: str, given: object) -> ParsedValue:
        """What a value is read as by itself; a source, a cargo and its state only mean something together, and stay texts.

        Raises CandidateError.
        """
        if given is None or (isinstance(given, str) and len(given) <= MAX_TEXT):
            return self._value[field](given)
        spec = FIELD_BY_NAME[field]
        if spec.many and isinstance(given, list) and len(given) <= MAX_LIST and all(map(is_within_limit, given)):
            return self._value[field](tuple(given))
        return self._read(spec, given)

    def states_nothing(self, field: str, given: object) -> bool:
        """Whether a value stands for none, such as an empty text, or NA."""
        spec = FIELD_BY_NAME[field]
        try:
            return all(self._says_nothing(spec, text) for text in parse_text_list(field, spec.many, given))
        except CandidateError:
            return False

    def _read(self, spec: FieldSpec, given: object) -> ParsedValue:
        texts = [text for text in parse_text_list(spec.name, spec.many, given) if not self._says_nothing(spec, text)]
        if not texts and spec.default and spec.name not in _NOT_ALONE:
            return ParsedValue(spec.default, (Normalization(spec.name, "", spec.default, "default"),))
        notes: list[Normalization] = []
        faults: list[FieldError] = []
        used = texts
        if spec.controlled and spec.name not in _SOURCE:
            parts = [part for text in texts for part in self._split_terms(spec, text)] if spec.many else texts
            joined = spec.name in _JOINED and texts and JOINT in texts[0]
            parts = [part.strip() for part in texts[0].split(JOINT)] if joined else parts
            # Of a set some types and states may be left open.
            used = [
                name for part in parts if (name := self._term(spec, part, notes, faults) if part else part) is not None
            ]
            used = [join_terms(used)] if joined and used else used
        if faults:
            raise CandidateError(faults)
        if spec.many:
            return ParsedValue(tuple(dict.fromkeys(used)), tuple(notes))
        return ParsedValue(used[0] if used else "", tuple(notes))

    def _says_nothing(self, spec: FieldSpec, text: str) -> bool:
        if spec.name == "id" or text.casefold() not in _NOTHING:
            return False
        return not (spec.controlled and self.vocabulary.lookup(spec.name, text).names)

    def _read_id(self, given: RawValue) -> ParsedValue:
        if not given:
            return _NO_ID
        if isinstance(given, str) and len(given) <= MAX_TEXT and given.isprintable():
            return ParsedValue(given)
        return self._read(FIELD_BY_NAME["id"], given)

    def _term(self, spec: FieldSpec, text: str, notes: list[Normalization], faults: list[FieldError]) -> str | None:
        if spec.name == "cancer_type":
            return self._tumour(text, notes)
        match = self._match(spec, text)
        if match.name is None and not spec.open:
            faults.append(self._refusal(spec.name, text, match, self.vocabulary.names(spec.name)))
            return None
        used = match.name or text
        if match.how != "exact":
            identifier = self.vocabulary.term(spec.name, used).curie if match.name else ""
            alternatives = match.names if match.how == "ambiguous" else ()
            notes.append(Normalization(spec.name, text, used, match.how, identifier, alternatives))
        return used

    def _tumour(self, text: str, notes: list[Normalization]) -> str:
        read = self._tumours.parse(text)
        used = read.name or text
        if read.how != "exact":
            alternatives = () if read.name else read.names
            notes.append(Normalization("cancer_type", text, used, read.how, read.identifier, alternatives, read.remark))
        return used

    def _match(self, spec: FieldSpec, text: str) -> Match:
        """What a text is in a field, a stimulus also with its dose."""
        match = self.vocabulary.lookup(spec.name, text)
        if match.names or spec.name != "polarisation":
            return match
        without_dose = self.vocabulary.lookup(spec.name, _DOSE.sub(" ", text))
        return Match(without_dose.names, "part") if without_dose.name else match

    def _split_terms(self, spec: FieldSpec, text: str) -> list[str]:
        """The terms of a text that joins them otherwise than by `;`, where each part is one; else the text."""
        if self._match(spec, text).names:
            return [text]
        joined = _DOSE.sub(" ", text) if spec.name == "polarisation" else text
        parts = [name for part in joined.split("+") if part.strip() for name in split_names(part.strip())]
        return parts if parts and all(self.vocabulary.lookup(spec.name, part).name for part in parts) else [text]

    def _read_cargo(self, cargo_type: str, text: str, require_cargo_name: bool) -> ParsedValue:
        if cargo_type == WHOLE_VESICLE:
            if text:
                remedy = "A whole vesicle has no cargo_name. Leave it empty, or give the cargo_type of that cargo"
                raise CandidateError([FieldError("cargo_name", "not_applicable", remedy, given=text)])
            return ParsedValue(cargo=Cargo(cargo_type))
        if text.count(JOINT) >= MAX_LOAD:
            remedy = f"Give at most {MAX_LOAD} co-loaded cargos, not {text.count(JOINT) + 1}"
            raise CandidateError([FieldError("cargo_name", "too_many", remedy)])
        is_set = JOINT in text and (WEIGHT in text or JOINT in cargo_type or not cargo_type)
        if is_set and (read := read_set(self.naming, cargo_type, text)):
            return read
        if not cargo_type:
            raise CandidateError([self._missing(FIELD_BY_NAME["cargo_type"])])
        if JOINT in cargo_type:
            remedy = f"There are {cargo_type.count(JOINT) + 1} types and one name. Join the names by {JOINT}, or give one type"
            raise CandidateError([FieldError("cargo_type", "ambiguous", remedy, given=cargo_type)])
        if WEIGHT in text and (read := read_alone(self.naming, cargo_type, text)):
            return read
        names = self.naming.cargos(cargo_type, text)
        if not names and require_cargo_name:
            remedy = f"Give the name of the {cargo_type} in any usual spelling. Only a whole_vesicle has no cargo_name"
            raise CandidateError([FieldError("cargo_name", "missing", remedy, given=text or None)])
        notes = tuple(
            Normalization("cargo_name", name.given, name.name, name.how, name.identifier, name.alternatives)
            for name in names
        )
        # One type is stated for all that is carried together: it has to be that of one of them.
        if not any(is_of_type(cargo_type, name.kind) for name in names):
            notes += tuple(_as_other_type(cargo_type, name) for name in names)
        return ParsedValue("+".join(name.name for name in names) or text, notes, Cargo(cargo_type, names))

    def _missing(self, spec: FieldSpec) -> FieldError:
        names = readable(self.vocabulary.names(spec.name))
        remedy = f"Choose a {spec.name}: {', '.join(names)}" if names else f"Give a {spec.name}. {spec.help}"
        return FieldError(spec.name, "missing", remedy, allowed=names)

    def _refusal(self, name: str, text: str, match: Match, admitted: tuple[str, ...]) -> FieldError:
        if match.names:
            remedy = f"{truncate(text)!r} can mean {' or '.join(match.names)}. Give one of them"
            return FieldError(name, "ambiguous", remedy, given=text, allowed=match.names)
        return unknown_term(self.vocabulary, name, text, admitted)


def _as_other_type(cargo_type: str, name: CargoName) -> Normalization:
    """That a name is of a kind that the stated type of cargo is not, and which types would fit."""
    types = types_of_kind(name.kind)
    said = (
        f"{name.name} is {KINDS[name.kind]}, not {_TYPES.get(cargo_type, 'a ' + cargo_type.replace('_', ' '))}; "
        "the stated type was used"
    )
    return Normalization("cargo_type", cargo_type, cargo_type, "other_kind", "", types, said)


def unknown_field(name: str) -> FieldError:
    """What is wrong with the name of a field that is none."""
    remedy = f"{truncate(name)!r} is not a field of a candidate"
    suggest = partial(closest, name, _FIELD_NAMES)
    return FieldError(name, "unknown_field", remedy, allowed=_FIELD_NAMES, suggest=suggest)
