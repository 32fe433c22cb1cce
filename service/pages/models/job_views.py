"""`/models/jobs`: a training started, watched while it runs, and cancelled; the same for promotion checks."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from service.db.jobs import OPEN_STATES
from service.jobs import serializers
from service.jobs.batch_uploads import find_job
from service.jobs.kinds import BATCH, PRIVATE
from service.jobs.submit import submit_comparison, submit_training
from service.pages import layout
from service.pages.models.presenter import jobs_before, models_page
from service.problems import INVALID_FORM
from service.schemas.job import TrainingRequestSchema
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation

blueprint = Blueprint("model_jobs", __name__, url_prefix="/models")

LISTED = 50


@blueprint.get("/jobs")
@require("score")
def list_jobs() -> Response:
    """The newest trainings and promotion checks."""
    cursor = request.args.get("cursor", "")
    page = serializers.page(
        current_installation().jobs, LISTED, cursor=cursor, viewer=current_principal(), without=PRIVATE
    )
    return layout.page(
        "models/jobs.html", jobs=page["jobs"], further=page["next"], names=current_installation().registry.names()
    )


@blueprint.post("/trainings")
@require("train")
def train() -> Response:
    """Begins a training on the active findings, and goes to where it can be watched."""
    name = request.form.get("name", "").strip()
    try:
        body = TrainingRequestSchema().load({"promote": request.form.get("promote") == "true", "name": name})
    except ValidationError as error:
        return models_page(INVALID_FORM, name, error.messages_dict["name"])
    return _to(submit_training(current_installation(), body, current_actor()))


@blueprint.post("/<model_id>/gate")
@require("train")
def gate(model_id: str) -> Response:
    """Asks the gate to compare a model with the current one."""
    return _to(submit_comparison(current_installation(), model_id, current_actor()))


@blueprint.get("/jobs/<job_id>")
@require("score")
def show(job_id: str) -> Response:
    """How a job stands, and its whole log; a batch has a page of its own."""
    if find_job(current_installation(), job_id, current_principal()).kind == BATCH:
        return redirect(url_for("pages.batch_jobs.show", batch_id=job_id))
    return layout.page("models/job.html", **_job_context(job_id))


@blueprint.get("/jobs/<job_id>/progress")
@require("score")
def progress(job_id: str) -> Response:
    """The part of the page that moves; it has the page loaded anew once the job has ended."""
    return layout.progress("models/progress.html", _job_context(job_id))


@blueprint.post("/jobs/<job_id>/cancel")
@require("train")
def cancel(job_id: str) -> Response:
    """Asks a job to stop."""
    find_job(current_installation(), job_id, current_principal())
    state = current_installation().jobs.cancel(job_id, current_actor())
    flash("The job will stop." if state in OPEN_STATES else f"The job is {state}.")
    return _to(job_id)


def _job_context(job_id: str) -> dict[str, Any]:
    jobs = current_installation().jobs
    job = serializers.document(find_job(current_installation(), job_id, current_principal()))
    names = current_installation().registry.names()
    return {"job": job, "open": job["state"] in OPEN_STATES, "before": jobs_before(jobs, job_id), "names": names}


def _to(job_id: str) -> Response:
    return redirect(url_for("pages.model_jobs.show", job_id=job_id), 303)
