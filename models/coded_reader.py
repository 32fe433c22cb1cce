"""Understands columns of candidates: every distinct value is read once, and rows are codes of what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.candidate import FIELD, MAX_LIST, Given, Read, Reader
from models.cargo import WHOLE_VESICLE, key
from models.errors import CandidateError
from models.features import HYPOXIA
from models.lookup import Codes, Lookup
from models.memo import ALL, Memo
from models.naming import CargoName

BAD = -1


class Coded(NamedTuple):
    """One field of many candidates: its distinct values as given (None where not stated), and which one each candidate has."""

    values: Sequence[Given]
    codes: Codes


class Named(NamedTuple):
    """One cargo of a type: its name, and the kind and stem under which findings are counted."""

    cargo_type: str
    name: CargoName
    key: str


class Carried(NamedTuple):
    """All that is carried: cargos of one type, as codes of names; none for a whole vesicle."""

    cargo_type: str
    names: tuple[int, ...]


@dataclass(frozen=True)
class ReadCodes:
    """Candidates that were understood, as codes, shape (candidates,) each.

    `source` is the code of a cell with its phenotype, `cargo` that of all that is carried; `bad` tells which could not be
    understood, whose codes mean nothing.
    """

    source: Codes
    hypoxic: NDArray[np.bool_]
    cargo_type: Codes
    cargo_state: Codes
    cargo: Codes
    tumour: Codes
    engineered: Codes
    bad: NDArray[np.bool_]


class CodedReader:
    """Reads columns by one reader, and numbers what it reads. The numbers stay what they are while the reader is in use.

    `cells`, `types` and `states` are the terms that codes of those fields stand for; `sources`, `names`, `cargos`, `tumours` and
    `engineered` are what was met, in the order of the codes. All tumours that are no terms have one code, since they say the
    same.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        words = reader.vocabulary
        self.cells, self.types, self.states = map(words.names, ("source_cell", "cargo_type", "cargo_state"))
        self.sources: list[tuple[str, str]] = []
        self.names: list[Named] = []
        self.cargos: list[Carried] = []
        self.tumours = [Read(), *(Read(name) for name in words.names("cancer_type"))]
        self.engineered: list[tuple[str, ...]] = [()]
        self._unknown_tumour = len(self.tumours)
        self._code_of = {
            "source_cell": _places(self.cells),
            "cargo_type": _places(self.types),
            "cargo_state": _places(self.states),
            "cancer_type": _places([read.value for read in self.tumours]),
        }
        self._codes = {name: Memo[Given, int](partial(self._code, name), ALL) for name in FIELD}
        self._name_of = Memo(self._new_name, ALL)
        self._part = Memo(self._new_part, ALL)
        self._given: dict[str, list[Given]] = {"source_phenotype": [], "cargo_name": []}
        self._source_of = Lookup(self._new_source)
        self._cargo_of = Lookup(self._new_cargo)
        self._numbers: dict[object, int] = {}
        self.phenotypes: list[str] = []
        # By the code of a source: its cell, as a code into `cells`, and its phenotype, as one into `phenotypes`.
        self.cell_of = Lookup(lambda source: self._code_of["source_cell"][self.sources[source][0]])
        self.phenotype_of = Lookup(self._phenotype)
        # Whether nothing is named (0), all that is named is known (1), or not all of it (2), by the code of a cargo.
        self.recognised = Lookup(self._is_recognised)

    @property
    def met(self) -> int:
        """How much is kept of what was met."""
        return sum(map(len, self._codes.values()))

    def read(self, columns: Mapping[str, Coded], count: int) -> ReadCodes:
        """`count` candidates in columns by field; a field without one is stated by none. Raises KeyError for no field."""
        unknown = columns.keys() - FIELD.keys()
        if unknown:
            raise KeyError(*sorted(unknown))
        nothing = Coded((None,), np.zeros(count, dtype=np.int32))
        given = {name: columns.get(name, nothing) for name in FIELD if name != "id"}
        codes = {name: self._read(name, column) for name, column in given.items()}
        cell, cargo_type = (np.maximum(codes[name], 0) for name in ("source_cell", "cargo_type"))
        source = self._source_of.of(codes.pop("source_phenotype") * np.int64(len(self.cells)) + cell)
        cargo = self._cargo_of.of(codes.pop("cargo_name") * np.int64(len(self.types)) + cargo_type)
        bad = source == BAD
        for column in (cargo, *codes.values()):
            if column.min(initial=0) == BAD:
                bad |= column == BAD
        return ReadCodes(
            source,
            codes["polarisation"] > 0,
            codes["cargo_type"],
            codes["cargo_state"],
            cargo,
            codes["cancer_type"],
            codes["engineering"],
            bad,
        )

    def _read(self, name: str, column: Coded) -> Codes:
        codes = np.fromiter(map(self._codes[name].__getitem__, column.values), np.int32, len(column.values))
        found: Codes = codes[column.codes]
        return found

    def _code(self, name: str, given: Given) -> int:
        if name in self._given:
            self._given[name].append(given)
            return len(self._given[name]) - 1
        try:
            if FIELD[name].many and isinstance(given, (str, tuple)):
                return self._several(name, given.split(";") if isinstance(given, str) else given)
            read = self._reader.read_value(name, given)
        except CandidateError:
            return BAD
        if name == "cancer_type" and read.value not in self._code_of[name]:
            if len(self.tumours) == self._unknown_tumour:
                self.tumours.append(read)
            return self._unknown_tumour
        return self._code_of[name][read.value] if name in self._code_of else 0

    def _several(self, name: str, parts: Sequence[str]) -> int:
        """The code of several terms: of stimuli, whether hypoxia is one, and of all else nothing but of what was engineered."""
        terms = [term for part in parts for term in self._part[name, part]]
        if len(parts) > MAX_LIST:
            return BAD
        if name == "engineering":
            return self._number((name, *terms), self.engineered, tuple(terms)) if terms else 0
        return int(HYPOXIA in terms)

    def _new_part(self, of: tuple[str, str]) -> Sequence[str]:
        """What one of several terms is read as. Raises CandidateError."""
        name, text = of
        terms: Sequence[str] = self._reader.read_value(name, (text,)).value
        return terms

    def _new_source(self, key: int) -> int:
        given, cell = divmod(key, len(self.cells))
        try:
            read = self._reader.read_value("source_phenotype", self._given["source_phenotype"][given])
            phenotype = self._reader.phenotype[Read(self.cells[cell]), read].value
        except CandidateError:
            return BAD
        source = self.cells[cell], phenotype
        return self._number(source, self.sources, source)

    def _phenotype(self, source: int) -> int:
        _, phenotype = self.sources[source]
        return self._number(("source_phenotype", phenotype), self.phenotypes, phenotype)

    def _new_cargo(self, key: int) -> int:
        given, cargo_type = divmod(key, len(self.types))
        of_type = self.types[cargo_type]
        try:
            read = self._reader.read_value("cargo_name", self._given["cargo_name"][given])
        except CandidateError:
            return BAD
        if of_type == WHOLE_VESICLE and read.value:
            return BAD
        names = self._reader.naming.cargos(of_type, read.value)
        if of_type != WHOLE_VESICLE and not names:
            return BAD
        carried = Carried(of_type, tuple(self._name_of[of_type, name] for name in names))
        return self._number(carried, self.cargos, carried)

    def _new_name(self, of: tuple[str, CargoName]) -> int:
        cargo_type, name = of
        self.names.append(Named(cargo_type, name, key(name)))
        return len(self.names) - 1

    def _is_recognised(self, cargo: int) -> int:
        names = [self.names[code].name for code in self.cargos[cargo].names]
        return (1 if all(name.recognised for name in names) else 2) if names else 0

    def _number(self, key: object, met: list[Any], value: object) -> int:
        code = self._numbers.get(key)
        if code is None:
            code = self._numbers[key] = len(met)
            met.append(value)
        return code


def _places(values: Sequence[str]) -> dict[str, int]:
    return {value: place for place, value in enumerate(values)}
