"""Scores as text: CSV, TSV, or lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from service.batch.chunk import IS_JSON, whole
from service.batch.errors import BatchError
from service.batch.formats import DELIMITERS, Format
from service.batch.spelling import (
    content_of,
    documents,
    floats,
    joined,
    plain,
    quoted_csv,
    quoted_json,
    texts_of_distinct,
)

_LIST_OF_TERMS = "prediction_set"


def head(form: Format, columns: Sequence[str]) -> bytes:
    """What stands before the rows."""
    if form is Format.JSONL:
        return b""
    cells = pa.array(columns, pa.string())
    if form is Format.CSV:
        cells = quoted_csv(cells, DELIMITERS[form])
    return f"{DELIMITERS[form].join(cells.to_pylist())}\n".encode()


def rows(form: Format, table: pa.Table) -> bytes:
    """The rows of a table. Raises BatchError where a text cannot be written as the format is."""
    if not len(table):
        return b""
    spell = _json if form is Format.JSONL else _cells
    return content_of(spell(form, table))


def _cells(form: Format, table: pa.Table) -> pa.Array:
    parts = []
    for name in table.column_names:
        column = whole(table[name])
        if pa.types.is_floating(column.type) or pa.types.is_dictionary(column.type):
            cells = texts_of_distinct(column, partial(_cell, form, name), "")
        else:
            cells = _cell(form, name, column)
        parts.append(cells)
    # The line end goes with the last cells, which is less to copy than whole lines.
    parts[-1] = joined([parts[-1], pa.scalar("\n")], "", "")
    return joined(parts, DELIMITERS[form], "")


def _cell(form: Format, name: str, column: pa.Array) -> pa.Array:
    texts = plain(name, column)
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type) or pa.types.is_floating(column.type):
        return texts
    if form is Format.CSV:
        return quoted_csv(texts, DELIMITERS[form])
    if pc.any(pc.match_substring_regex(texts, "[\t\r\n]")).as_py():
        raise BatchError(
            f"a cell of {name} holds a tab or a line end, which TSV cannot: write .csv, .jsonl or .parquet"
        )
    return texts


def _json(form: Format, table: pa.Table) -> pa.Array:
    parts: list[Any] = []
    for name in table.column_names:
        field, column = table.schema.field(name), whole(table[name])
        start = f"{',' if parts else '{'}{json.dumps(name, ensure_ascii=False)}:"
        is_json = field.metadata == IS_JSON
        if pa.types.is_floating(column.type) or pa.types.is_dictionary(column.type) or pa.types.is_boolean(column.type):
            parts.append(
                texts_of_distinct(
                    column,
                    partial(_member, start, name),
                    f"{start}null",
                )
            )
        else:
            values = column if is_json else _value(name, column)
            parts += [pa.scalar(start), values]
    return joined([*parts, pa.scalar("}\n")], "", "null")


def _member(start: str, name: str, column: pa.Array) -> pa.Array:
    """Values as members of objects, of which `start` is all that stands before a value."""
    return joined([pa.scalar(start), _value(name, column)])


def _value(name: str, column: pa.Array) -> pa.Array:
    """Values as JSON."""
    kind = column.type
    if name == _LIST_OF_TERMS:
        return pa.array(
            [json.dumps(one.split(";") if one else [], separators=(",", ":")) for one in column.to_pylist()]
        )
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), floats(column), None)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind):
        return documents(column)
    return quoted_json(plain(name, column))
