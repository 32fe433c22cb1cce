"""Tables as spreadsheets write them: with semicolons or bars between the cells, or in UTF-16. They are read as CSV in UTF-8."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from service.batch.errors import table_error
from service.batch.readers.header import DELIMITER_WORDS, field_of

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
# How much of a file is looked at for its header.
_HEAD_BYTES = 64 * 1024


def read_as_csv(stream: IO[bytes], delimiter: str, folder: Path) -> tuple[IO[bytes], str]:
    """A table that can be read with `delimiter`, and what is to be said of how it was read: the file as it is, or where its cells
    are parted otherwise or its letters are UTF-16, a copy in `folder`. Raises TableError where it cannot be read."""
    if not stream.seekable():
        return stream, ""
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
    header = head.decode(encoding, "replace").partition("\n")[0].rstrip("\r")
    used = max(DELIMITER_WORDS, key=lambda each: (_count_fields(header, each), each == delimiter))
    if used == delimiter and encoding != "utf-16":
        return stream, ""
    copy = (folder / "table.csv").open("w+b")
    try:
        _copy(stream, encoding, used, copy, delimiter)
    except (UnicodeError, csv.Error) as error:
        raise table_error(1, "malformed", f"the table cannot be read: {error}") from error
    copy.seek(0)
    said = [f"the cells are parted by {DELIMITER_WORDS[used]}"] if used != delimiter else []
    return copy, ", ".join([*said, *(["the letters are UTF-16"] if encoding == "utf-16" else [])])


def _copy(source: IO[bytes], encoding: str, used: str, target: IO[bytes], delimiter: str) -> None:
    text = io.TextIOWrapper(source, encoding, newline="")
    written = io.TextIOWrapper(target, "utf-8", newline="")
    if delimiter == ",":
        csv.writer(written, lineterminator="\n").writerows(csv.reader(text, delimiter=used, strict=True))
    else:
        written.writelines(line.replace(used, delimiter) for line in text)
    written.flush()
    text.detach()
    written.detach()


def _count_fields(header: str, delimiter: str) -> int:
    """How many cells of a header are fields of a candidate, if it is parted so; one alone says nothing of what parts it."""
    try:
        cells: Sequence[str] = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return 0
    return sum(field_of(cell) != "" for cell in cells) if len(cells) > 1 else 0
