"""Structures in Thrift's compact protocol, which the footers of Parquet files are written in, read and written as they are.

Only what a footer needs to be changed in is understood: a structure maps the numbers of its fields to their types and values, in
order. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_STOP = 0

# A value with its type: whole numbers are plain, zigzag is undone; a list has the type of its elements before them.
Typed = tuple[int, Any]
Structure = dict[int, Typed]


def decode(content: bytes) -> Structure:
    """The structure that `content` begins with."""
    return _Reader(content).structure()


def encode(structure: Mapping[int, Typed]) -> bytes:
    """A structure as bytes."""
    out = bytearray()
    _put_structure(out, structure)
    return bytes(out)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def structure(self) -> Structure:
        found: Structure = {}
        number = 0
        while (head := self._byte()) != _STOP:
            step, kind = head >> 4, head & 15
            number = number + step if step else self._whole()
            found[number] = (kind, kind == TRUE if kind in (TRUE, FALSE) else self._value(kind))
        return found

    def _value(self, kind: int) -> Any:
        if kind in (I16, I32, I64):
            return self._whole()
        if kind == BINARY:
            return self._bytes(self._length())
        if kind == STRUCT:
            return self.structure()
        if kind in (LIST, SET):
            head = self._byte()
            count = head >> 4 if head >> 4 != 15 else self._length()
            return head & 15, [self._value(head & 15) for _ in range(count)]
        if kind == DOUBLE:
            return self._bytes(8)
        if kind in (TRUE, FALSE, BYTE):
            return self._byte()
        raise ValueError(f"a footer holds a value of type {kind}")

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]

    def _length(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return found

    def _whole(self) -> int:
        found = self._length()
        return (found >> 1) ^ -(found & 1)


def _put_structure(out: bytearray, structure: Mapping[int, Typed]) -> None:
    before = 0
    for number, (kind, value) in structure.items():
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        step = number - before
        if 0 < step < 16:
            out.append(step << 4 | kind)
        else:
            out.append(kind)
            _put_whole(out, number)
        if kind not in (TRUE, FALSE):
            _put(out, kind, value)
        before = number
    out.append(_STOP)


def _put(out: bytearray, kind: int, value: Any) -> None:
    if kind in (I16, I32, I64):
        _put_whole(out, value)
    elif kind == BINARY:
        _put_length(out, len(value))
        out += value
    elif kind == STRUCT:
        _put_structure(out, value)
    elif kind in (LIST, SET):
        of, values = value
        if len(values) < 15:
            out.append(len(values) << 4 | of)
        else:
            out.append(15 << 4 | of)
            _put_length(out, len(values))
        for each in values:
            _put(out, of, each)
    elif kind == DOUBLE:
        out += value
    else:
        out.append(value)


def _put_length(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)


def _put_whole(out: bytearray, value: int) -> None:
    _put_length(out, value << 1 if value >= 0 else (-value << 1) - 1)
