"""Columns of Arrow in dictionary encoding: what candidates in files and frames are read into before they are scored."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.candidates.candidate import FIELD_BY_NAME, RawValue
from models.columnar.scorer import RawColumn
from models.errors import FieldError

_UNIT = "\x1f"


def is_scored(name: str) -> bool:
    """Whether a column has the values of a field that is scored, which is any field but the id."""
    return name in FIELD_BY_NAME and name != "id"


def is_type_of(field: str, kind: pa.DataType) -> bool:
    """Whether a column of a type can be that of a field."""
    if field == "id" and pa.types.is_integer(kind):
        return True
    return is_text(kind) or (FIELD_BY_NAME[field].many and is_list(kind) and is_text(kind.value_type))


def wrong_type(heading: str, field: str, kind: pa.DataType) -> FieldError:
    """What is wrong with a column whose type is none of a field."""
    allowed = "texts, or lists of texts" if FIELD_BY_NAME[field].many else "texts"
    allowed = "texts or whole numbers" if field == "id" else allowed
    return FieldError(heading, "wrong_type", f"The column {heading} holds {kind}, but must hold {allowed}")


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is that of texts, or of a dictionary of them, or has no values but null."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    types = pa.types
    return any(
        is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    )


def is_list(kind: pa.DataType) -> bool:
    """Whether a type is that of lists."""
    return any(is_kind(kind) for is_kind in (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list))


def combine_chunks(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.unify_dictionaries().chunks) if column.num_chunks else pa.array([], column.type)


def encode_texts(column: pa.Array) -> RawColumn:
    """A column of texts, or of a dictionary of them."""
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values: list[RawValue] = column.dictionary.to_pylist()
    # Their own type may have no room for one more.
    indices = column.indices.cast(pa.int32())
    if indices.null_count:
        indices = indices.fill_null(len(values))
        values.append(None)
    return RawColumn(values, indices.to_numpy(zero_copy_only=False))


def encode_lists(column: pa.Array) -> RawColumn:
    """A column of lists of texts."""
    # A list is joined to one text, so that equal ones are found without a look at each.
    flat = column.flatten()
    if flat.null_count or pc.any(pc.match_substring(flat.cast(pa.string()), _UNIT)).as_py():
        return encode_values(None if texts is None else tuple(texts) for texts in column.to_pylist())
    joined = encode_texts(pc.binary_join(column.cast(pa.list_(pa.string())), _UNIT))
    return joined._replace(values=[None if text is None else tuple(str(text).split(_UNIT)) for text in joined.values])


def encode_values(values: Iterable[RawValue]) -> RawColumn:
    """The values of one field, in order."""
    seen: dict[RawValue, int] = {}
    codes = [seen.setdefault(value, len(seen)) for value in values]
    return RawColumn(list(seen), np.array(codes, dtype=np.int32))
