"""`/v1/trainings` and `/v1/jobs`: work that goes on behind the answer."""

from typing import Any

from flask import Response, jsonify, url_for
from flask.typing import ResponseReturnValue

from service.api.openapi import Blueprint
from service.jobs import serializers
from service.jobs.batch_uploads import find_job
from service.jobs.kinds import ADVICE
from service.jobs.submit import submit_training
from service.schemas.job import AdviceRequestSchema, JobSchema, JobsQuerySchema, JobsSchema, TrainingRequestSchema
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation

blueprint = Blueprint("jobs", __name__, url_prefix="/v1", description="Start trainings and follow jobs.")


@blueprint.post("/trainings")
@blueprint.arguments(TrainingRequestSchema, required=False)
@blueprint.response(202, JobSchema)
@blueprint.raises(409)
@require("train")
def train(body: dict[str, Any]) -> ResponseReturnValue:
    """Train a model.

    Starts a job that trains on the stored findings.
    """
    return accepted(submit_training(current_installation(), body, current_actor()))


@blueprint.post("/advice")
@blueprint.arguments(AdviceRequestSchema, required=False)
@blueprint.response(202, JobSchema)
@require("train")
def advise(body: dict[str, Any]) -> ResponseReturnValue:
    """Ask what would improve the model.

    Starts a job that lists papers that contradict each other, findings to check, and the experiments that would reduce
    uncertainty most.
    """
    return accepted(current_installation().jobs.submit(ADVICE, body, current_actor()))


@blueprint.get("/jobs")
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, JobsSchema)
@require("score")
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs.

    The newest first. Batches are listed for the key that sent them, all of them for the scope admin.
    """
    return jsonify(serializers.page(current_installation().jobs, **query, viewer=current_principal()))


@blueprint.get("/jobs/<job_id>")
@blueprint.response(200, JobSchema)
@require("score")
def get_job(job_id: str) -> Response:
    """Get a job."""
    return jsonify(serializers.document(find_job(current_installation(), job_id, current_principal())))


@blueprint.post("/jobs/<job_id>/cancel")
@blueprint.response(200, JobSchema)
@require("train")
def cancel_job(job_id: str) -> Response:
    """Cancel a job.

    A job that has ended is not changed.
    """
    jobs = current_installation().jobs
    find_job(current_installation(), job_id, current_principal())
    jobs.cancel(job_id, current_actor())
    return jsonify(serializers.document(jobs.get(job_id)))


def accepted(job_id: str) -> ResponseReturnValue:
    """Answers 202 with a job that was taken on, and where to look after it."""
    answer = jsonify(serializers.document(current_installation().jobs.get(job_id)))
    answer.headers["Location"] = url_for("jobs.get_job", job_id=job_id)
    return answer, 202
