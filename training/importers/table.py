"""Reads the tables that people download: tab-, comma- or semicolon-separated, plain or .gz, whatever the encoding.

A table is streamed: some are hundreds of megabytes. Every needed column is found by its heading, in any order and case.
"""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from models.errors import FieldError, RowError, TableError
from models.vocabulary.normalize import fold
from training.data.tabular import TableRow

CHUNK = 1 << 20
# A line, and what a .gz may unpack to, in characters; the largest table that is offered has some hundred millions.
LONGEST_LINE, LONGEST_TEXT = 1 << 20, 1 << 32
MAX_COLUMNS = 1000
_WORKBOOKS = {b"PK\x03\x04": "an Excel workbook or a zip archive", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}
_GZIP = b"\x1f\x8b"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = "\t,;"
_Bytes = gzip.GzipFile | io.BufferedReader


@dataclass(frozen=True, slots=True)
class Form:
    """One shape in which a source's table is found.

    `columns` maps what the importer calls a column to the headings that it may stand under, the usual one first;
    `optional` ones may be missing. With `counts` a row gives numbers of papers, so that papers cannot be told apart (those that
    it names then only serve to take out the corpus' own). `remark` is what the reader of its import should know.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: bool = False
    remark: str = ""

    def missing(self, headings: Sequence[str]) -> list[str]:
        """Those of the usual headings whose column is not among `headings`."""
        return [names[0] for names in self.columns.values() if _position(names, headings) is None]

    def empty(self, cells: Mapping[str, str]) -> str:
        """The usual heading of the first needed column whose cell is empty or not there; empty where none is."""
        return next((names[0] for name, names in self.columns.items() if not cells.get(name)), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose form was recognised. `sha256` is of the file as it is, `encoding` of the text in it, `is_ended` whether its
    last line has an end."""

    path: Path
    form: Form
    sha256: str
    encoding: str
    delimiter: str
    is_ended: bool

    def rows(self) -> Iterator[TableRow]:
        """The rows that are not empty, their cells without needless spaces, none for columns that a row does not reach.

        Raises TableError where one is malformed.
        """
        lines = _lines(self.path, self.encoding, self.delimiter)
        line, headings = next(lines)
        cells = headings
        columns = {**self.form.columns, **self.form.optional}
        positions = {name: _position(names, headings) for name, names in columns.items()}
        for line, cells in lines:
            if any(map(str.strip, cells)):
                reached = {name: at for name, at in positions.items() if at is not None and at < len(cells)}
                yield TableRow(line, {name: " ".join(cells[at].split()) for name, at in reached.items()})
        if len(cells) < len(headings) and not self.is_ended:
            remedy = f"The file ends in this line, which has {len(cells)} cells of {len(headings)}. It was cut off"
            raise TableError.at_line(line, "truncated", remedy)


def open_table(path: Path, forms: Sequence[Form]) -> Table:
    """The table at `path`, in whichever of `forms` it is.

    Raises TableError where the file is empty, cut off, a workbook or no text, and, naming every column that is missing,
    where it is in none of the forms; OSError where it cannot be opened.
    """
    try:
        sha256, encoding, is_ended = _examine(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = f"The .gz file is cut off or damaged ({error}). Download or copy it again"
        raise TableError.at_line(1, "truncated", remedy) from error
    with _text(path, encoding) as text:
        header = next(_limited(text), "").strip("\r\n")
    if not header.strip():
        raise TableError.at_line(1, "empty", "The file is empty. Give a header row and at least one row")
    headings = {delimiter: _headings(header, delimiter) for delimiter in _DELIMITERS}
    tried = [(form, delimiter, form.missing(headings[delimiter])) for delimiter in _DELIMITERS for form in forms]
    form, delimiter, missing = min(tried, key=lambda trial: len(trial[2]) / len(trial[0].columns))
    if not missing:
        return Table(path, form, sha256, encoding, delimiter, is_ended)
    wanted = "; or ".join(f"{', '.join(form.missing(()))} ({form.name})" for form in forms)
    faults = [FieldError(name, "missing_column", f"The column {name} is missing") for name in missing]
    faults.append(FieldError("", "wrong_header", f"The header must have these columns, in any order: {wanted}"))
    raise TableError([RowError(1, fault) for fault in faults])


def _position(names: Sequence[str], headings: Sequence[str]) -> int | None:
    keys = {fold(name) for name in names}
    return next((position for position, heading in enumerate(headings) if fold(heading) in keys), None)


def _headings(header: str, delimiter: str) -> list[str]:
    if header.count(delimiter) >= MAX_COLUMNS:
        raise TableError.at_line(1, "too_many_columns", f"The header has more than {MAX_COLUMNS} columns")
    try:
        return next(csv.reader([header], delimiter=delimiter))
    except csv.Error as error:
        raise TableError.at_line(1, "malformed", f"The header is not well formed ({error})") from error


def _examine(path: Path) -> tuple[str, str, bool]:
    """The digest of a file, the encoding of its text, and whether its last line has an end; every byte is read, so a damaged
    file is found out here."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        head = file.read(4)
    for mark, what in _WORKBOOKS.items():
        if head.startswith(mark):
            raise TableError.at_line(
                1, "workbook", f"This is {what}. Export its sheet as CSV (UTF-8), then import that file"
            )
    with _unpacked(path) as file:
        start = file.read(4)
    marked = [encoding for mark, encoding in _MARKS.items() if start.startswith(mark)]
    # Older tables are Windows-1252, or Latin-1 where that does not define a byte.
    for encoding in marked or ("utf-8", "windows-1252", "latin-1"):
        try:
            is_ended = _check_text(path, encoding)
        except UnicodeDecodeError:
            continue
        return sha256, encoding, is_ended
    raise TableError.at_line(
        1, "malformed", f"The text is not the {marked[0]} that it begins as: save the file as UTF-8 text"
    )


def _check_text(path: Path, encoding: str) -> bool:
    """Reads all of a text. Returns whether its last line has an end. Raises UnicodeDecodeError where it is in another encoding,
    TableError where it is no text or too long."""
    line, length, last = 1, 0, ""
    with _text(path, encoding) as text:
        while chunk := text.read(CHUNK):
            last, length = chunk[-1], length + len(chunk)
            if length > LONGEST_TEXT:
                raise TableError.at_line(line, "too_long", f"The text has more than {LONGEST_TEXT:,} characters")
            if "\0" in chunk:
                line += chunk[: chunk.index("\0")].count("\n")
                raise TableError.at_line(line, "not_text", "The line has a NUL character. Save the file as UTF-8 text")
            line += chunk.count("\n")
    return last in "\r\n"


def _unpacked(path: Path) -> _Bytes:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")


def _text(path: Path, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_unpacked(path), encoding, newline="")


def _limited(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a text. Raises TableError where one is too long to be held in memory."""
    for number in count(1):
        line = text.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            raise TableError.at_line(number, "too_long", f"The line has {LONGEST_LINE:,} characters or more")
        if not line:
            return
        yield line


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row with the line that it begins on. Only comma- and semicolon-separated rows may be quoted."""
    begins = 1
    with _text(path, encoding) as text:
        try:
            if delimiter == "\t":
                for begins, line in enumerate(_limited(text), start=1):
                    yield begins, [_unquoted(cell) for cell in line.rstrip("\r\n").split("\t")]
                return
            rows = csv.reader(_limited(text), delimiter=delimiter, strict=True)
            for cells in rows:
                yield begins, cells
                begins = rows.line_num + 1
        except (csv.Error, UnicodeError) as error:
            raise TableError.at_line(begins, "malformed", f"The line is not well formed ({error})") from error


def _unquoted(cell: str) -> str:
    """A cell without the quotes that spreadsheets put around some cells of tab-separated text."""
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
