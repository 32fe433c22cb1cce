"""A table of findings imported in three steps: uploaded, previewed row by row, and confirmed. Each step has its address."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from models.errors import FieldError, TableError
from service.db.tables import ImportRow
from service.findings import imports
from service.findings.search import rows_by_id
from service.pages import layout
from service.pages.findings.presenter import conflicts_context, list_item
from service.problems import INVALID_FORM
from service.web.access import current_actor, require
from service.web.current import current_installation
from training.data.columns import describe_column
from training.data.findings import COLUMNS, EFFECTS

blueprint = Blueprint("finding_imports", __name__, url_prefix="/findings/import")

SHOWN_ROWS, SHOWN_FAULTS = 200, 500
# A larger table is corrected where it was made.
MAX_EDITABLE = 100_000
PASTED = "pasted rows"


@blueprint.get("")
@require("curate")
def begin() -> Response:
    """Where a table is uploaded."""
    return _begin()


@blueprint.post("")
@require("curate")
def send() -> Response:
    """Keeps a table and goes to where it can be looked at; nothing is added yet."""
    file, pasted = request.files.get("table"), request.form.get("pasted", "")
    held_out = request.form.get("held_out") == "true"
    content = file.read() if file and file.filename else pasted.strip("\r\n").encode("utf-8", "replace")
    if not content.strip():
        return _begin(FieldError("table", "missing", "Choose a file, or paste rows with their header."))
    name = (file.filename if file else None) or request.form.get("name") or PASTED
    sheet = request.form.get("sheet", "").strip()
    findings = current_installation().findings
    try:
        import_id = imports.create_import(findings, name, content, held_out, current_actor(), sheet, flash)
    except TableError as error:
        return _begin(*(replace(row.fault, field="table", says=str(row)) for row in error.faults))
    return redirect(url_for(".look", import_id=import_id), 303)


@blueprint.get("/<import_id>")
@require("curate")
def look(import_id: str) -> Response:
    """What adding the table would come to, or came to."""
    table = imports.get_import(current_installation().findings, import_id)
    return _result(table) if table.result else _preview(table)


@blueprint.post("/<import_id>")
@require("curate")
def confirm(import_id: str) -> Response:
    """Adds the table, whole."""
    findings = current_installation().findings
    try:
        imports.confirm(findings, import_id, current_actor())
    except TableError:
        # Somebody changed the findings since the preview was shown; the new one says what stands against it.
        return _preview(imports.get_import(findings, import_id))
    return redirect(url_for(".look", import_id=import_id), 303)


def _result(table: ImportRow) -> Response:
    result = table.result
    ids = [conflict[effect]["finding_id"] for conflict in result["conflicts"][:SHOWN_ROWS] for effect in EFFECTS]
    return layout.page(
        "findings/imported.html",
        table=table,
        result=result,
        papers={row.finding_id: list_item(row) for row in rows_by_id(current_installation().findings, ids)},
        # What was added by an earlier version has none.
        unread=[(warning["row"] + 1, warning) for warning in result.get("warnings", ())],
        most=SHOWN_ROWS,
    )


def _preview(table: ImportRow) -> Response:
    preview = imports.preview(current_installation().findings, table)
    text = imports.text_of(table) if preview.fault_count and len(table.content) <= MAX_EDITABLE else None
    return layout.page(
        "findings/preview.html",
        table=table,
        preview=preview,
        faulty=[row for row in preview.rows if row.faults],
        **conflicts_context(current_installation().findings, preview.conflicts[:SHOWN_ROWS]),
        conflict_count=len(preview.conflicts),
        text=text,
        most=SHOWN_ROWS,
        most_faults=SHOWN_FAULTS,
    )


def _begin(*faults: FieldError) -> Response:
    return layout.page(
        "findings/import.html",
        INVALID_FORM if faults else HTTPStatus.OK,
        faults=faults,
        columns={name: describe_column(name) for name in COLUMNS},
        sent=request.form,
    )
