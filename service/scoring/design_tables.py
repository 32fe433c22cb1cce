"""Designs as tables: CSV that a batch can score again, and a workbook with the tests and the request beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.candidates.candidate import FIELD_BY_NAME
from service.scoring.score_cells import SCORE_COLUMNS, as_text, cells_of, joined

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Document = Mapping[str, Any]
Cells = Mapping[str, Any]

_CANDIDATE = tuple(name for name in FIELD_BY_NAME if name != "id")
_PROPOSED = ("goal", "lower", "papers", "family", "novelty", "reason", "literature", "answer")
COLUMNS = ("rank", *_CANDIDATE, *SCORE_COLUMNS, *_PROPOSED)
_TEST_COLUMNS = (*_CANDIDATE, "reduction", "information", "novelty", "controls", *SCORE_COLUMNS, "answer")
_REQUEST_COLUMNS = ("member", "value")
# The same designs make the same bytes.
_CREATED = datetime(2000, 1, 1)


def to_csv(document: Document) -> bytes:
    """The shortlist as CSV. Formulas are marked."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([as_text(row.get(name)) for name in COLUMNS] for row in _designs(document))
    return file.getvalue().encode("utf-8")


def to_workbook(document: Document) -> bytes:
    """The shortlist, the tests and the request as sheets of a workbook. What it holds are texts and numbers, never formulas."""
    # Only here, since most designs are no workbooks.
    from xlsxwriter import Workbook

    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"title": "Exoscore designs", "created": _CREATED})
        _write_sheet(workbook, "Designs", COLUMNS, _designs(document))
        _write_sheet(workbook, "Test first", _TEST_COLUMNS, _tests(document))
        _write_sheet(workbook, "Request", _REQUEST_COLUMNS, _request(document))
    return file.getvalue()


JSON = "json"
WRITERS: Mapping[str, Callable[[Document], bytes]] = {"csv": to_csv, "xlsx": to_workbook}
FORMATS = (JSON, *WRITERS)
MEDIA_TYPES = {
    JSON: "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _designs(document: Document) -> Iterator[Cells]:
    return ({**cells_of(row["score"]), **row, "goal": document["goal"]} for row in document["designs"])


def _tests(document: Document) -> Iterator[Cells]:
    return ({**cells_of(row["score"]), **row, "controls": ". ".join(row["controls"])} for row in document["test_first"])


def _request(document: Document) -> Iterator[Cells]:
    """The request, its versions and the note on replicates, a row for each value."""
    parts: dict[str, Any] = {**document["request"], "versions": document["versions"], "counts": document["counts"]}
    for name, part in (*parts.items(), ("replicates", document["replicates"])):
        yield from ({"member": member, "value": value} for member, value in _flat(name, part))


def _flat(name: str, part: object) -> Iterator[tuple[str, object]]:
    if isinstance(part, Mapping):
        for member, inner in part.items():
            yield from _flat(f"{name}.{member}", inner)
    elif isinstance(part, list):
        yield from ((name, value) for value in part)
    else:
        yield name, part


def _write_sheet(workbook: Workbook, name: str, columns: Sequence[str], rows: Iterable[Cells]) -> None:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold = workbook.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            value = row.get(column)
            if isinstance(value, bool):
                sheet.write_boolean(number, place, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value is not None and value != "":
                sheet.write_string(number, place, joined(value))
