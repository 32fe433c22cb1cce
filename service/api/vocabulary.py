"""`GET /v1/vocabulary` and `GET /v1/names`: the terms that each field admits, and how a name is understood."""

from typing import Any

from flask import jsonify, request
from werkzeug import Response

from models.candidates.names import read_name as read
from models.errors import CandidateError
from models.vocabulary.vocabulary import FIELDS
from service.api.openapi import Blueprint
from service.errors import ParametersError
from service.schemas.vocabulary import NameQuerySchema, NameSchema, VocabularyQuerySchema, VocabularySchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint(
    "vocabulary",
    __name__,
    url_prefix="/v1",
    description="The terms that each field accepts, and how names are understood.",
)


@blueprint.get("/vocabulary")
@blueprint.arguments(VocabularyQuerySchema, location="query")
@blueprint.response(200, VocabularySchema)
@require(None)
def vocabulary(query: dict[str, Any]) -> Response:
    """List terms.

    Of every field, or of one.
    """
    words = current_installation().registry.features.vocabulary
    response = jsonify(words.as_dict([query["field"]] if "field" in query else FIELDS))
    response.set_etag(f"{words.fingerprint}-{query.get('field', 'all')}")
    return response.make_conditional(request)


@blueprint.get("/names")
@blueprint.arguments(NameQuerySchema, location="query")
@blueprint.response(200, NameSchema)
@require("score")
def read_name(query: dict[str, Any]) -> Response:
    """Look up a name.

    How it is understood as a cargo, and as a term of each field.
    """
    try:
        reading = read(current_installation().registry.features.parser, query["q"], query["cargo_type"])
    except CandidateError as error:
        raise ParametersError(error.faults) from error
    return jsonify(reading.as_dict())
