"""`GET /v1/drift`: whether what is submitted still looks like what the current model learned from."""

from typing import Any

from flask import Response, jsonify

from service.api.openapi import Blueprint
from service.monitoring import drift as drifted
from service.schemas.drift import DriftQuerySchema, DriftSchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("drift", __name__, url_prefix="/v1", description="What is submitted, against the training table.")


@blueprint.get("/drift")
@blueprint.arguments(DriftQuerySchema, location="query")
@blueprint.response(200, DriftSchema)
@require("score")
def drift(query: dict[str, Any]) -> Response:
    """Compare the candidates of the last days with the training table of the current model."""
    return jsonify(
        drifted.document(current_installation().registry.scorer(), current_installation().database, query["days"])
    )
