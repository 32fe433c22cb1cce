"""Findings as people and programs send and get them, in the same shape for the API and the command line."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from msgspec import to_builtins

from models.candidates.cargo import Cargo, cargo_function
from models.candidates.parser import CandidateParser
from models.errors import FieldError, RowError, TableError, unknown_names
from models.naming.resolver import closest
from service.db.idempotency import IdempotentRequest
from service.db.tables import FindingRevision, FindingRow
from service.errors import FindingsError
from service.findings.conflicts import Conflict, ConflictFinding
from service.findings.repository import Added, FindingRepository, Placement
from service.findings.search import Filters, iter_all
from service.scoring.serializer import completeness_document
from training.data.bibliography import bibtex, csl, ris
from training.data.data_package import write_package
from training.data.findings import COLUMNS, LIST_COLUMNS
from training.data.tabular import TableRow, format_rows

# The forms in which findings are written, with the media type of each. Some are of their papers; PACKAGE is an archive of tables.
PACKAGE = "croissant"
MEDIA_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl": "application/vnd.citationstyles.csl+json",
    PACKAGE: "application/zip",
}
SUFFIXES = {{"bibtex": "bib", PACKAGE: "zip"}.get(form, form): form for form in MEDIA_TYPES}
_BIBLIOGRAPHIES = {"bibtex": bibtex, "ris": ris, "csl": csl}
# Numbers in what they are taken from, texts here.
NUMBER_COLUMNS = ("pmid", "year")
_IN_JSON = "/findings/{}"


def add_json(
    findings: FindingRepository, sent: Sequence[object], held_out: bool, request: IdempotentRequest
) -> dict[str, Any]:
    """Adds findings that were sent as JSON, and returns what became of them.

    Raises FindingsError with every fault of every one, IdempotencyError, StoreError.
    """
    rows, type_faults = json_rows(sent)
    with findings.writing() as session:

        def add() -> dict[str, Any]:
            faults = list(type_faults)
            try:
                added = findings.add_within(session, rows, request.actor, held_out, _IN_JSON)
            except TableError as error:
                known = {(fault.line, fault.column) for fault in faults}
                faults += [fault for fault in error.faults if (fault.line, fault.column) not in known]
            if faults:
                faults.sort(key=lambda fault: fault.line)
                raise FindingsError([(_IN_JSON.format(fault.line), fault.fault) for fault in faults])
            return added_document(added, rows)

        return request.run(session, add)


def add_table(
    findings: FindingRepository,
    rows: Sequence[TableRow],
    held_out: bool,
    request: IdempotentRequest,
    remarks: Sequence[str] = (),
) -> dict[str, Any]:
    """Adds the findings of a table, read with these remarks, and returns what became of them.

    Raises as `FindingRepository.add`, and IdempotencyError.
    """
    with findings.writing() as session:
        return request.run(
            session, lambda: added_document(findings.add_within(session, rows, request.actor, held_out), rows, remarks)
        )


def apply_change(
    findings: FindingRepository,
    finding_id: str,
    request: Mapping[str, Any],
    author: str,
    revisions: Collection[int] | None,
) -> FindingRow:
    """Does what a change asks for: `changes` of columns given as JSON, or `retracted`; with its `reason`.

    Raises as FindingRepository.correct, retract and restore do.
    """
    reason = request["reason"]
    if "changes" in request:
        cells, faults = json_cells(request["changes"])
        if faults:
            raise TableError([RowError(1, fault, finding_id) for fault in faults])
        return findings.correct(finding_id, cells, author, reason, revisions)
    move = findings.retract if request["retracted"] else findings.restore
    return move(finding_id, author, reason, revisions)


def json_rows(sent: Sequence[object]) -> tuple[list[TableRow], list[RowError]]:
    """Findings sent as JSON as rows, their index for a line, and what is wrong with their types."""
    rows, faults = [], []
    for index, finding in enumerate(sent):
        if isinstance(finding, dict):
            cells, wrong = json_cells(finding)
            rows.append(TableRow(index, cells))
        else:
            wrong = [FieldError("", "wrong_type", "Give an object with the columns of a finding.")]
        faults += [RowError(index, fault) for fault in wrong]
    return rows, faults


def json_cells(sent: Mapping[str, object]) -> tuple[dict[str, str], list[FieldError]]:
    """Columns sent as JSON as cells of a table (null as an empty one), and what is wrong with their types."""
    cells: dict[str, str] = {}
    faults = []
    for column, value in sent.items():
        if column not in COLUMNS:
            continue
        text = _cell(column, value)
        if text is None:
            type_name = "a text, or a list of texts" if column in LIST_COLUMNS else "a text"
            faults.append(FieldError(column, "wrong_type", f"Give {type_name}.", value))
        cells[column] = text or ""
    return cells, faults + unknown_names([column for column in sent if column not in COLUMNS], _unknown_column)


def _unknown_column(name: str) -> FieldError:
    remedy = f"{name[:80]!r} is not a column of a finding."
    return FieldError(name, "unknown_field", remedy, suggest=partial(closest, name, COLUMNS))


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


def document(finding: FindingRow, reader: CandidateParser) -> dict[str, Any]:
    """A finding as it stands, with what follows from its columns."""
    state = ("revision", "origin", "touched", "held_out", "retracted", "added", "changed")
    derived = {
        "function": function_of(finding, reader),
        "completeness": to_builtins(completeness_document(finding.cells)),
    }
    return columns(finding.cells) | derived | finding.to_document(*state, timespec="milliseconds")


def function_of(finding: FindingRow, reader: CandidateParser) -> str:
    """Whether a finding tested gain or loss of function of its cargo: one of FUNCTIONS."""
    names = reader.naming.cargos(finding.cargo_type, finding.cargo_name)
    return cargo_function(Cargo(finding.cargo_type, names), finding.cargo_state)


def history_document(revisions: Sequence[FindingRevision]) -> dict[str, Any]:
    """Every state that a finding was in, each with the columns in which it differs from the one before."""
    state = ("revision", "at", "author", "reason", "held_out", "retracted")
    return {
        "revisions": [
            {
                **revision.to_document(*state, timespec="milliseconds"),
                "changed": [name for name in COLUMNS if revision.cells.get(name) != former_cells.get(name)],
                "finding": columns(revision.cells),
            }
            for former_cells, revision in zip(({}, *(former.cells for former in revisions)), revisions, strict=False)
        ]
    }


def conflict_document(conflict: Conflict) -> dict[str, Any]:
    """A conflict: what the two findings share, and both."""
    shared = ("source_cell", "source_phenotype", "cargo_state")
    return {
        **{name: getattr(conflict.suppressing, name) for name in shared},
        "cargo": conflict.cargo,
        "suppressing": _conflict_side(conflict.suppressing),
        "promoting": _conflict_side(conflict.promoting),
    }


def added_document(added: Added, rows: Sequence[TableRow], remarks: Sequence[str] = ()) -> dict[str, Any]:
    """What became of the rows that were sent."""
    index = {row.line: number for number, row in enumerate(rows)}
    return {
        "added": [_placement(placement, index) for placement in added.added],
        "existing": [_placement(placement, index) for placement in added.existing],
        "conflicts": [conflict_document(conflict) for conflict in added.conflicts],
        "warnings": [{"row": index[line], **asdict(warning)} for line, warning in added.warnings],
        "remarks": list(remarks),
    }


def write_findings(rows: Iterable[Mapping[str, str]], form: str) -> Iterator[bytes]:
    """The cells of findings in one of the forms of MEDIA_TYPES but PACKAGE, in pieces; a table or JSON can be added as it is."""
    return (piece.encode("utf-8") for piece in _texts(rows, form))


def _texts(rows: Iterable[Mapping[str, str]], form: str) -> Iterator[str]:
    if form in _BIBLIOGRAPHIES:
        yield from _BIBLIOGRAPHIES[form](rows)
    elif form == "json":
        yield '{"findings": ['
        for number, cells in enumerate(rows):
            yield (",\n" if number else "\n") + json.dumps(columns(cells))
        yield "\n]}\n"
    else:
        yield from format_rows(rows, COLUMNS, form == "csv")


def export(findings: FindingRepository, filters: Filters, form: str) -> Iterator[bytes]:
    """The findings that the filters admit, in one of the forms of MEDIA_TYPES, in pieces.

    The filters are checked, and the database is read, before the first piece is taken. Raises ParametersError, StoreError.
    """
    rows = list(iter_all(findings, filters))
    cells = [row.cells for row in rows]
    if form == PACKAGE:
        return iter([write_package(cells, all(row.origin == "corpus" and not row.touched for row in rows))])
    return write_findings(cells, form)


def _placement(placement: Placement, index: Mapping[int, int]) -> dict[str, Any]:
    document = asdict(placement)
    return {"row": index[document.pop("line")], **document}


def _conflict_side(finding: ConflictFinding) -> dict[str, str]:
    stated = {name: text for name in ("cargo_name", "cancer_type") if (text := getattr(finding, name))}
    return {"finding_id": finding.finding_id, "paper": finding.paper, **stated}
