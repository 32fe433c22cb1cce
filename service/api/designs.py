"""`/v1/designs`: what is wanted in, a shortlist of candidates out; a large space is ranked by a job."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotAcceptable

from service.api.jobs import accepted
from service.api.openapi import Blueprint
from service.jobs import designs
from service.schemas.design import DesignQuerySchema, DesignRequestSchema
from service.schemas.finding import OnceSchema
from service.schemas.job import JobSchema
from service.scoring.design_requests import PinnedRequest
from service.scoring.design_tables import JSON, MEDIA_TYPES, WRITERS
from service.scoring.documents import REFERENCE
from service.scoring.serializer import decode
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation

blueprint = Blueprint("designs", __name__, url_prefix="/v1/designs", description="Propose candidates for a goal.")

# JSON Schema says of bytes that they are not JSON by saying nothing.
_SCHEMAS: dict[str, dict[str, Any]] = {
    JSON: {"$ref": REFERENCE.format(name="Designs")},
    "csv": {"type": "string"},
    "xlsx": {},
}
_LOCATION = {"Location": {"description": "The job.", "schema": {"type": "string"}}}
EXAMPLE = {
    "goal": "suppressing",
    "fixed": {"cargo_type": "mirna", "cancer_type": "glioblastoma"},
    "vary": {
        "source_cell": ["mesenchymal_stem_cell", "macrophage"],
        "cargo_name": "known",
        "cargo_state": ["native", "enriched", "loaded"],
    },
    "constraints": {"min_papers": 3, "exclude_published": True},
}


def _answers_designs(view: Any) -> Any:
    """Documents the formats of designs."""
    for form, schema in reversed(_SCHEMAS.items()):
        view = blueprint.alt_response(200, schema=schema, content_type=MEDIA_TYPES[form], success=True)(view)
    return view


@blueprint.post("")
@require("score")
@_answers_designs
@blueprint.arguments(DesignRequestSchema, example=EXAMPLE)
@blueprint.arguments(DesignQuerySchema, location="query")
@blueprint.arguments(OnceSchema, location="headers")
@blueprint.alt_response(202, schema=JobSchema, headers=_LOCATION, success=True)
@blueprint.raises(404, 406, 410)
def create_design(body: object, query: dict[str, Any], headers: dict[str, Any]) -> ResponseReturnValue:
    """Propose candidates.

    Ranks every combination of the values that may vary. Up to 100,000 are ranked at once. More are ranked by a job; once it is
    done, the design has the id of the job.
    """
    form = _negotiate_format(query)
    created = designs.create(current_installation(), PinnedRequest.parse(body), current_actor(), headers["key"])
    return _send(created, form) if isinstance(created, bytes) else accepted(created["id"])


@blueprint.get("/<design_id>")
@require("score")
@_answers_designs
@blueprint.arguments(DesignQuerySchema, location="query")
@blueprint.raises(406, 409)
def get_design(query: dict[str, Any], design_id: str) -> Response:
    """Get a design.

    The candidates that a job proposed, once it is done.
    """
    form = _negotiate_format(query)
    return _send(designs.result(current_installation(), design_id, current_principal()), form)


def _send(document: bytes, form: str) -> Response:
    """Designs in a format, a table to be kept under a name."""
    if form == JSON:
        response = Response(document, mimetype=MEDIA_TYPES[form])
    else:
        response = Response(WRITERS[form](decode(document)), mimetype=MEDIA_TYPES[form])
        response.headers["Content-Disposition"] = f'attachment; filename="designs.{form}"'
    response.vary.add("Accept")
    return response


def _negotiate_format(query: dict[str, Any]) -> str:
    """The format that the query names, or that the Accept header prefers. Raises NotAcceptable where it admits none."""
    form: str = query.get("form", "")
    if form or not request.accept_mimetypes:
        return form or JSON
    if media_type := request.accept_mimetypes.best_match(MEDIA_TYPES.values()):
        return next(form for form, name in MEDIA_TYPES.items() if name == media_type)
    raise NotAcceptable(
        f"Designs are available as {', '.join(MEDIA_TYPES.values())}. Accept one of them, or give the parameter format."
    )
