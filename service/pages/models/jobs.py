"""`/models/jobs`: a training begun, watched while it goes on, and cancelled; the same for the gate's comparisons."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from service import job_documents
from service.access import current_actor, require
from service.jobs.kinds import BATCH
from service.jobs.starting import submit_comparison, submit_training
from service.pages import layout
from service.schemas.job import TrainingRequestSchema
from service.services import services
from service.store.jobs import OPEN_STATES

blueprint = Blueprint("jobs", __name__)

LISTED = 50
# How often a page without scripts looks again by itself.
REFRESH_SECONDS = 3


@blueprint.get("/jobs")
@require("score")
def listed() -> Response:
    """The newest jobs."""
    found = job_documents.page(services().jobs, LISTED, cursor=request.args.get("cursor", ""))
    return layout.page("models/jobs.html", jobs=found["jobs"], further=found["next"])


@blueprint.post("/trainings")
@require("train")
def train() -> Response:
    """Begins a training on the active findings, and goes to where it can be watched."""
    body = TrainingRequestSchema().load({"promote": request.form.get("promote") == "true"})
    return _to(submit_training(services(), body, current_actor()))


@blueprint.post("/<model_id>/gate")
@require("train")
def gate(model_id: str) -> Response:
    """Asks the gate to compare a model with the current one."""
    return _to(submit_comparison(services(), model_id, current_actor()))


@blueprint.get("/jobs/<job_id>")
@require("score")
def show(job_id: str) -> Response:
    """How a job stands, and all that it told; a batch has a page of its own."""
    if services().jobs.get(job_id).kind == BATCH:
        return redirect(url_for("pages.batch.watching.show", batch_id=job_id))
    return layout.page("models/job.html", refresh=REFRESH_SECONDS, **_shown(job_id))


@blueprint.get("/jobs/<job_id>/progress")
@require("score")
def progress(job_id: str) -> Response:
    """The part of the page that moves; it has the page loaded anew once the job has ended."""
    shown = _shown(job_id)
    answer = layout.fragment("models/progress.html", **shown)
    if not shown["open"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/jobs/<job_id>/cancel")
@require("train")
def cancel(job_id: str) -> Response:
    """Asks a job to stop."""
    state = services().jobs.cancel(job_id, current_actor())
    flash("It was asked to stop." if state in OPEN_STATES else f"It is {state}.")
    return _to(job_id)


def _shown(job_id: str) -> dict[str, Any]:
    jobs = services().jobs
    job = job_documents.document(jobs.get(job_id))
    waiting = jobs.queued()
    return {
        "job": job,
        "open": job["state"] in OPEN_STATES,
        "before": (waiting.index(job_id) if job_id in waiting else 0) + len(jobs.running()),
    }


def _to(job_id: str) -> Response:
    return redirect(url_for("pages.models.jobs.show", job_id=job_id), 303)
