"""The faults of bad rows, as files of errors have them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.errors import FieldError
from service.batch.formats import DELIMITERS, Format

COLUMNS = ("line", "row", "id", "field", "code", "detail", "given", "allowed", "nearest")


def documents(
    faults: Mapping[int, Sequence[FieldError]], rows: Mapping[int, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """A document for each fault. `rows` has the line (None in Parquet), number and id of each bad row, by its place."""
    for place in sorted(faults):
        for fault in faults[place]:
            yield {
                **rows[place],
                "field": fault.field,
                "code": fault.code,
                "detail": fault.remedy,
                "given": fault.given,
                "allowed": list(fault.allowed),
                "nearest": list(fault.nearest),
            }


def header(form: Format) -> bytes:
    """What stands before the errors."""
    return _line(form, COLUMNS) if form.is_table else b""


def lines(form: Format, errors: Sequence[Mapping[str, Any]]) -> bytes:
    """Errors as lines of a file."""
    if form.is_table:
        return b"".join(_line(form, [_cell(error[name]) for name in COLUMNS]) for error in errors)
    # What was given may hold what UTF-8 cannot, such as half of a surrogate pair; json escapes it.
    stated = [{name: value for name, value in error.items() if value not in (None, "", [])} for error in errors]
    return b"".join(json.dumps(error, default=str).encode() + b"\n" for error in stated)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(value)
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, default=str)


def _line(form: Format, cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    if form is Format.TSV:
        line.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")
    else:
        csv.writer(line, delimiter=DELIMITERS[form], lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8", "backslashreplace")
