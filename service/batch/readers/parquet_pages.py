"""The pages of a Parquet file, by their own headers: what a reader will unpack, before it does.

The footer may state any sizes, and Arrow believes the header of a page, so only these headers bound the memory of reading.
https://parquet.apache.org/docs/file-format/data-pages/ and the compact protocol of Thrift.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyarrow import parquet

_DICTIONARY = 2
_DELTA_BYTE_ARRAY = 7
# By type: the member of a page header that says more of the page, and that of its encoding.
_DETAILS = {0: (5, 2), _DICTIONARY: (7, 2), 3: (8, 4)}
# The kinds of values of the compact protocol that headers of pages have, and how deep they are nested.
_STOP, _TRUTHS, _INT32, _NUMBERS, _BYTES, _STRUCT, _DEEPEST = 0, (1, 2), 5, (4, 5, 6), 8, 12, 3
# Arrow holds a pointer and a length for each value of a dictionary.
_VALUE_BYTES = 16
MOST_PAGES = 100_000


@dataclass(slots=True)
class ChunkPages:
    """What the pages of a column chunk hold: the bytes that a dictionary and the largest other page take, the `values` of all
    pages, and whether values are coded by what they share with the ones before, of which any may be as long as the page."""

    dictionary_bytes: int = 0
    page_bytes: int = 0
    values: int = 0
    has_shared_prefixes: bool = False


def read_pages(file: memoryview, column: parquet.ColumnChunkMetaData) -> ChunkPages:
    """The pages of a column chunk of a file. Raises ValueError where there are none, or more than any writer makes."""
    found = ChunkPages()
    for header in _headers(file, column):
        kind, size = header.get(1), header.get(2)
        if kind not in _DETAILS:
            continue
        member, encoding = _DETAILS[kind]
        details = header.get(member) or {}
        values = details.get(1)
        if size is None or size < 0 or values is None or values < 0:
            raise ValueError("a page says nothing of its size")
        if kind == _DICTIONARY:
            found.dictionary_bytes = max(found.dictionary_bytes, size + _VALUE_BYTES * values)
        else:
            found.page_bytes = max(found.page_bytes, size)
            found.values += values
            found.has_shared_prefixes |= details.get(encoding) == _DELTA_BYTE_ARRAY
    return found


def _headers(file: memoryview, column: parquet.ColumnChunkMetaData) -> Iterator[dict[int, Any]]:
    at = column.data_page_offset
    if column.dictionary_page_offset:
        at = min(at, column.dictionary_page_offset)
    end = at + column.total_compressed_size
    if not 0 < at <= end <= len(file):
        raise ValueError("its pages lie outside of the file")
    for _ in range(MOST_PAGES):
        if at >= end:
            return
        header, at = _read_struct(file, at, end)
        size = header.get(3)
        if size is None or size < 0 or at + size > end:
            raise ValueError("a page does not end where its column does")
        at += size
        yield header
    raise ValueError(f"it has more than {MOST_PAGES:,} pages")


def _read_struct(file: memoryview, at: int, end: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """The members of a struct by their numbers, whole numbers of 32 bits and structs, and where it ends. Raises ValueError for
    what no page header has."""
    members: dict[int, Any] = {}
    number = 0
    while True:
        head, at = _read_byte(file, at, end)
        kind = head & 15
        if kind == _STOP:
            return members, at
        if head >> 4:
            number += head >> 4
        else:
            number, at = _read_number(file, at, end)
        value: Any = None
        if kind == _STRUCT and depth < _DEEPEST:
            value, at = _read_struct(file, at, end, depth + 1)
        elif kind in _NUMBERS:
            value, at = _read_number(file, at, end)
        elif kind == _BYTES:
            length, at = _read_varint(file, at, end)
            at += length
        elif kind not in _TRUTHS:
            raise ValueError("a page has a header of another kind")
        if number in members:
            raise ValueError("a page has a header that says something twice")
        members[number] = value if kind in (_STRUCT, _INT32) else None


def _read_number(file: memoryview, at: int, end: int) -> tuple[int, int]:
    value, at = _read_varint(file, at, end)
    return value >> 1 ^ -(value & 1), at


def _read_varint(file: memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte, at = _read_byte(file, at, end)
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
    raise ValueError("a page has a header with a number that is too long")


def _read_byte(file: memoryview, at: int, end: int) -> tuple[int, int]:
    if at >= end:
        raise ValueError("a page has a header without an end")
    return file[at], at + 1
