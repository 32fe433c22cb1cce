"""`GET /v1/drift`: whether what is submitted still looks like what the current model learned from."""

from typing import Any

from flask import Response, jsonify

from service.api.openapi import Blueprint
from service.monitoring import drift as drifted
from service.schemas.drift import DriftQuerySchema, DriftSchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("drift", __name__, url_prefix="/v1", description="Do recent queries resemble the training data?")


@blueprint.get("/drift")
@blueprint.arguments(DriftQuerySchema, location="query")
@blueprint.response(200, DriftSchema)
@require("score")
def drift(query: dict[str, Any]) -> Response:
    """Measure drift.

    Compares recent queries with the training data of the model in use.
    """
    return jsonify(
        drifted.document(current_installation().registry.scorer(), current_installation().database, query["days"])
    )
