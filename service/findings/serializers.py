"""Findings as people and programs send and get them: one shape for the API and the command line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from models.errors import FieldError, RowError, TableError
from models.naming.resolver import closest
from service.db.idempotency import IdempotentRequest
from service.errors import FindingsError
from service.findings.conflicts import Conflict, ConflictFinding
from service.findings.repository import Added, FindingRepository, Placement
from service.findings.rows import Revision, StoredFinding
from service.findings.search import Filters, iter_all
from training.data.findings import COLUMNS, LIST_COLUMNS
from training.data.tabular import TableRow, format_rows

# Numbers in what they are taken from, texts here.
NUMBER_COLUMNS = ("pmid", "year")
_IN_JSON = "/findings/{}"


def add_json(
    findings: FindingRepository, given: Sequence[object], held_out: bool, request: IdempotentRequest
) -> dict[str, Any]:
    """Adds findings that were sent as JSON, and returns what became of them.

    Raises FindingsError with every fault of every one, IdempotencyError, StoreError.
    """
    rows, faults = json_rows(given)
    with findings.writing() as session:

        def add() -> dict[str, Any]:
            told = list(faults)
            try:
                added = findings.add_within(session, rows, request.actor, held_out, _IN_JSON)
            except TableError as error:
                known = {(fault.line, fault.column) for fault in told}
                told += [fault for fault in error.faults if (fault.line, fault.column) not in known]
            if told:
                told.sort(key=lambda fault: fault.line)
                raise FindingsError([(_IN_JSON.format(fault.line), fault.fault) for fault in told])
            return added_document(added, rows)

        return request.run(session, add)


def add_table(
    findings: FindingRepository, rows: Sequence[TableRow], held_out: bool, request: IdempotentRequest
) -> dict[str, Any]:
    """Adds the findings of a table, and returns what became of them. Raises as `FindingRepository.add`, and IdempotencyError."""
    with findings.writing() as session:
        return request.run(
            session, lambda: added_document(findings.add_within(session, rows, request.actor, held_out), rows)
        )


def apply_change(
    findings: FindingRepository,
    finding_id: str,
    asked: Mapping[str, Any],
    author: str,
    revisions: Collection[int] | None,
) -> StoredFinding:
    """Does what a change asks for: `changes` of columns given as JSON, or `retracted`; with its `reason`.

    Raises as FindingRepository.correct, retract and restore do.
    """
    reason = asked["reason"]
    if "changes" in asked:
        cells, faults = json_cells(asked["changes"])
        if faults:
            raise TableError([RowError(1, fault, finding_id) for fault in faults])
        return findings.correct(finding_id, cells, author, reason, revisions)
    move = findings.retract if asked["retracted"] else findings.restore
    return move(finding_id, author, reason, revisions)


def json_rows(given: Sequence[object]) -> tuple[list[TableRow], list[RowError]]:
    """Findings given as JSON as rows, their index for a line, and what is wrong with their types."""
    rows, faults = [], []
    for index, one in enumerate(given):
        if isinstance(one, dict):
            cells, wrong = json_cells(one)
            rows.append(TableRow(index, cells))
        else:
            wrong = [FieldError("", "wrong_type", "give an object with the columns of a finding")]
        faults += [RowError(index, fault) for fault in wrong]
    return rows, faults


def json_cells(given: Mapping[str, object]) -> tuple[dict[str, str], list[FieldError]]:
    """Columns given as JSON as cells of a table (null as an empty one), and what is wrong with their types."""
    cells: dict[str, str] = {}
    faults = []
    for column, value in given.items():
        if column not in COLUMNS:
            remedy = f"{column[:80]!r} is no column of a finding"
            faults.append(FieldError(column, "unknown_field", remedy, nearest=closest(column, COLUMNS)))
            continue
        text = _cell(column, value)
        if text is None:
            wanted = "a text, or a list of texts" if column in LIST_COLUMNS else "a text"
            faults.append(FieldError(column, "wrong_type", f"give {wanted}", value))
        cells[column] = text or ""
    return cells, faults


def _cell(column: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and column in LIST_COLUMNS and all(isinstance(part, str) for part in value):
        return ";".join(value)
    if isinstance(value, int) and not isinstance(value, bool) and column in NUMBER_COLUMNS:
        return str(value)
    return None


def columns(cells: Mapping[str, str]) -> dict[str, str | list[str]]:
    """The cells of a finding as JSON, lists as lists: what can be sent to add it."""
    return {
        name: [part.strip() for part in text.split(";") if part.strip()] if name in LIST_COLUMNS else text
        for name, text in cells.items()
    }


def document(one: StoredFinding) -> dict[str, Any]:
    """A finding as it stands."""
    return {
        **columns(one.cells),
        "revision": one.revision,
        "origin": one.origin,
        "touched": one.touched,
        "held_out": one.held_out,
        "retracted": one.retracted,
        "added": one.added.isoformat(timespec="milliseconds"),
        "changed": one.changed.isoformat(timespec="milliseconds"),
    }


def history_document(revisions: Iterable[Revision]) -> dict[str, Any]:
    """Every state that a finding was in, each with the columns in which it differs from the one before."""
    found: list[dict[str, Any]] = []
    before: Mapping[str, str] = {}
    for one in revisions:
        found.append(
            {
                "revision": one.revision,
                "at": one.at.isoformat(timespec="milliseconds"),
                "author": one.author,
                "reason": one.reason,
                "held_out": one.held_out,
                "retracted": one.retracted,
                "changed": [name for name in COLUMNS if one.cells.get(name) != before.get(name)],
                "finding": columns(one.cells),
            }
        )
        before = one.cells
    return {"revisions": found}


def conflict_document(one: Conflict) -> dict[str, Any]:
    """A conflict: what the two findings share, and both."""
    alike = one.suppressing
    return {
        "source_cell": alike.source_cell,
        "source_phenotype": alike.source_phenotype,
        "cargo_state": alike.cargo_state,
        "cargo": one.cargo,
        "suppressing": _told(one.suppressing),
        "promoting": _told(one.promoting),
    }


def added_document(added: Added, rows: Sequence[TableRow]) -> dict[str, Any]:
    """What became of the rows that were sent."""
    index = {row.line: number for number, row in enumerate(rows)}
    return {
        "added": [_placed(one, index) for one in added.added],
        "existing": [_placed(one, index) for one in added.existing],
        "conflicts": [conflict_document(one) for one in added.conflicts],
    }


def table_lines(findings: Iterable[StoredFinding], by_commas: bool) -> Iterator[str]:
    """Findings as the lines of a table in the corpus' own format."""
    return format_rows((one.cells for one in findings), COLUMNS, by_commas)


def export_lines(findings: FindingRepository, filters: Filters, by_commas: bool) -> Iterator[str]:
    """The findings that the filters admit, as the lines of a table.

    The filters are judged, and the database is asked, before the first line is taken. Raises ParametersError, StoreError.
    """
    found = iter_all(findings, filters)
    first = list(islice(found, 1))
    return table_lines(chain(first, found), by_commas)


def _placed(one: Placement, index: Mapping[int, int]) -> dict[str, Any]:
    return {
        "row": index[one.line],
        "finding_id": one.finding_id,
        "revision": one.revision,
        "held_out": one.held_out,
        "retracted": one.retracted,
    }


def _told(one: ConflictFinding) -> dict[str, str]:
    found = {"finding_id": one.finding_id, "paper": one.paper}
    stated = {"cargo_name": one.cargo_name, "cancer_type": one.cancer_type}
    return found | {name: text for name, text in stated.items() if text}
