"""The faults of bad rows, as files of errors have them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from models.errors import FieldError
from models.formulas import mark_formulas
from service.batch.formats import DELIMITERS, Format

COLUMNS = ("line", "row", "id", "field", "code", "detail", "given", "allowed", "nearest")


def documents(
    faults: Mapping[int, Sequence[FieldError]],
    first_row: int,
    lines: Sequence[int | None],
    ids: Mapping[int, str | None],
) -> list[dict[str, Any]]:
    """A document for each fault of some rows, by their places in a block that begins with the row of number `first_row`.

    `lines` are those of the bad rows, in order (None in Parquet), `ids` those of the rows that have one, by their places.
    """
    return [
        {
            "line": line,
            "row": first_row + place,
            "id": ids.get(place),
            "field": fault.field,
            "code": fault.code,
            "detail": fault.remedy,
            # Whatever is nested may be so deep that it could not be written.
            "given": fault.given if isinstance(fault.given, str | int | float) else None,
            "allowed": list(fault.allowed),
            "nearest": list(fault.nearest),
        }
        for place, line in zip(sorted(faults), lines, strict=True)
        for fault in faults[place]
    ]


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
        line.write("\t".join(mark_formulas(" ".join(cell.split())) for cell in cells) + "\n")
    else:
        csv.writer(line, delimiter=DELIMITERS[form], lineterminator="\n").writerow(map(mark_formulas, cells))
    return line.getvalue().encode("utf-8", "backslashreplace")
