"""`POST /v1/scores`: candidates in, scores out."""

from __future__ import annotations

from flask import Response, request

from service.access import require
from service.openapi import PlainBlueprint
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.score import ScoreQuerySchema, ScoreResponseSchema
from service.score_request import ScoreRequest
from service.services import services

blueprint = PlainBlueprint("scores", __name__, url_prefix="/v1", description="Score candidates.")

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
@blueprint.alt_response(404, response="NOT_FOUND")
@blueprint.alt_response(410, response="GONE")
@require("score")
def score() -> Response:
    """Score up to 10,000 candidates."""
    asked = ScoreRequest.read(request)
    found = services()
    answer = asked.answered_by(found.writers.of(found.registry.scorer(asked.model)))
    found.scored(answer.counted)
    return Response(answer.body, mimetype="application/json")
