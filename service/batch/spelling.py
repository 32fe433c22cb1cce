"""Columns spelled as texts, without a look at each row: distinct values are spelled once, and texts are joined in arrays."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from models.candidate import FIELD

Spell = Callable[[pa.Array], pa.Array]
_SPECIAL_IN_JSON = r"[\x00-\x1f]"
_WITHOUT_POINT = r"^(-?[0-9]+)$"


def texts_of_distinct(column: pa.Array, spell: Spell, absent: str) -> pa.Array:
    """The texts of a column, its distinct values spelled by `spell`."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts = pa.concat_arrays([spell(column.dictionary), pa.array([absent], pa.string())])
    indices = column.indices.cast(pa.int32())
    return texts.take(indices.fill_null(len(texts) - 1) if indices.null_count else indices)


def plain(name: str, column: pa.Array) -> pa.Array:
    """A column as texts without marks around them; what is absent stays so."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(name, column.dictionary).take(column.indices)
    if pa.types.is_floating(kind):
        return floats(column)
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type) and name in FIELD:
        return pc.binary_join(column, ";")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return documents(column)
    return column.cast(pa.string())


def floats(column: pa.Array) -> pa.Array:
    """Numbers in the fewest digits that read back to the same bits, always with a point or an exponent."""
    return pc.replace_substring_regex(column.cast(pa.string()), _WITHOUT_POINT, r"\1.0")


def documents(column: pa.Array) -> pa.Array:
    """Values of any kind as JSON, one by one."""
    return pa.array(
        [None if one is None else json.dumps(one, default=_told) for one in column.to_pylist()], pa.string()
    )


def quoted_json(texts: pa.Array) -> pa.Array:
    """Texts as they stand in JSON."""
    if pc.any(pc.match_substring_regex(texts, _SPECIAL_IN_JSON)).as_py():
        return pa.array([None if one is None else json.dumps(one, ensure_ascii=False) for one in texts.to_pylist()])
    for mark in ("\\", '"'):
        if pc.any(pc.match_substring(texts, mark)).as_py():
            texts = pc.replace_substring(texts, mark, f"\\{mark}")
    return joined([pa.scalar('"'), texts, pa.scalar('"')])


def quoted_csv(texts: pa.Array, delimiter: str) -> pa.Array:
    """Texts as they stand in cells: in quotes where they hold what would end the cell."""
    special = pc.match_substring_regex(texts, f'[{delimiter}"\r\n]')
    if not pc.any(special).as_py():
        return texts
    quoted = joined([pa.scalar('"'), pc.replace_substring(texts, '"', '""'), pa.scalar('"')])
    return pc.if_else(special, quoted, texts)


def joined(parts: list[Any], between: str = "", absent: str | None = None) -> pa.Array:
    """Texts put together row by row; what is absent counts as `absent`, or makes the whole so."""
    if absent is None:
        return pc.binary_join_element_wise(*parts, between)
    return pc.binary_join_element_wise(*parts, between, null_handling="replace", null_replacement=absent)


def content_of(lines: pa.Array) -> bytes:
    """All of the texts of an array, one after another. None of them may be absent."""
    _, offsets, content = lines.buffers()
    if not len(lines) or content is None:
        return b""
    places = memoryview(offsets).cast("i")
    found: bytes = content.slice(
        places[lines.offset], places[lines.offset + len(lines)] - places[lines.offset]
    ).to_pybytes()
    return found


def _told(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
