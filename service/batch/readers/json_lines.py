"""Lines of JSON as columns."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import astuple

from models.candidates.candidate import FIELD_BY_NAME, FIELDS, RawValue
from models.candidates.cargo_sets import CARGO, flatten_cargo
from models.candidates.headings import CANDIDATE_HEADINGS, MAX_COLUMNS, check_count, others_of
from models.candidates.parser import CandidateParser
from models.candidates.text_fields import MAX_LIST, MAX_TEXT
from models.columnar.arrow import encode_values
from models.errors import CandidateError, FieldError, unknown_names
from service.batch.formats import Format
from service.batch.readers.base import Block
from service.batch.readers.columns import IS_JSON, Chunk
from service.batch.readers.record_boundaries import find_records
from training.data.spreadsheets import decode_utf8

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Texts = _Text | Annotated[tuple[_Text, ...], msgspec.Meta(max_length=MAX_LIST)]
_MEMBERS = [(field.name, (_Texts if field.many else _Text) | None, None) for field in FIELDS]
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

# RecursionError: lists in lists, or objects in objects, thousands deep.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# A row as it was read: its fields, and its members as JSON where they are to be kept.
_Row = tuple[tuple[RawValue, ...], Mapping[str, bytes]]


def members_of(block: Block) -> dict[str, set[str]]:
    """The names of the members of all rows of a block, in the order in which they come, with what their values begin with
    (`whole` for whole numbers); those of rows that cannot be read, or have too many, do not count. Raises TableError where there
    are too many in all."""
    names: dict[str, set[str]] = {}
    for start, line in _lines(block):
        try:
            members = _read_members(line)
        except _UNREADABLE:
            continue
        if len(members) <= MAX_COLUMNS:
            for name, value in members.items():
                text = bytes(value)
                names.setdefault(name, set()).add("whole" if text.isdigit() else chr(text[0]))
        if len(names) > MAX_COLUMNS:
            check_count(names, block.begin.line + block.content.count(b"\n", 0, start))
    return names


def may_state(field: str, beginnings: Set[str]) -> bool:
    """Whether values that begin so can be those of a field: texts, lists, or for an id numbers."""
    return beginnings <= ({'"', "n", "whole"} if field == "id" else {'"', "n", "["})


@dataclass(frozen=True)
class LineReader:
    """Reads lines of JSON by one reader of candidates. `members` are those of the rows of the first block, with the columns that
    they are read as. Those that are no fields are carried over, and where `keep` says so all others too; their values become
    texts, or stay JSON. `constants` are stated in every row that states nothing else."""

    reader: CandidateParser
    members: Mapping[str, str] = dataclass_field(default_factory=dict)
    keep: bool = False
    as_json: bool = False
    constants: Mapping[str, str] = dataclass_field(default_factory=dict)

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
            kept=self._keep([members for _, members in rows.values()]),
            unread=unread,
        )

    @cached_property
    def _kept(self) -> Sequence[str]:
        columns = list(self.members.values())
        return columns if self.keep else others_of(columns)

    @cached_property
    def _plain(self) -> "_PlainReader":
        return _PlainReader(self.members, bool(self._kept))

    def _read_row(self, line: bytes) -> _Row:
        if not self._plain.keeps:
            return astuple(self._plain.read(line)), {}
        members = _read_members(line)
        if not members.keys() <= self._plain.names:
            return self._read_row_leniently(line)
        return astuple(self._plain.read(line)), {self.members[name]: bytes(value) for name, value in members.items()}

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
            raise CandidateError([FieldError("", "not_json", f"The line is not a JSON object{where}")]) from error
        if not isinstance(row, dict):
            remedy = "A candidate must be an object with fields such as cargo_type"
            raise CandidateError([FieldError("", "wrong_type", remedy)])
        self._check_names(row)
        fields = self._fields_of(flatten_cargo(row) if isinstance(row.get(CARGO), list) else row)
        self.reader.parse({**self.constants, **{name: value for name, value in fields.items() if value is not None}})
        values = [tuple(value) if isinstance(value, list) else value for value in map(fields.get, FIELD_BY_NAME)]
        return tuple(values), {self.members[name]: text for name, text in members.items() if name in self.members}

    def _fields_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What a row states by field: as the members of the file are read, else by its own members in other words."""
        named = {column: row[name] for name, column in self.members.items() if column in FIELD_BY_NAME and name in row}
        others = {
            field: value
            for name, value in row.items()
            if (field := CANDIDATE_HEADINGS.column_of(name)) and (isinstance(value, str) or name == field)
        }
        fields = others | {name: value for name, value in named.items() if value is not None}
        if type(fields.get("id")) is int and "id" not in row:
            # A number in a column that is called Nr.
            fields["id"] = str(fields["id"])
        return fields

    def _check_names(self, members: Mapping[str, object]) -> None:
        """Raises CandidateError where a row has too many members, or others than fields and those of the first block."""
        if len(members) > MAX_COLUMNS:
            remedy = f"The object has {len(members):,} members, but at most {MAX_COLUMNS:,} are allowed"
            raise CandidateError([FieldError("", "too_many_columns", remedy)])
        others = [name for name in members if not (name in self.members or CANDIDATE_HEADINGS.column_of(name))]
        if others:
            remedy = "No row at the beginning of the file has this member, so there is no column for it"
            faults = unknown_names(others, lambda name: FieldError(name, "unknown_column", remedy))
            raise CandidateError(faults)

    def _keep(self, rows: Sequence[Mapping[str, bytes]]) -> pa.Table:
        arrays = []
        for name in self._kept:
            texts = [value.decode("utf-8") if (value := row.get(name)) is not None else None for row in rows]
            arrays.append(pa.array(texts if self.as_json else map(_to_plain_text, texts), pa.string()))
        metadata = IS_JSON if self.as_json else None
        schema = pa.schema([pa.field(name, pa.string(), metadata=metadata) for name in self._kept])
        return pa.table(arrays, schema=schema)


class _PlainReader:
    """Reads rows whose members are those of the first block, and whose values are texts."""

    def __init__(self, members: Mapping[str, str], keeps: bool) -> None:
        name_of = {column: name for name, column in members.items() if column in FIELD_BY_NAME}
        # A member that has no part in the scores for its name alone is looked at row by row.
        demoted = {
            name
            for name, column in members.items()
            if column not in FIELD_BY_NAME and CANDIDATE_HEADINGS.column_of(name)
        }
        self.keeps = keeps
        self.names = members.keys() - demoted
        struct = msgspec.defstruct("Fields", _MEMBERS, rename=name_of, forbid_unknown_fields=not keeps)
        self.read = msgspec.json.Decoder(struct).decode


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
