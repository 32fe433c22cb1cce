"""Columns as texts and as JSON, without a look at each row: distinct values are written once, and texts are joined in arrays."""

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from models.candidates.candidate import FIELD_BY_NAME
from models.columnar.arrow import combine_chunks
from service.batch.readers.columns import IS_JSON

_LIST_OF_TERMS = "prediction_set"
_SPECIAL_IN_JSON = r"[\x00-\x1f]"
_WITHOUT_POINT = r"^(-?[0-9]+)$"


def json_lines(table: pa.Table) -> pa.Array:
    """A line of JSON for each row."""
    parts: list[Any] = []
    for name in table.column_names:
        column = combine_chunks(table[name])
        start = f"{',' if parts else '{'}{json.dumps(name, ensure_ascii=False)}:"
        to_json = _as_it_is if table.schema.field(name).metadata == IS_JSON else partial(_values, name)
        if has_few_values(column) or pa.types.is_boolean(column.type):
            members = map_distinct(column, partial(_members, start, to_json))
            parts.append(pc.fill_null(members, f"{start}null"))
        else:
            parts += [start, to_json(column)]
    return concat_columns([*parts, "}\n"], absent="null")


def _members(start: str, to_json: Callable[[pa.Array], pa.Array], column: pa.Array) -> pa.Array:
    return concat_columns([start, to_json(column)])


def _as_it_is(column: pa.Array) -> pa.Array:
    return column


def to_text(name: str, column: pa.Array) -> pa.Array:
    """A column as texts without marks around them; what is absent stays so. Numbers have the fewest digits that read back to
    the same bits, and a point or an exponent where they are no whole numbers."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return to_text(name, column.dictionary).take(column.indices)
    if pa.types.is_floating(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), _WITHOUT_POINT, r"\1.0")
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type) and name in FIELD_BY_NAME:
        return pc.binary_join(column, ";")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        values = column.to_pylist()
        return pa.array(
            [None if value is None else json.dumps(value, default=_to_json) for value in values], pa.string()
        )
    return column.cast(pa.string())


def has_few_values(column: pa.Array | pa.Field) -> bool:
    """Whether a column is best written by its distinct values: terms, and rounded numbers."""
    return bool(pa.types.is_dictionary(column.type) or pa.types.is_floating(column.type))


def map_distinct(column: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array | pa.Scalar:
    """What a function gives for a column, asked once for the distinct values; one scalar where all rows have the same value."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = function(column.dictionary)
    if column.null_count == len(column):
        return pa.scalar(None, pa.string())
    return values[0] if len(values) == 1 and not column.null_count else values.take(column.indices)


def concat_columns(parts: list[Any], between: str = "", absent: str | None = None) -> pa.Array:
    """Texts, or arrays of them, put together row by row; what is absent counts as `absent`, or makes the whole so."""
    if absent is None:
        return pc.binary_join_element_wise(*parts, between)
    return pc.binary_join_element_wise(*parts, between, null_handling="replace", null_replacement=absent)


def _values(name: str, column: pa.Array) -> pa.Array:
    """Values as JSON."""
    kind = column.type
    if name == _LIST_OF_TERMS:
        terms = [text.split(";") if text else [] for text in column.to_pylist()]
        return pa.array([json.dumps(terms_of_row, separators=(",", ":")) for terms_of_row in terms], pa.string())
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), to_text(name, column), None)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind):
        return to_text("", column)
    return _quoted(to_text(name, column))


def _quoted(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, _SPECIAL_IN_JSON)).as_py():
        return pa.array(
            [None if text is None else json.dumps(text, ensure_ascii=False) for text in texts.to_pylist()], pa.string()
        )
    for mark in ("\\", '"'):
        texts = pc.replace_substring(texts, mark, f"\\{mark}")
    return concat_columns(['"', texts, '"'])


def _to_json(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
