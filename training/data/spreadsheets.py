"""Tables as spreadsheets and labs write them, made UTF-8 text with commas or tabs between the cells: what all readers of tables
read.

Cells may be parted by commas, semicolons, tabs or bars, letters may be UTF-8, UTF-16 or, where the text can be no UTF-8, those
of Windows or of the old Macintosh; and a table may be a sheet of a workbook. Lines stay the lines of the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO

from models.candidates.headings import DELIMITER_WORDS, Headings
from models.errors import TableError
from training.data.workbooks import is_workbook, trim, write_sheet

HEAD_BYTES = 12 * 1024 * 1024
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_GUESSES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
# Within how much of a file, and within how many rows, its header is looked for.
_LOOKED_AT, _ROWS_LOOKED_AT = 64 * 1024, 30
# A first line of Excel's own that says what parts the cells.
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\r\n])"?(?:\r\n|\r|\n)', re.IGNORECASE)
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LINE_END, _PART = re.compile(r"\r\n|\r|\n"), re.compile(r"[\r\n\t;,|\"]")
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_AROUND = 20
# Fewer letters than these, each beside a zero, are no UTF-16 without a mark.
_FEW = 3


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table as UTF-8 text with commas between the cells, or with tabs and no quotes.

    Its `beginning` has been read from the `stream` already. `remarks` say what was read otherwise than it stands.
    """

    stream: IO[bytes]
    beginning: bytes
    by_commas: bool
    remarks: tuple[str, ...] = ()


def open_plain(
    stream: IO[bytes],
    by_commas: bool,
    headings: Headings,
    opened: ExitStack,
    *,
    sheet: str = "",
    head_bytes: int = HEAD_BYTES,
    most_bytes: int | None = None,
) -> PlainTable:
    """A file or a pipe that holds a table, as it is where it is plain, else a copy that is removed when `opened` is closed.

    `by_commas` says what parts the cells where the header, which is looked for by its `headings`, does not. `sheet` is that of a
    workbook, by default the first; `most_bytes` is what one may unpack to. The first `head_bytes` tell the encoding. Raises
    TableError where the file cannot be read.
    """
    beginning = stream.read(head_bytes)
    if is_workbook(beginning):
        copy = opened.enter_context(_make_copy())
        remarks = write_sheet(_as_file(stream, beginning, opened), sheet, copy, most_bytes)
        copy.seek(0)
        beginning = copy.read(head_bytes)
        rows = _read_rows(beginning[:_LOOKED_AT].decode("utf-8", "replace"), ",")
        _check_header([rows], headings)
        if remarks and not headings.columns_of(next(iter(rows.values()), ())):
            remedy = f"{remarks[0]}. Its header has no known column: name another sheet"
            raise TableError.at_line(0, "wrong_sheet", remedy)
        return PlainTable(copy, beginning, True, tuple(remarks))
    if sheet:
        raise TableError.at_line(0, "no_sheets", f"This file is text. Only a workbook has sheets such as {sheet!r}")
    encoding = _encoding_of(beginning, len(beginning) < head_bytes)
    text = beginning[:_LOOKED_AT].decode(encoding, "replace")
    if text.lstrip().startswith("<"):
        remedy = "This is a web page or an XML document, not a table. Save it as a workbook (.xlsx) or as CSV"
        raise TableError.at_line(1, "markup", remedy)
    separator_line = _SEPARATOR_LINE.match(text)
    own = "," if by_commas else "\t"
    if separator_line:
        text = text[separator_line.end() :]
    begins = 2 if separator_line else 1
    tables = {delimiter: _read_rows(text, delimiter, begins) for delimiter in DELIMITER_WORDS}
    used = separator_line[1] if separator_line else _find_delimiter(tables, own, headings)
    _check_header(tables.values(), headings)
    remarks = [f"The cells are separated by {DELIMITER_WORDS.get(used, used)}"] if used != own else []
    if "utf-16" in encoding:
        remarks.append("The text is UTF-16")
    if encoding in _GUESSES:
        remarks.append(_remark_on_guess(encoding, beginning.decode(encoding)))
    is_padded = used == "," and any(not header[-1].strip() for header in islice(tables[used].values(), 1))
    if "utf-8" in encoding and used in (",", own) and not separator_line and not is_padded:
        return PlainTable(stream, beginning, used == ",", tuple(remarks))
    copy = opened.enter_context(_make_copy())
    lines = io.TextIOWrapper(_as_file(stream, beginning, opened), encoding, newline="")
    _write_plain(lines, used, begins, copy)
    lines.detach()
    copy.seek(0)
    return PlainTable(copy, copy.read(head_bytes), True, tuple(remarks))


def _make_copy() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="exoscore-")


def _as_file(stream: IO[bytes], beginning: bytes, opened: ExitStack) -> IO[bytes]:
    """What is read from the beginning, as a file of the operating system."""
    if isinstance(stream, io.BufferedReader) and stream.seekable():
        stream.seek(0)
        return stream
    file = opened.enter_context(_make_copy())
    file.write(beginning)
    shutil.copyfileobj(stream, file)
    file.seek(0)
    return file


def decode_utf8(content: bytes, line: int = 1) -> str:
    """Text that begins on `line`. Raises TableError naming the line and byte that are not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        remedy = f"Byte {column} of the line (0x{content[error.start]:02x}) is not UTF-8. Save the file as UTF-8"
        raise TableError.at_line(line + before.count(b"\n"), "not_utf8", remedy) from error


def _encoding_of(beginning: bytes, is_whole: bool) -> str:
    """The encoding of a text: a guess where it is no UTF-8. Raises TableError where it is damaged UTF-8, or nothing is likely."""
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    first, second = beginning[:20:2], beginning[1:20:2]
    for encoding, letters, zeros in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if len(zeros) > _FEW and all(letters) and not any(zeros):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning, is_whole)
    except UnicodeDecodeError:
        guess = "mac_roman" if b"\r" in beginning and b"\n" not in beginning else "cp1252"
        is_damaged = len(_UTF8_LETTER.findall(beginning)) >= beginning.decode("utf-8", "replace").count("\ufffd")
        if not is_damaged and b"\0" not in beginning:
            with suppress(UnicodeDecodeError):
                beginning.decode(guess)
                return guess
        decode_utf8(beginning)
    return "utf-8"


def _remark_on_guess(encoding: str, text: str) -> str:
    foreign = _FOREIGN.search(text)
    at = foreign.start() if foreign else 0
    line = len(_LINE_END.findall(text, 0, at)) + 1
    before = _PART.split(text[max(at - _AROUND, 0) : at])[-1]
    sample = before + _PART.split(text[at : at + _AROUND])[0]
    return (
        f"The text is not UTF-8 and is read as {_GUESSES[encoding]}, as in {sample!r} on line {line}: "
        "save the file as UTF-8 if that is wrong"
    )


def _read_rows(text: str, delimiter: str, begins: int = 1) -> dict[int, list[str]]:
    """The first rows that are not empty, by the lines that they begin on."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    read: dict[int, list[str]] = {}
    line = begins
    with suppress(csv.Error):
        for cells in islice(rows, _ROWS_LOOKED_AT):
            if any(map(str.strip, cells)):
                read[line] = cells
            line = rows.line_num + begins
    return read


def _find_delimiter(tables: Mapping[str, Mapping[int, Sequence[str]]], own: str, headings: Headings) -> str:
    """What parts a header into the most columns that are known, else as the name of the file says, else into the most cells."""

    def weigh(delimiter: str) -> tuple[int, bool, int, bool]:
        header = next(iter(tables[delimiter].values()), ())
        is_parted = len(header) > 1
        # One cell alone says nothing of what parts it.
        known = len(headings.columns_of(header)) if is_parted else 0
        return known, delimiter == own and is_parted, len(header), delimiter == own

    return max(tables, key=weigh)


def _check_header(tables: Iterable[Mapping[int, Sequence[str]]], headings: Headings) -> None:
    """Raises TableError where the first row names no column and a later one is the header."""
    tables = [rows for rows in tables if rows]
    if any(headings.columns_of(next(iter(rows.values()))) for rows in tables):
        return
    for rows in tables:
        for line, cells in rows.items():
            columns = headings.columns_of(cells)
            if len(columns) > 1 and 2 * len(columns) >= sum(map(bool, map(str.strip, cells))):
                remedy = f"This is not a header, but line {line} looks like one. Remove the lines above it"
                raise TableError.at_line(next(iter(rows)), "title_rows", remedy)


def _write_plain(lines: io.TextIOWrapper, delimiter: str, begins: int, target: IO[bytes]) -> None:
    written = io.TextIOWrapper(target, "utf-8", newline="")
    for _ in range(1, begins):
        lines.readline()
        written.write("\n")
    csv.writer(written, lineterminator="\n").writerows(trim(_part(lines, delimiter, begins)))
    written.detach()


def _part(lines: Iterable[str], delimiter: str, begins: int) -> Iterator[list[str]]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    line = begins
    try:
        for cells in rows:
            yield cells
            line = rows.line_num + begins
    except (UnicodeError, csv.Error) as error:
        raise TableError.at_line(line, "malformed", f"The table cannot be read from here on: {error}") from error
