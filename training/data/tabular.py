"""Reads tables into rows, naming the line and column of whatever is wrong with the file itself."""

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from models.candidates.headings import Headings, renamed
from models.errors import MAX_FAULTS, FieldError, RowError, TableError, unknown_names
from models.formulas import mark_formulas, unmark_formulas
from models.naming.resolver import closest
from training.data.spreadsheets import decode_utf8, open_plain

# What a table that is held in memory as a whole may be unpacked to.
MOST_BYTES = 256 * 1024 * 1024
OnRemark = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line of the file that it begins on (the header is on line 1), and its cells by column."""

    line: int
    cells: Mapping[str, str]


def ignore(remark: str) -> None:
    """Leaves unsaid how a table is read."""


def read_table(
    path: Path,
    columns: Sequence[str],
    required: Iterable[str],
    headings: Headings | None = None,
    sheet: str = "",
    on_remark: OnRemark = ignore,
) -> list[TableRow]:
    """The rows of a table in any form that `open_plain` takes, with a header row; where its header does not tell, its cells are
    parted by commas if its name ends in .csv, else by tabs.

    Tab-separated files are not quoted. `columns` are the ones allowed, `required` those that must be there, `headings` what else
    they may be called. What was read otherwise than it stands is said to `on_remark`. Raises TableError with all faults of the
    file's form at once, and OSError where it cannot be opened.
    """
    with path.open("rb") as stream:
        return _read(stream, path.suffix.lower() == ".csv", columns, required, headings, sheet, on_remark)


def parse_table(
    content: bytes,
    by_commas: bool,
    columns: Sequence[str],
    required: Iterable[str],
    headings: Headings | None = None,
    sheet: str = "",
    on_remark: OnRemark = ignore,
) -> list[TableRow]:
    """The rows of a file's content; otherwise as `read_table`, but for the OSError."""
    return _read(io.BytesIO(content), by_commas, columns, required, headings, sheet, on_remark)


def read_plain(
    stream: IO[bytes], by_commas: bool, headings: Headings, sheet: str, on_remark: OnRemark
) -> tuple[bytes, bool]:
    """All of a table as UTF-8, and whether its cells are parted by commas. Raises TableError."""
    with ExitStack() as opened:
        table = open_plain(stream, by_commas, headings, opened, sheet=sheet, most_bytes=MOST_BYTES)
        for remark in table.remarks:
            on_remark(remark)
        return table.beginning + table.stream.read(), table.by_commas


def _read(
    stream: IO[bytes],
    by_commas: bool,
    columns: Sequence[str],
    required: Iterable[str],
    headings: Headings | None,
    sheet: str,
    on_remark: OnRemark,
) -> list[TableRow]:
    headings = headings or Headings(columns, {})
    content, by_commas = read_plain(stream, by_commas, headings, sheet, on_remark)
    text = _decode(content)
    lines = _comma_separated(text) if by_commas else _tab_separated(text)
    header_line, named = next(((line, cells) for line, cells in lines if any(map(str.strip, cells))), (1, []))
    if not named:
        raise TableError.at_line(1, "empty", "The file is empty. Give a header row and at least one row")
    header = headings.name_columns(named)
    for remark in renamed(named, header):
        on_remark(remark)
    faults = _header_faults(header_line, header, columns, set(required))
    if faults:
        raise TableError(faults)
    rows = []
    left_out: Counter[str] = Counter()
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            code = "truncated" if len(cells) < len(header) else "extra_cells"
            last = header[min(len(cells), len(header)) - 1]
            remedy = f"The row has {len(cells)} cells, the header {len(header)}; it ends at or after column {last}"
            if len(faults) < MAX_FAULTS:
                faults.append(RowError(line, FieldError(last, code, remedy)))
            else:
                left_out[code] += 1
            continue
        rows.append(
            TableRow(line, {name: unmark_formulas(cell).strip() for name, cell in zip(header, cells, strict=True)})
        )
    for code, count in left_out.items():
        faults.append(RowError(line, FieldError("", code, f"{count} more rows have the same error", count=count)))
    if faults:
        raise TableError(faults)
    if not rows:
        raise TableError.at_line(header_line, "empty", "The file has a header but no rows")
    return rows


def format_rows(rows: Iterable[Mapping[str, str]], columns: Sequence[str], by_commas: bool) -> Iterator[str]:
    """The lines of a file of `rows`, header first, formulas marked: what `parse_table` reads as the same rows.

    The cells must have no white space but single spaces.
    """
    for cells in itertools.chain([columns], ([mark_formulas(row.get(name, "")) for name in columns] for row in rows)):
        if by_commas:
            buffer = io.StringIO()
            csv.writer(buffer, lineterminator="\n").writerow(cells)
            yield buffer.getvalue()
        else:
            yield "\t".join(cells) + "\n"


def _decode(content: bytes) -> str:
    text = decode_utf8(content.removeprefix(codecs.BOM_UTF8))
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise TableError.at_line(line, "not_text", "The line has a NUL character. This is not a text file")
    return text


def _tab_separated(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, line.removesuffix("\r").split("\t")


def _comma_separated(text: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in rows:
            yield begins, cells
            begins = rows.line_num + 1
    except csv.Error as error:
        raise TableError.at_line(begins, "malformed", f"The line is not well-formed CSV ({error})") from error


def _header_faults(line: int, header: list[str], columns: Sequence[str], required: set[str]) -> list[RowError]:
    times = Counter(header)
    faults = unknown_names(
        [name for name in times if name not in columns],
        lambda name: FieldError(
            name,
            "unknown_column",
            f"{name[:80]!r} is not a column of this table",
            suggest=partial(closest, name, columns),
        ),
    )
    faults += [
        FieldError(name, "doubled_column", f"The column {name} occurs {times[name]} times")
        for name in columns
        if times[name] > 1
    ]
    missing = [name for name in columns if name in required and name not in header]
    faults += [FieldError(name, "missing_column", f"The column {name} is missing") for name in missing]
    return [RowError(line, fault) for fault in faults]
