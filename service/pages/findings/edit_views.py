"""A finding added by a form, corrected, retracted and restored; two people who change one finding see each other's change."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from models.errors import FieldError, TableError
from service.errors import FindingClashError, StaleFindingError
from service.findings import serializers as documents
from service.pages import layout
from service.pages.findings import form
from service.pages.findings.edit_conflict import Edit
from service.pages.findings.presenter import page_context
from service.problems import INVALID_FORM, STALE_FORM
from service.web.access import current_actor, require
from service.web.current import current_installation
from service.web.numbers import read_count
from training.data.tabular import TableRow
from training.report.formatting import pluralize

blueprint = Blueprint("finding_edits", __name__, url_prefix="/findings")


@blueprint.get("/add")
@require("curate")
def show_add() -> Response:
    """The form of a new finding; columns that the address has are filled in."""
    return _add_page({name: request.args.get(name, "") for name in form.EDITABLE})


@blueprint.post("/add")
@require("curate")
def add() -> Response:
    """Adds a finding, and goes to its page; or fills in what is known of its paper, if that was asked for."""
    typed, held_out = form.read(request.form), request.form.get("held_out") == "true"
    if form.FILL in request.form:
        filled = form.fill(typed, current_installation().settings)
        return _add_page(filled.cells, filled.faults, held_out=held_out, message=filled.message)
    cells = {name: text for name, text in typed.items() if text}
    try:
        added = current_installation().findings.add([TableRow(1, cells)], current_actor(), held_out)
    except TableError as error:
        return _add_page(typed, _faults(error), held_out=held_out)
    (placed,) = (*added.added, *added.existing)
    conflicts = f" It is part of {pluralize(len(added.conflicts), 'conflict')}." if added.conflicts else ""
    flash(f"{placed.finding_id} was added.{conflicts}" if added.added else f"{placed.finding_id} is already stored.")
    for _, warning in added.warnings:
        flash(f"Not understood: {warning}")
    return _to_finding(placed.finding_id)


@blueprint.get("/<finding_id>/correct")
@require("curate")
def show_correct(finding_id: str) -> Response:
    """The form that holds a finding as it stands."""
    return _correct_page(Edit.begin(current_installation().findings.show(finding_id)), HTTPStatus.OK)


@blueprint.post("/<finding_id>/correct")
@require("curate")
def correct(finding_id: str) -> Response:
    """Changes what was changed in the form, if nobody changed the finding since it was shown; or fills in what is known of
    its paper, if that was asked for."""
    findings, reason = current_installation().findings, request.form.get("reason", "")
    typed = form.read(request.form)
    filled = form.fill(typed, current_installation().settings) if form.FILL in request.form else form.Filled(typed)
    edit = Edit.read(findings.history(finding_id), filled.cells, request.form.get("revision", ""))
    if form.FILL in request.form:
        status = INVALID_FORM if filled.faults else HTTPStatus.OK
        return _correct_page(edit, status, reason, filled.faults, filled.message)
    if not edit.changes:
        flash("There was nothing to change.")
        return _to_finding(finding_id)
    try:
        documents.apply_change(
            findings, finding_id, {"changes": edit.changes, "reason": reason}, current_actor(), [edit.revision]
        )
    except StaleFindingError:
        return _correct_page(edit.rebase(findings.history(finding_id)[-1]), STALE_FORM, reason)
    except TableError as error:
        return _correct_page(edit, INVALID_FORM, reason, _faults(error))
    except FindingClashError as error:
        return _correct_page(edit, INVALID_FORM, reason, [FieldError("", "clash", str(error))])
    flash(f"{finding_id} was corrected.")
    return _to_finding(finding_id)


@blueprint.post("/<finding_id>/retract")
@require("curate")
def retract(finding_id: str) -> Response:
    """Takes a finding out of training."""
    return _set_retracted(finding_id, retracted=True)


@blueprint.post("/<finding_id>/restore")
@require("curate")
def restore(finding_id: str) -> Response:
    """Restores a retracted finding."""
    return _set_retracted(finding_id, retracted=False)


def _set_retracted(finding_id: str, *, retracted: bool) -> Response:
    findings, reason = current_installation().findings, request.form.get("reason", "")
    revision = read_count(request.form.get("revision"))
    change = {"retracted": retracted, "reason": reason}
    status, refusal = INVALID_FORM, ""
    faults: list[FieldError] = []
    try:
        documents.apply_change(findings, finding_id, change, current_actor(), [] if revision is None else [revision])
        flash(f"{finding_id} was {'retracted' if retracted else 'restored'}.")
        return _to_finding(finding_id)
    except TableError as error:
        faults = _faults(error)
    except (StaleFindingError, FindingClashError) as error:
        status = STALE_FORM if isinstance(error, StaleFindingError) else INVALID_FORM
        refusal = str(error)
    context = page_context(findings, finding_id, reason, faults, refusal)
    return layout.page("findings/finding.html", status, **context)


def _faults(error: TableError) -> list[FieldError]:
    return [row.fault for row in error.faults]


def _to_finding(finding_id: str) -> Response:
    return redirect(url_for("pages.findings.show", finding_id=finding_id), 303)


def _add_page(
    cells: dict[str, str], faults: Sequence[FieldError] = (), *, held_out: bool = False, message: str = ""
) -> Response:
    status = INVALID_FORM if faults else HTTPStatus.OK
    return layout.page("findings/add.html", status, held_out=held_out, message=message, **_form_context(cells, faults))


def _correct_page(
    edit: Edit, status: HTTPStatus, reason: str = "", faults: Sequence[FieldError] = (), message: str = ""
) -> Response:
    context = _form_context(edit.cells, faults)
    return layout.page("findings/correct.html", status, edit=edit, reason=reason, message=message, **context)


def _form_context(cells: Mapping[str, str], faults: Sequence[FieldError]) -> dict[str, Any]:
    installation = current_installation()
    reader = installation.registry.features.parser
    return {
        "form": form.make_form(reader, cells, faults),
        "titles": form.TITLES,
        "choices": form.explain_choices(reader),
        "fill": form.FILL if installation.settings.lookup else "",
    }
