"""Lines of JSON as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import astuple

from models.candidate import FIELD, FIELDS, MAX_LIST, MAX_TEXT, Given, Reader
from models.errors import CandidateError, Fault
from service.batch.chunk import IS_JSON, Chunk, coded_values
from service.batch.formats import Format
from service.batch.pieces import Piece
from service.batch.records import records_of
from service.batch.text_source import decoded

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Texts = _Text | Annotated[tuple[_Text, ...], msgspec.Meta(max_length=MAX_LIST)]
_MEMBERS = [(one.name, (_Texts if one.many else _Text) | None, None) for one in FIELDS]
_read_fields = msgspec.json.Decoder(msgspec.defstruct("Fields", _MEMBERS)).decode
_read_only_fields = msgspec.json.Decoder(msgspec.defstruct("OnlyFields", _MEMBERS, forbid_unknown_fields=True)).decode
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

# A row as it was read: its fields, and its members as JSON where they are to be kept.
_Row = tuple[tuple[Given, ...], Mapping[str, bytes]]


def members_of(piece: Piece) -> list[str]:
    """The names of the members of all rows of a piece, in the order in which they come."""
    names: dict[str, None] = {}
    for _, line in _lines(piece):
        try:
            names.update(dict.fromkeys(_read_members(line)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return list(names)


@dataclass(frozen=True)
class LineReader:
    """Reads lines of JSON by one reader of candidates. `columns` are the members to keep, None for none; their values become
    texts, or stay JSON."""

    reader: Reader
    columns: Sequence[str] | None = None
    as_json: bool = False

    def read(self, piece: Piece) -> Chunk:
        """The rows of a piece. Raises SheetError where it is not UTF-8."""
        found: dict[int, _Row] = {}
        unread: dict[int, Sequence[Fault]] = {}
        for place, (start, line) in enumerate(_lines(piece)):
            try:
                found[place] = self._row(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                decoded(line, piece.begin.line + piece.content.count(b"\n", 0, start))
                try:
                    found[place] = self._row_leniently(line)
                except CandidateError as error:
                    unread[place] = error.faults
            except CandidateError as error:
                unread[place] = error.faults
        given: Sequence[Sequence[Given]] = list(zip(*(fields for fields, _ in found.values()), strict=True))
        columns = dict(zip(FIELD, given or [()] * len(FIELDS), strict=True))
        return Chunk(
            rows=piece.rows,
            places=np.fromiter(found, dtype=np.intp, count=len(found)),
            fields={name: coded_values(values) for name, values in columns.items() if name != "id"},
            ids=pa.array(columns["id"], pa.string()),
            kept=None if self.columns is None else self._kept([members for _, members in found.values()]),
            unread=unread,
        )

    def _row(self, line: bytes) -> _Row:
        if self.columns is None:
            return astuple(_read_only_fields(line)), {}
        members = _read_members(line)
        self._check(members)
        return astuple(_read_fields(line)), {name: bytes(value) for name, value in members.items()}

    def _row_leniently(self, line: bytes) -> _Row:
        """A row that is not plain, by the rules of the API. Raises CandidateError with its faults."""
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError) as error:
            where = f": {error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise CandidateError([Fault("", "not_json", f"the line is not a JSON object{where}")]) from error
        if not isinstance(raw, dict):
            remedy = "a candidate is an object with fields such as source_phenotype"
            raise CandidateError([Fault("", "wrong_type", remedy)])
        fields = raw if self.columns is None else {name: value for name, value in raw.items() if name in FIELD}
        if self.columns is not None:
            self._check(raw)
        self.reader.read(fields)
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
        members = {
            name: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") for name, value in raw.items()
        }
        return tuple(given.get(name) for name in FIELD), members

    def _check(self, members: Mapping[str, object]) -> None:
        """Raises CandidateError where a row has members that are neither fields nor columns to keep."""
        others = [name for name in members if name not in FIELD and name not in (self.columns or ())]
        if others:
            remedy = "no row at the beginning of the file has such a member, so there is no column to keep it in"
            raise CandidateError([Fault(name, "unknown_column", remedy) for name in others])

    def _kept(self, rows: Sequence[Mapping[str, bytes]]) -> pa.Table:
        columns, fields = [], []
        for name in self.columns or ():
            values = [row.get(name) for row in rows]
            texts = [None if value is None else value.decode("utf-8") for value in values]
            columns.append(pa.array(texts if self.as_json else map(_plain, texts), pa.string()))
            fields.append(pa.field(name, pa.string(), metadata=IS_JSON if self.as_json else None))
        return pa.table(columns, schema=pa.schema(fields))


def _plain(text: str | None) -> str | None:
    """A JSON value as text: of a text itself, of null nothing."""
    if text is None or text == "null":
        return None
    if text.startswith('"'):
        found: str = json.loads(text)
        return found
    return text


def _lines(piece: Piece) -> Iterator[tuple[int, bytes]]:
    """The lines of a piece that are not blank, with where they start."""
    starts = records_of(piece.content, Format.JSONL, last=True).starts.tolist()
    for start in starts:
        end = piece.content.find(b"\n", start)
        yield start, piece.content[start : end if end >= 0 else len(piece.content)]
