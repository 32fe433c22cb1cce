"""Scores as Parquet: each piece a row group that is written by itself, and one footer over all of them.

So pieces are encoded at the same time by several workers, and what was written before an interruption is kept as it is.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pyarrow as pa
from pyarrow import parquet

from service.batch import thrift
from service.batch.thrift import BINARY, I64, LIST, STRUCT, Structure

MAGIC = b"PAR1"
# The numbers of fields, from https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
_FILE_ROWS, _FILE_GROUPS, _FILE_KEYS = 3, 4, 5
_GROUP_CHUNKS, _GROUP_ROWS, _GROUP_PLACE, _GROUP_NUMBER = 1, 3, 5, 7
_CHUNK_PLACE, _CHUNK_PAGES = 2, 3
# Of data pages, index pages and dictionary pages.
_PAGE_PLACES = (9, 10, 11)


def row_group(table: pa.Table) -> tuple[bytes, bytes]:
    """The bytes of a table as one row group, and what a footer says of it where it is the first of a file."""
    content, footer = _written(table)
    (group,) = footer[_FILE_GROUPS][1][1]
    # The number of a group is needed in encrypted files only.
    group.pop(_GROUP_NUMBER, None)
    return content, thrift.encode(group)


def footer(schema: pa.Schema, groups: Sequence[tuple[int, bytes]]) -> bytes:
    """What stands after the row groups, each given as the place of its first byte in the file and what was said of it."""
    _, found = _written(schema.empty_table())
    described = [_moved(thrift.decode(said), place - len(MAGIC)) for place, said in groups]
    found[_FILE_ROWS] = I64, sum(group[_GROUP_ROWS][1] for group in described)
    found[_FILE_GROUPS] = LIST, (STRUCT, described)
    shown = base64.b64encode(_shown(schema).serialize().to_pybytes())
    found[_FILE_KEYS] = LIST, (STRUCT, [{1: (BINARY, b"ARROW:schema"), 2: (BINARY, shown)}])
    text = thrift.encode(dict(sorted(found.items())))
    return text + len(text).to_bytes(4, "little") + MAGIC


def _written(table: pa.Table) -> tuple[bytes, Structure]:
    """The row groups of a table as a file holds them, and the footer of that file."""
    sink = pa.BufferOutputStream()
    # Of texts that are not coded already, such as ids, a dictionary takes longer than to write them.
    terms = [one.name for one in table.schema if pa.types.is_dictionary(one.type) or pa.types.is_floating(one.type)]
    # Rows come in no order of their scores, so that the least and the most of a row group tell a reader nothing.
    ordered = [name for name in ("id", "row") if name in table.column_names]
    parquet.write_table(
        table,
        sink,
        row_group_size=max(len(table), 1),
        use_dictionary=terms,
        write_statistics=ordered,
        store_schema=False,
    )
    file = memoryview(sink.getvalue())
    end = len(file) - 8 - int.from_bytes(file[-8:-4], "little")
    return bytes(file[len(MAGIC) : end]), thrift.decode(bytes(file[end:-8]))


def _moved(group: Structure, by: int) -> Structure:
    """What is said of a row group that stands so many bytes further on."""

    def move(structure: Structure, field: int) -> None:
        if field in structure:
            kind, place = structure[field]
            # A chunk's own place is 0 where it is not told.
            structure[field] = kind, place + by if place else place

    move(group, _GROUP_PLACE)
    for chunk in group[_GROUP_CHUNKS][1][1]:
        move(chunk, _CHUNK_PLACE)
        for field in _PAGE_PLACES:
            move(chunk[_CHUNK_PAGES][1], field)
    return group


def _shown(schema: pa.Schema) -> pa.Schema:
    """The types as a reader is to see them: texts rather than codes of texts."""
    return pa.schema(
        [pa.field(one.name, one.type.value_type if pa.types.is_dictionary(one.type) else one.type) for one in schema]
    )
