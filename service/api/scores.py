"""`POST /v1/scores`: candidates in, scores out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from service.access import require
from service.answers import score_all
from service.openapi import Blueprint
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.score import ScoreQuerySchema, ScoreResponseSchema
from service.services import services

blueprint = Blueprint("scores", __name__, url_prefix="/v1", description="Score candidates.")

EXAMPLE = {
    "candidates": [
        {
            "source_phenotype": "M2",
            "cargo_type": "mirna",
            "cargo_name": "miR-21-5p",
            "cancer_type": "gastric cancer",
        }
    ]
}


@blueprint.post("/scores")
@blueprint.arguments(ScoreRequestSchema, example=EXAMPLE)
@blueprint.arguments(ScoreQuerySchema, location="query")
@blueprint.response(200, ScoreResponseSchema)
@blueprint.alt_response(400, response="BAD_REQUEST")
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(410, response="GONE")
@blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
@blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
@blueprint.alt_response(503, response="SERVICE_UNAVAILABLE")
@require("score")
def score(body: dict[str, Any], query: dict[str, Any]) -> Response:
    """Score up to 10,000 candidates."""
    scorer = services().registry.scorer(query.get("model"))
    answer = score_all(scorer, body["candidates"], query["score_the_good"], query.get("include", ()))
    services().scored(answer["scores"])
    return jsonify(answer)
