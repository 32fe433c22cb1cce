"""Files of text in blocks of bytes that end where a record ends."""

import csv
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from models.formulas import unmark_formulas
from service.batch.errors import table_error
from service.batch.formats import DELIMITERS, Format
from service.batch.readers.base import Block, BlockReader, Position
from service.batch.readers.header import check_named
from service.batch.readers.record_boundaries import Records, find_records
from training.data.spreadsheets import decode_utf8

_MARK = b"\xef\xbb\xbf"


class TextReader(BlockReader):
    """A file of CSV, TSV or lines of JSON, or a pipe that brings one."""

    def __init__(
        self,
        stream: IO[bytes],
        form: Format,
        size: int | None,
        block_bytes: int,
        beginning: bytes = b"",
        named: Sequence[str] = (),
    ) -> None:
        """Reads the header. `block_bytes` is the longest block, and the longest row; `beginning` was read from the stream
        already, `named` are the columns of a table without a header. Raises TableError."""
        self.size = size
        self.headings: Sequence[str] = named
        self.columns: Sequence[str] = ()
        self.header_line = 1
        self.remarks: Sequence[str] = ()
        self._stream = stream
        self.form = form
        self._block_bytes = block_bytes
        self._window = beginning
        self._window_offset = 0
        first = self._read_window(0)
        begin = len(_MARK) if first.startswith(_MARK) else 0
        self.start = self._read_header(begin) if form.is_table else Position(begin)

    def read_blocks(self, begin: Position) -> Iterator[Block]:
        """The blocks from a position on. Raises TableError where a row has no end."""
        while window := self._read_window(begin.offset):
            last = len(window) < self._block_bytes
            records = self._find_records(window, begin.line, last)
            after = Position(begin.offset + records.end, begin.row + len(records.starts), begin.line + records.lines)
            yield Block(begin, after, window[: records.end], last)
            begin = after

    def empty_block(self) -> Block:
        """A block without rows."""
        return Block(self.start, self.start, b"", last=True)

    def _read_window(self, offset: int) -> bytes:
        """Up to a block of bytes from `offset` on. A pipe is not sought as long as nothing is left out."""
        ahead = offset - self._window_offset
        if 0 <= ahead <= len(self._window):
            window = self._window[ahead:]
        else:
            self._stream.seek(offset)
            window = b""
        if len(window) < self._block_bytes:
            window += self._stream.read(self._block_bytes - len(window))
        self._window, self._window_offset = window, offset
        return window

    def _read_header(self, begin: int) -> Position:
        window = self._read_window(begin)
        records = self._find_records(window, 1, len(window) < self._block_bytes)
        if not len(records.starts):
            raise table_error(1, "empty", "The file is empty. Give a header with the names of the columns, and rows")
        start = int(records.starts[0])
        end = int(records.starts[1]) if len(records.starts) > 1 else records.end
        line, next_line = (1 + records.lines_of(np.array([start, end]))).tolist()
        self.header_line = line
        text = decode_utf8(window[start:end], line).rstrip("\r\n")
        cells = next(csv.reader([text])) if self.form is Format.CSV else text.split(DELIMITERS[self.form])
        if self.headings:
            check_named(self.headings, cells, line)
            return Position(begin)
        self.headings = [unmark_formulas(cell) for cell in cells]
        return Position(begin + end, 1, next_line)

    def _find_records(self, window: bytes, line: int, last: bool) -> Records:
        records = find_records(window, self.form, last)
        if last and records.open_quote >= 0:
            line += int(records.lines_of(np.array([records.open_quote]))[0])
            remedy = "The quoted cell that begins here has no closing quote: the file is incomplete, or the quote is misplaced"
            raise table_error(line, "truncated", remedy)
        if not last and not records.end:
            quote = ". A quoted cell in it has no closing quote" if records.open_quote >= 0 else ""
            remedy = f"The row that begins here is longer than {self._block_bytes:,} bytes{quote}"
            raise table_error(line, "too_long", remedy)
        return records
