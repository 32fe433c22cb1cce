"""`/v1/scores`: candidates in, scores out, and a score again by its id."""

from collections.abc import Sequence
from typing import Any

from flask import Request, Response, request

from models.errors import FieldError
from models.scoring.decisions import Costs
from models.scoring.score_ids import ScoreId
from service.api.openapi import Parser, PlainBlueprint
from service.errors import ParametersError
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.score import ReplayQuerySchema, ScoreQuerySchema, ScoreResponseSchema
from service.scoring.documents import DEFAULT_FIELDS, REFERENCE, select_fields
from service.scoring.parsing import MAX_CANDIDATES
from service.scoring.serializer import ScoreSerializer
from service.web.access import require
from service.web.current import current_installation

blueprint = PlainBlueprint("scores", __name__, url_prefix="/v1", description="Score candidates.")
_PARSER = Parser()
_BODY, _QUERY, _REPLAY_QUERY = ScoreRequestSchema(), ScoreQuerySchema(), ReplayQuerySchema()
_SCORE = {"anyOf": [{"$ref": REFERENCE.format(name=name)} for name in ("Score", "ScorePart")]}

# Each of these takes milliseconds, a hundred times as long as all else that is said of a candidate.
SLOW_FIELDS = ("flips", "missing")
MAX_WITH_SLOW_FIELDS = 250
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
@blueprint.raises(404, 410)
@require("score")
def score() -> Response:
    """Score candidates.

    Up to 10,000 per request.
    """
    candidates = _read_candidates(request)
    query: dict[str, Any] = _PARSER.parse(_QUERY, request, location="query") if request.query_string else {}
    fields = select_fields(query.get("include", ()), query.get("fields", ())) if query else DEFAULT_FIELDS
    for name in SLOW_FIELDS:
        if name in fields and len(candidates) > MAX_WITH_SLOW_FIELDS:
            most = f"at most {MAX_WITH_SLOW_FIELDS} candidates per request"
            remedy = f"{name.capitalize()} can be had for {most}, not for {len(candidates):,}"
            raise ParametersError([FieldError("include", "too_many", remedy)])
    installation = current_installation()
    serializer = ScoreSerializer(installation.registry.scorer(query.get("model")))
    response = serializer.respond(
        candidates,
        query.get("partial", False),
        fields,
        query.get("strict", False),
        Costs.parse(query),
        query.get("rank", False),
    )
    installation.count_scores(response.counts)
    return Response(response.body, mimetype="application/json")


@blueprint.get("/scores/<score_id>")
@blueprint.arguments(ReplayQuerySchema, location="query")
@blueprint.response(200, _SCORE)
@blueprint.raises(404, 409, 410, 422)
@require("score")
def get_score(score_id: str) -> Response:
    """Get a score again.

    By its id, from the same model; nothing was stored.
    """
    query: dict[str, Any] = _PARSER.parse(_REPLAY_QUERY, request, location="query")
    said = ScoreId.parse(score_id)
    serializer = ScoreSerializer(current_installation().registry.scorer(said.model))
    fields = select_fields(query.get("include", ()), query.get("fields", ()))
    return Response(serializer.replay(said, fields), mimetype="application/json")


def _read_candidates(request: Request) -> Sequence[object]:
    """The candidates of a body, as they were sent. Raises HTTPException with every fault of the body."""
    body = _PARSER.load_json(request, _BODY)
    match body:
        case {"candidates": [*candidates]} if len(body) == 1 and 1 <= len(candidates) <= MAX_CANDIDATES:
            return candidates
    # The schema names what is wrong.
    validated: dict[str, Any] = _PARSER.parse(_BODY, request, location="json")
    return list(validated["candidates"])
