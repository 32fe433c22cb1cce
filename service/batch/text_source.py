"""Files of text in pieces: blocks of bytes cut where a record ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from service.batch.errors import refuse
from service.batch.formats import DELIMITERS, Format
from service.batch.pieces import Piece, Place
from service.batch.records import Records, records_of

_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class TextSource:
    """A file of CSV, TSV or lines of JSON, or a pipe that brings one."""

    def __init__(self, stream: IO[bytes], form: Format, size: int | None, block: int) -> None:
        """Reads the header. `block` is the longest piece, and the longest row, in bytes. Raises SheetError."""
        self.size = size
        self.columns: Sequence[str] | None = None
        self.header_line = 1
        self._stream = stream
        self._form = form
        self._block = block
        self._held = b""
        self._at = 0
        first = self._window(0)
        if first.startswith(_OTHER_MARKS):
            raise refuse(1, "not_utf8", "the file is UTF-16: save it as UTF-8")
        begin = len(_MARK) if first.startswith(_MARK) else 0
        self._start = self._read_header(begin) if form.is_table else Place(begin)

    @property
    def start(self) -> Place:
        """The place of its first row."""
        return self._start

    def pieces(self, begin: Place, number: int = 0) -> Iterator[Piece]:
        """The pieces from a place on. Raises SheetError where a row has no end."""
        while window := self._window(begin.offset):
            last = len(window) < self._block
            found = self._records(window, begin.line, last)
            after = Place(begin.offset + found.end, begin.row + len(found.starts), begin.line + found.lines)
            yield Piece(number, begin, after, window[: found.end], last)
            begin, number = after, number + 1

    def nothing(self) -> Piece:
        """A piece without rows."""
        return Piece(0, self._start, self._start, b"", last=True)

    def _window(self, offset: int) -> bytes:
        """Up to a block of bytes from `offset` on. What brings them need not be sought as long as nothing is left out."""
        ahead = offset - self._at
        if 0 <= ahead <= len(self._held):
            held = self._held[ahead:]
        else:
            self._stream.seek(offset)
            held = b""
        if len(held) < self._block:
            held += self._stream.read(self._block - len(held))
        self._held, self._at = held, offset
        return held

    def _read_header(self, begin: int) -> Place:
        window = self._window(begin)
        found = self._records(window, 1, len(window) < self._block)
        if not len(found.starts):
            raise refuse(1, "empty", "the file is empty: give a header row with the names of the columns")
        start = int(found.starts[0])
        end = int(found.starts[1]) if len(found.starts) > 1 else found.end
        self.header_line = 1 + int(found.lines_of(found.starts[:1])[0])
        text = decoded(window[start:end], self.header_line).rstrip("\r\n")
        self.columns = next(csv.reader([text])) if self._form is Format.CSV else text.split(DELIMITERS[self._form])
        return Place(begin + end, 1, 1 + int(found.lines_of(np.array([end]))[0]))

    def _records(self, window: bytes, line: int, last: bool) -> Records:
        found = records_of(window, self._form, last)
        if last and found.open_quote >= 0:
            line += int(found.lines_of(np.array([found.open_quote]))[0])
            remedy = "the file ends within the quoted cell that begins here: it was cut, or the quote is out of place"
            raise refuse(line, "truncated", remedy)
        if not last and not found.end:
            quote = "; a quoted cell in it has no end" if found.open_quote >= 0 else ""
            remedy = f"the row that begins here is longer than {self._block:,} bytes{quote}"
            raise refuse(line, "too_long", remedy)
        return found


def decoded(content: bytes, line: int) -> str:
    """Text that begins on `line`. Raises SheetError naming the line and byte that are not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        remedy = f"byte {column} of the line (0x{content[error.start]:02x}) is not UTF-8: save the file as UTF-8"
        raise refuse(line + before.count(b"\n"), "not_utf8", remedy) from error
