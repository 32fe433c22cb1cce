"""Parses columns of candidates: every distinct value, and every distinct pair that belongs together, is parsed once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache, partial, reduce
from typing import Any

import numpy as np

from models.arrays import Flags, Rows
from models.candidates.candidate import FIELD_BY_NAME, Normalization, ParsedValue, RawValue
from models.candidates.cargo import Cargo
from models.candidates.parser import CandidateParser
from models.candidates.states import read_together, secretes_drugs
from models.candidates.warnings import warned_of
from models.columnar.lookup import ColumnFunction, DictionaryColumn, ValueFunction
from models.errors import CandidateError
from models.estimator.features import HYPOXIA, acts_by_immunity

Notes = tuple[Normalization, ...]
# Fields that are understood together with another one, and the id, which is not understood at all.
_NOT_ALONE = ("id", "source_cell", "source_phenotype", "cargo_name")


@dataclass(frozen=True)
class ParsedCodes:
    """Candidates that could be parsed, in columns of what a score depends on: `source` is the cell with its phenotype, `immune`
    whether immune cells take it up, `cargo_state` the `mixed_state` of a set in several, `tumour` empty where it is not stated
    or no known term. `warned` are the notes that are to be warned of."""

    source: DictionaryColumn[tuple[str, str]]
    hypoxic: DictionaryColumn[bool]
    immune: DictionaryColumn[bool]
    cargo_type: DictionaryColumn[str]
    cargo_state: DictionaryColumn[str]
    cargo: DictionaryColumn[Cargo]
    tumour: DictionaryColumn[str]
    warned: DictionaryColumn[Notes]

    def take(self, rows: Rows) -> ParsedCodes:
        """The candidates at some rows."""
        return ParsedCodes(*(getattr(self, field.name).take(rows) for field in fields(self)))


class ColumnParser:
    """Parses columns by the parser of single candidates."""

    def __init__(self, reader: CandidateParser) -> None:
        # Functions of the reader, not methods of this object: it would keep itself alive until a collector comes.
        self._values = {
            name: ColumnFunction(partial(_parse_value, reader, name)) for name in FIELD_BY_NAME if name != "id"
        }
        self._source = ColumnFunction(partial(_parse_source, reader))
        self._cargo = ColumnFunction(partial(_parse_cargo, reader))
        self._secretes_drugs = ValueFunction(lambda read: read is not None and secretes_drugs(read[0][0]))
        self._state = ColumnFunction(_read_state)
        self._cargo_of = ValueFunction(lambda carried: carried and carried[0])
        self._type_of = ValueFunction(lambda carried: carried and carried[0].cargo_type)
        self._state_of = ValueFunction(lambda carried: carried and carried[1])
        self._hypoxic = ValueFunction(lambda stimuli: HYPOXIA in (stimuli or ()))
        self._immune = ValueFunction(lambda recipients: acts_by_immunity(recipients or ()))
        self._tumour = ValueFunction(partial(_known_tumour, reader))
        # In the order in which the notes of a single candidate come.
        self._warned = {
            name: cache(partial(_warned_value, reader, name)) for name in FIELD_BY_NAME if name not in _NOT_ALONE
        }
        self._vesicle_source = ValueFunction(lambda read: read and read[0])
        self._warned_cell = ValueFunction(partial(_warned_at, 1))
        self._warned_phenotype = ValueFunction(partial(_warned_at, 2))
        self._warned_cargo = ValueFunction(partial(_warned_at, 2))

    def __len__(self) -> int:
        """How many values are remembered."""
        return sum(map(len, self._values.values()))

    def read(self, columns: Mapping[str, DictionaryColumn[RawValue]], count: int) -> tuple[ParsedCodes, Flags]:
        """`count` candidates in columns by field, and which of them are valid; the codes of the others mean nothing.

        A field without a column is stated by none. Raises KeyError where a column is no field of a candidate.
        """
        unknown = columns.keys() - FIELD_BY_NAME.keys()
        if unknown:
            raise KeyError(*sorted(unknown))
        nothing = DictionaryColumn[RawValue]((None,), np.zeros(count, dtype=np.int32))
        parsed: dict[str, DictionaryColumn[Any]] = {
            name: parse.of_values(columns.get(name, nothing)) for name, parse in self._values.items()
        }
        parsed["source"] = self._source(parsed["source_cell"], parsed["source_phenotype"])
        cargo = self._cargo(parsed["cargo_type"], parsed["cargo_name"])
        parsed["carried"] = self._state(cargo, parsed["cargo_state"], self._secretes_drugs(parsed["source"]))
        valid = np.ones(count, dtype=np.bool_)
        for column in parsed.values():
            if None in column.values:
                valid &= column.codes != column.values.index(None)
        read = ParsedCodes(
            source=self._vesicle_source(parsed["source"]),
            hypoxic=self._hypoxic(parsed["polarisation"]),
            immune=self._immune(parsed["recipient_cell"]),
            cargo_type=self._type_of(parsed["carried"]),
            cargo_state=self._state_of(parsed["carried"]),
            cargo=self._cargo_of(parsed["carried"]),
            tumour=self._tumour(parsed["cancer_type"]),
            warned=_join_notes(
                [
                    self._warned_cell(parsed["source"]),
                    *(
                        DictionaryColumn(list(map(warned, columns[name].values)), columns[name].codes)
                        for name, warned in self._warned.items()
                        if name in columns
                    ),
                    self._warned_phenotype(parsed["source"]),
                    self._warned_cargo(parsed["carried"]),
                ],
                count,
            ),
        )
        return read, valid


def _parse_value(reader: CandidateParser, name: str, value: RawValue) -> str | tuple[str, ...] | None:
    """A value in canonical terms, None where it is not valid."""
    with suppress(CandidateError):
        parsed: str | tuple[str, ...] = reader.parse_value(name, value).value
        return parsed
    return None


def _parse_source(
    reader: CandidateParser, cell: str | None, text: str | None
) -> tuple[tuple[str, str], Notes, Notes] | None:
    with suppress(CandidateError):
        if cell is not None and text is not None:
            source, phenotype = reader.source(cell, text)
            return (source.value, phenotype.value), warned_of(source.notes), warned_of(phenotype.notes)
    return None


def _parse_cargo(reader: CandidateParser, cargo_type: str | None, text: str | None) -> ParsedValue | None:
    with suppress(CandidateError):
        if cargo_type is not None and text is not None:
            return reader.cargo(cargo_type, text, True)
    return None


def _read_state(read: ParsedValue | None, state: str | None, secretes_drugs: bool) -> tuple[Cargo, str, Notes] | None:
    with suppress(CandidateError):
        if read is not None and state is not None:
            cargo, used = read_together(read, ParsedValue(state), secretes_drugs)
            return cargo.cargo, cargo.cargo.mixed_state or used.value, warned_of(cargo.notes)
    return None


def _known_tumour(reader: CandidateParser, tumour: str | None) -> str:
    """A tumour that is no term tells as little as none."""
    return tumour if tumour and reader.vocabulary.has("cancer_type", tumour) else ""


def _warned_value(reader: CandidateParser, name: str, value: RawValue) -> Notes:
    with suppress(CandidateError):
        return warned_of(reader.parse_value(name, value).notes)
    return ()


def _warned_at(place: int, read: Sequence[Any] | None) -> Notes:
    """The notes at a place of what was read; none where it could not be."""
    notes: Notes = read[place] if read else ()
    return notes


def _join_notes(columns: Iterable[DictionaryColumn[Notes]], count: int) -> DictionaryColumn[Notes]:
    """The notes of several columns as one column; where there are none, no row is looked at."""
    warned = [column for column in columns if any(column.values)]
    return reduce(_join_pairs, warned) if warned else DictionaryColumn(((),), np.zeros(count, dtype=np.int32))


def _join_pairs(first: DictionaryColumn[Notes], second: DictionaryColumn[Notes]) -> DictionaryColumn[Notes]:
    size = len(second.values)
    pairs, codes = np.unique(first.codes.astype(np.int64) * size + second.codes, return_inverse=True)
    values = [first.values[pair // size] + second.values[pair % size] for pair in pairs.tolist()]
    return DictionaryColumn(values, codes.astype(np.int32))
