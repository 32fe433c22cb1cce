"""Lines of JSON as columns."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import astuple

from models.candidates.candidate import FIELD_BY_NAME, FIELDS, RawValue
from models.candidates.parser import CandidateParser
from models.candidates.text_fields import MAX_LIST, MAX_TEXT
from models.errors import CandidateError, FieldError
from service.batch.formats import Format
from service.batch.readers.base import Block
from service.batch.readers.columns import IS_JSON, Chunk, encode_values
from service.batch.readers.header import MAX_COLUMNS, check_count
from service.batch.readers.record_boundaries import find_records
from training.data.spreadsheets import decode_utf8

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Texts = _Text | Annotated[tuple[_Text, ...], msgspec.Meta(max_length=MAX_LIST)]
_MEMBERS = [(field.name, (_Texts if field.many else _Text) | None, None) for field in FIELDS]
_read_fields = msgspec.json.Decoder(msgspec.defstruct("Fields", _MEMBERS)).decode
_read_only_fields = msgspec.json.Decoder(msgspec.defstruct("OnlyFields", _MEMBERS, forbid_unknown_fields=True)).decode
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

# RecursionError: lists in lists, or objects in objects, thousands deep.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# A row as it was read: its fields, and its members as JSON where they are to be kept.
_Row = tuple[tuple[RawValue, ...], Mapping[str, bytes]]


def members_of(block: Block) -> list[str]:
    """The names of the members of all rows of a block, in the order in which they come; those of rows that cannot be read, or
    have too many, do not count. Raises TableError where there are too many in all."""
    names: dict[str, None] = {}
    for start, line in _lines(block):
        try:
            members = _read_members(line)
        except _UNREADABLE:
            continue
        if len(members) <= MAX_COLUMNS:
            names.update(dict.fromkeys(members))
        if len(names) > MAX_COLUMNS:
            check_count(names, block.begin.line + block.content.count(b"\n", 0, start))
    return list(names)


@dataclass(frozen=True)
class LineReader:
    """Reads lines of JSON by one reader of candidates. `columns` are the members to keep, None for none; their values become
    texts, or stay JSON."""

    reader: CandidateParser
    columns: Sequence[str] | None = None
    as_json: bool = False

    def read(self, block: Block) -> Chunk:
        """The rows of a block. Raises TableError where it is not UTF-8."""
        rows: dict[int, _Row] = {}
        unread: dict[int, Sequence[FieldError]] = {}
        for place, (start, line) in enumerate(_lines(block)):
            try:
                try:
                    rows[place] = self._read_row(line)
                except _UNREADABLE:
                    decode_utf8(line, block.begin.line + block.content.count(b"\n", 0, start))
                    rows[place] = self._read_row_leniently(line)
            except CandidateError as error:
                unread[place] = error.faults
        values = list(zip(*(fields for fields, _ in rows.values()), strict=True)) or [()] * len(FIELDS)
        columns: dict[str, Sequence[RawValue]] = dict(zip(FIELD_BY_NAME, values, strict=True))
        return Chunk(
            rows=block.rows,
            places=np.fromiter(rows, dtype=np.intp, count=len(rows)),
            fields={name: encode_values(column) for name, column in columns.items() if name != "id"},
            ids=pa.array(columns["id"], pa.string()),
            kept=None if self.columns is None else self._keep([members for _, members in rows.values()], self.columns),
            unread=unread,
        )

    def _read_row(self, line: bytes) -> _Row:
        if self.columns is None:
            return astuple(_read_only_fields(line)), {}
        members = _read_members(line)
        self._check_names(members)
        return astuple(_read_fields(line)), {name: bytes(value) for name, value in members.items()}

    def _read_row_leniently(self, line: bytes) -> _Row:
        """A row that is not plain, by the rules of the API. Raises CandidateError with its faults."""
        try:
            row = json.loads(line, parse_constant=_refuse_constant)
            # What is nested as deep as can just be read could not be written.
            members = {
                name: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
                for name, value in (row.items() if isinstance(row, dict) else ())
            }
        except (ValueError, RecursionError) as error:
            where = f": {error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            where = ": it is nested too deep" if isinstance(error, RecursionError) else where
            raise CandidateError([FieldError("", "not_json", f"the line is not a JSON object{where}")]) from error
        if not isinstance(row, dict):
            remedy = "a candidate is an object with fields such as source_phenotype"
            raise CandidateError([FieldError("", "wrong_type", remedy)])
        self._check_names(row)
        is_read = FIELD_BY_NAME if self.columns is not None else row
        fields = {name: value for name, value in row.items() if name in is_read}
        self.reader.parse(fields)
        values = [tuple(value) if isinstance(value, list) else value for value in map(fields.get, FIELD_BY_NAME)]
        return tuple(values), members

    def _check_names(self, members: Mapping[str, object]) -> None:
        """Raises CandidateError where a row has too many members or, where they are kept, others than fields and columns."""
        if len(members) > MAX_COLUMNS:
            remedy = f"the object has {len(members):,} members; at most {MAX_COLUMNS:,} are taken"
            raise CandidateError([FieldError("", "too_many_columns", remedy)])
        if self.columns is not None and (others := members.keys() - self._kept_names):
            remedy = "no row at the beginning of the file has such a member, so there is no column to keep it in"
            raise CandidateError([FieldError(name, "unknown_column", remedy) for name in members if name in others])

    @cached_property
    def _kept_names(self) -> Set[str]:
        return FIELD_BY_NAME.keys() | (self.columns or ())

    def _keep(self, rows: Sequence[Mapping[str, bytes]], columns: Sequence[str]) -> pa.Table:
        arrays = []
        for name in columns:
            texts = [value.decode("utf-8") if (value := row.get(name)) is not None else None for row in rows]
            arrays.append(pa.array(texts if self.as_json else map(_to_plain_text, texts), pa.string()))
        metadata = IS_JSON if self.as_json else None
        return pa.table(arrays, schema=pa.schema([pa.field(name, pa.string(), metadata=metadata) for name in columns]))


def _refuse_constant(name: str) -> None:
    """JSON has no NaN and no Infinity, though the json of Python reads and writes them. Raises ValueError."""
    raise ValueError(name)


def _to_plain_text(value: str | None) -> str | None:
    """A JSON value as text: of a text itself, of null nothing."""
    if value is None or value == "null":
        return None
    if value.startswith('"'):
        text: str = json.loads(value)
        return text
    return value


def _lines(block: Block) -> Iterator[tuple[int, bytes]]:
    """The lines of a block that are not blank, with where they start."""
    for start in find_records(block.content, Format.JSONL, last=True).starts.tolist():
        end = block.content.find(b"\n", start)
        yield start, block.content[start : end if end >= 0 else len(block.content)]
