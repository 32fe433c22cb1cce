"""`/v1/scores`: candidates in, scores out, and a score again by its id."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Request, Response, request
from werkzeug.exceptions import NotAcceptable

from models.errors import FieldError
from models.scoring.decisions import Costs
from models.scoring.score_ids import ScoreId
from service.api.openapi import Parser, PlainBlueprint
from service.errors import ParametersError
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.score import ReplayQuerySchema, ScoreQuerySchema, ScoreResponseSchema
from service.scoring.documents import DEFAULT_FIELDS, REFERENCE, select_fields
from service.scoring.parsing import LONGEST_LINE, MAX_CANDIDATES, parse_line
from service.scoring.serializer import ScoreSerializer
from service.web.access import LINES, require
from service.web.current import current_installation
from service.web.lines import BodyFile, failure_document, number_lines
from service.web.middleware import REQUEST_ID, TURNS

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


# How many lines are scored in one turn.
_LINES_AT_ONCE, _SLOW_LINES_AT_ONCE = 500, 10
_IN_LINES = {
    "requestBody": {
        # JSON Schema says nothing of a text that is no JSON.
        "content": {LINES: {"schema": {}}},
        "description": "The candidates, as JSON or as lines of JSON (application/x-ndjson), a candidate on each.",
    }
}


@blueprint.post("/scores")
@blueprint.doc(**_IN_LINES)
@blueprint.arguments(ScoreRequestSchema, example=EXAMPLE)
@blueprint.arguments(ScoreQuerySchema, location="query")
@blueprint.response(200, ScoreResponseSchema)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=LINES, success=True)
@blueprint.raises(404, 406, 410)
@require("score", allow_lines=True)
def score() -> Response:
    """Score candidates.

    Up to 10,000 per request as JSON. Lines of JSON (application/x-ndjson) are answered in lines, in their order and as they come,
    however many they are: a score for each, or a problem with the number of its `line`.
    """
    in_lines = request.mimetype == LINES
    _check_accepted(LINES if in_lines else "application/json")
    candidates = () if in_lines else _read_candidates(request)
    query: dict[str, Any] = _PARSER.parse(_QUERY, request, location="query") if request.query_string else {}
    fields = select_fields(query.get("include", ()), query.get("fields", ())) if query else DEFAULT_FIELDS
    if in_lines:
        return _score_lines(query, fields)
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
    if query.get("store", True):
        installation.count_scores(response.counts)
    return Response(response.body, mimetype="application/json")


def _score_lines(query: Mapping[str, Any], fields: Sequence[str]) -> Response:
    """The answer to a body in lines, which begins before the body has ended. Raises ParametersError for what needs all of it."""
    if query.get("rank"):
        raise ParametersError([FieldError("rank", "not_in_lines", "Lines are answered as they come: rank a JSON body")])
    installation = current_installation()
    serializer = ScoreSerializer(installation.registry.scorer(query.get("model")))
    settings = installation.settings
    # Werkzeug takes a body without a length for none.
    stream = request.stream if request.content_length is not None else request.environ["wsgi.input"]
    body = BodyFile(stream, settings.var, settings.batch_mebibytes * 1024**2)
    costs = Costs.parse(query)
    turns, request_id = request.environ[TURNS], request.environ[REQUEST_ID]
    at_once = _SLOW_LINES_AT_ONCE if {*SLOW_FIELDS, "evidence"}.intersection(fields) else _LINES_AT_ONCE

    def answer() -> Iterator[bytes]:
        last = 0
        try:
            for lines in number_lines(body.pieces(), LONGEST_LINE):
                for start in range(0, len(lines), at_once):
                    numbers, texts = zip(*lines[start : start + at_once], strict=True)
                    with turns.taken():
                        scored = serializer.respond(
                            list(map(parse_line, texts)),
                            True,
                            fields,
                            query.get("strict", False),
                            costs,
                            lines=numbers,
                        )
                    if query.get("store", True):
                        installation.count_scores(scored.counts)
                    last = numbers[-1]
                    yield scored.body
        except Exception as error:
            problem = {"line": last + 1, **failure_document(error), "request_id": request_id}
            yield json.dumps(problem).encode() + b"\n"

    return Response(answer(), mimetype=LINES)


def _check_accepted(media_type: str) -> None:
    """Raises NotAcceptable where the Accept header admits the other of the two formats, but not that of the body."""
    accepted = request.accept_mimetypes
    is_picky = media_type == LINES or LINES in request.headers.get("Accept", "")
    if is_picky and accepted and not accepted.quality(media_type):
        raise NotAcceptable(
            f"A body of {media_type} is answered as {media_type}. Accept that, or send the other format."
        )


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
