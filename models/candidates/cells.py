"""Cells of tables as the texts that a person sees."""

import re
from datetime import date, datetime, time

_LINE_ENDS = re.compile(r"[\r\n]+")


def cell_text(cell: object) -> str:
    """A cell as a person sees it; times and dates as ISO 8601 has them."""
    match cell:
        case str():
            # A row of the sheet is to be one line.
            return _LINE_ENDS.sub(" ", cell)
        case bool():
            return str(cell).upper()
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
        case datetime():
            return str(cell if cell.time() != time() else cell.date())
        case date():
            return cell.isoformat()
    return str(cell)
