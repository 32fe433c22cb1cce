"""`GET /v1/vocabulary`: the terms that each field admits."""

from typing import Any

from flask import jsonify, request
from werkzeug import Response

from models.vocabulary.vocabulary import FIELDS, Term
from service.api.openapi import Blueprint
from service.schemas.vocabulary import VocabularyQuerySchema, VocabularySchema
from service.web.access import require
from service.web.current import current_installation

blueprint = Blueprint("vocabulary", __name__, url_prefix="/v1", description="The terms that each field accepts.")


@blueprint.get("/vocabulary")
@blueprint.arguments(VocabularyQuerySchema, location="query")
@blueprint.response(200, VocabularySchema)
@require(None)
def vocabulary(query: dict[str, Any]) -> Response:
    """List terms.

    Of every field, or of one.
    """
    words = current_installation().registry.features.vocabulary
    names = (query["field"],) if "field" in query else FIELDS
    terms = {field: [_describe_term(term) for term in words.terms(field)] for field in names}
    response = jsonify({"version": words.fingerprint, "fields": terms})
    response.set_etag(f"{words.fingerprint}-{query.get('field', 'all')}")
    return response.make_conditional(request)


def _describe_term(term: Term) -> dict[str, Any]:
    document: dict[str, Any] = {"term": term.name, "aliases": list(term.aliases), "definition": term.definition}
    if term.curie:
        document["curie"] = term.curie
    if term.parent:
        document["parent"] = term.parent
    if term.source_cells:
        document |= {"source_cells": list(term.source_cells), "disposition": term.disposition}
    return document
