"""A batch: its progress, its scores, its downloads and its removal."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from service.batch.formats import Format
from service.db.jobs import OPEN_STATES
from service.jobs import batch_drafts, batch_uploads
from service.pages import layout
from service.pages.batch import presenter
from service.web import session
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation
from service.web.downloads import send_result, send_table

blueprint = Blueprint("batch_jobs", __name__, url_prefix="/batch")


@blueprint.get("/<batch_id>")
@require("score")
def show(batch_id: str) -> Response:
    """How a batch stands and, once it is scored, its scores."""
    installation = current_installation()
    job = batch_uploads.find(installation, batch_id, current_principal())
    name = batch_drafts.name_of(installation, batch_id)
    context = presenter.progress_context(installation, job) | presenter.outcome_context(installation, job, request.args)
    return layout.page("batch/batch.html", context.pop("status"), name=name, **context)


@blueprint.get("/<batch_id>/progress")
@require("score")
def progress(batch_id: str) -> Response:
    """The part of the page that moves; it has the page loaded anew once the batch has ended."""
    installation = current_installation()
    job = batch_uploads.find(installation, batch_id, current_principal())
    return layout.progress("batch/progress.html", presenter.progress_context(installation, job))


@blueprint.get("/<batch_id>/result")
@require("score")
def result(batch_id: str) -> Response:
    """The scores, as a file."""
    return send_result(*batch_uploads.result(current_installation(), batch_id, current_principal()))


@blueprint.get("/<batch_id>/errors")
@require("score")
def errors(batch_id: str) -> Response:
    """The errors of the rows that have any, as lines of JSON."""
    return send_result(batch_uploads.errors(current_installation(), batch_id, current_principal()), Format.JSONL)


@blueprint.get("/<batch_id>/errors.csv")
@require("score")
def errors_table(batch_id: str) -> Response:
    """The same errors as a table."""
    # Only here, since no other page needs what reads columns.
    from service.batch.results import errors_as_csv

    path = batch_uploads.errors(current_installation(), batch_id, current_principal())
    return send_table(errors_as_csv(path), "errors.csv")


@blueprint.post("/<batch_id>/cancel")
@require("score")
def cancel(batch_id: str) -> Response:
    """Asks a batch to stop."""
    installation = current_installation()
    batch_uploads.find(installation, batch_id, current_principal())
    state = installation.jobs.cancel(batch_id, current_actor())
    flash("The batch is being stopped." if state in OPEN_STATES else f"The batch is {state}.")
    return redirect(url_for(".show", batch_id=batch_id), 303)


@blueprint.post("/<batch_id>/again")
@require("score")
def again(batch_id: str) -> Response:
    """Scores the file of a batch that came to nothing once more, whatever rows of it are bad."""
    again_id = batch_uploads.retry(current_installation(), batch_id, current_principal())
    session.add_batch(again_id)
    return redirect(url_for(".show", batch_id=again_id), 303)


@blueprint.post("/<batch_id>/remove")
@require("score")
def remove(batch_id: str) -> Response:
    """Removes the files of a batch."""
    batch_uploads.remove(current_installation(), batch_id, current_principal(), request.form.get("reason", ""))
    flash("The files of the batch were removed.")
    return redirect(url_for("pages.batch_uploads.begin"), 303)
