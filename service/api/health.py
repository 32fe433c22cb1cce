"""`GET /healthz` and `GET /readyz`: the probes."""

from __future__ import annotations

from flask import Response, jsonify

from models.errors import ArtifactError, KnowledgeError, UnknownModelError
from service.openapi import Blueprint
from service.schemas.health import HealthSchema, ReadinessSchema
from service.services import services
from service.store import StoreError

blueprint = Blueprint("health", __name__, description="Probes.")


@blueprint.get("/healthz")
@blueprint.response(200, HealthSchema)
def alive() -> Response:
    """Say that the process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.response(200, ReadinessSchema)
@blueprint.alt_response(503, schema=ReadinessSchema)
def ready() -> tuple[Response, int]:
    """Verify the current model and score its self-test."""
    try:
        scorer = services().registry.scorer()
        scorer.self_test()
    except (ArtifactError, KnowledgeError, UnknownModelError, StoreError) as error:
        return jsonify({"status": "not ready", "failed": {"model": str(error)}}), 503
    return jsonify({"status": "ready", "model": scorer.bundle.id}), 200
