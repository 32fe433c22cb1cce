"""A finding added by a form, corrected, retracted and put back; two people who change one finding are told of each other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from models.errors import Fault, SheetError
from service import findings as documents
from service.access import current_actor, require
from service.errors import FindingClashError, StaleFindingError
from service.pages import layout
from service.pages.findings import form
from service.pages.findings.shown import ALL_TITLES, shown
from service.pages.findings.stale import Edit
from service.pages.wording import counted
from service.problems import INVALID_FORM, STALE_FORM
from service.services import services
from training.data.tabular import TableRow

blueprint = Blueprint("curating", __name__)


@blueprint.get("/add")
@require("curate")
def adding() -> Response:
    """The form of a new finding; what the address says of it is filled in."""
    return layout.page("findings/add.html", **_add({name: request.args.get(name, "") for name in form.SENT}))


@blueprint.post("/add")
@require("curate")
def add() -> Response:
    """Adds a finding, and goes to its page."""
    given, held_out = form.given(request.form), request.form.get("held_out") == "true"
    cells = {name: text for name, text in given.items() if text}
    try:
        added = services().findings.add([TableRow(1, cells)], current_actor(), held_out)
    except SheetError as error:
        faults = [one.fault for one in error.faults]
        return layout.page("findings/add.html", INVALID_FORM, **_add(given, faults, held_out=held_out))
    (placed,) = (*added.added, *added.existing)
    conflicts = f"; it is in {counted(len(added.conflicts), 'conflict')}" if added.conflicts else ""
    flash(f"{placed.finding_id} was added{conflicts}." if added.added else f"{placed.finding_id} was here already.")
    return _to(placed.finding_id)


@blueprint.get("/<finding_id>/correct")
@require("curate")
def correcting(finding_id: str) -> Response:
    """The form that holds a finding as it stands."""
    one = services().findings.show(finding_id)
    return layout.page("findings/correct.html", **_correct(Edit.begin(one)))


@blueprint.post("/<finding_id>/correct")
@require("curate")
def correct(finding_id: str) -> Response:
    """Changes what was changed in the form, if nobody changed the finding since it was shown."""
    found, reason = services().findings, request.form.get("reason", "")
    edit = Edit.read(found.history(finding_id), form.given(request.form), request.form.get("revision", ""))
    if not edit.mine:
        flash("Nothing was changed.")
        return _to(finding_id)
    asked = {"changes": edit.mine, "reason": reason}
    try:
        documents.change(found, finding_id, asked, current_actor(), [edit.revision])
    except StaleFindingError:
        again = edit.onto(found.history(finding_id)[-1])
        return layout.page("findings/correct.html", STALE_FORM, **_correct(again, reason))
    except SheetError as error:
        faults = [one.fault for one in error.faults]
        return layout.page("findings/correct.html", INVALID_FORM, **_correct(edit, reason, faults))
    except FindingClashError as error:
        clash = [Fault("", "clash", str(error))]
        return layout.page("findings/correct.html", INVALID_FORM, **_correct(edit, reason, clash))
    flash(f"{finding_id} was corrected.")
    return _to(finding_id)


@blueprint.post("/<finding_id>/retract")
@require("curate")
def retract(finding_id: str) -> Response:
    """Takes a finding out of what is learned from."""
    return _put(finding_id, retracted=True)


@blueprint.post("/<finding_id>/restore")
@require("curate")
def restore(finding_id: str) -> Response:
    """Puts a retracted finding back."""
    return _put(finding_id, retracted=False)


def _put(finding_id: str, *, retracted: bool) -> Response:
    found, reason = services().findings, request.form.get("reason", "")
    revision = request.form.get("revision", "")
    asked = {"retracted": retracted, "reason": reason}
    try:
        documents.change(found, finding_id, asked, current_actor(), [int(revision)] if revision.isdecimal() else [])
    except StaleFindingError as error:
        told = shown(found, finding_id, reason, refusal=str(error))
        return layout.page("findings/finding.html", STALE_FORM, **told)
    except SheetError as error:
        faults = [one.fault for one in error.faults]
        return layout.page("findings/finding.html", INVALID_FORM, **shown(found, finding_id, reason, faults))
    except FindingClashError as error:
        told = shown(found, finding_id, reason, refusal=str(error))
        return layout.page("findings/finding.html", INVALID_FORM, **told)
    flash(f"{finding_id} was {'retracted' if retracted else 'put back'}.")
    return _to(finding_id)


def _to(finding_id: str) -> Response:
    return redirect(url_for("pages.findings.browsing.show", finding_id=finding_id), 303)


def _add(given: dict[str, str], faults: list[Fault] | None = None, *, held_out: bool = False) -> dict[str, Any]:
    reader = services().registry.features.reader
    return {"form": form.form(reader, given, faults or ()), "held_out": held_out}


def _correct(edit: Edit, reason: str = "", faults: list[Fault] | None = None) -> dict[str, Any]:
    reader = services().registry.features.reader
    return {
        "edit": edit,
        "form": form.form(reader, edit.cells, faults or ()),
        "reason": reason,
        "titles": ALL_TITLES,
    }
