"""`/v1/batches`: files of candidates, sent, scored by a job and fetched."""

from typing import Any

from flask import Response, jsonify, request, url_for
from werkzeug.exceptions import UnsupportedMediaType

from service.api.openapi import Blueprint
from service.batch.formats import CANDIDATE_FORMATS, MEDIA_TYPES, Format
from service.jobs import batch_uploads
from service.schemas.batch import BatchQuerySchema, BatchSchema
from service.schemas.finding import OnceSchema
from service.schemas.reason import ReasonRequestSchema
from service.web.access import current_actor, current_principal, require
from service.web.current import current_installation
from service.web.downloads import send_result

blueprint = Blueprint("batches", __name__, url_prefix="/v1/batches", description="Score files of candidates.")

_TEXT = {"schema": {"type": "string"}}
# JSON Schema says of bytes that they are not JSON by saying nothing.
_CONTENT: dict[str, dict[str, Any]] = {
    media_type: _TEXT if form.is_text else {"schema": {}} for form, media_type in MEDIA_TYPES.items()
}
# Any text is taken in: whether it is a table is found by the job.
_SENT: dict[str, dict[str, Any]] = {media_type: {"schema": {}} for media_type in CANDIDATE_FORMATS}
_BODY = {
    "requestBody": {
        "required": True,
        "content": _SENT,
        "description": "The file, in one of these formats. One sheet of a workbook is read.",
    }
}
_LOCATION = {"Location": {"description": "The job.", "schema": {"type": "string"}}}


@blueprint.post("")
@require("score", allow_uploads=True)
@blueprint.doc(**_BODY)
@blueprint.arguments(BatchQuerySchema, location="query")
@blueprint.arguments(OnceSchema, location="headers")
@blueprint.response(202, BatchSchema, headers=_LOCATION)
@blueprint.raises(404, 410, 507)
def send_batch(query: dict[str, Any], headers: dict[str, Any]) -> Response:
    """Score a file.

    The file is scored by a job with the id of the batch. The same file, sent again by the same sender with the same options,
    is the same batch, unless that failed, was cancelled or removed, or `again` is true.
    """
    form = CANDIDATE_FORMATS.get(request.mimetype)
    if form is None:
        raise UnsupportedMediaType(
            f"Send the file as {', '.join(CANDIDATE_FORMATS)}, not {request.content_type or 'without a type'}."
        )
    batch = batch_uploads.create(
        current_installation(),
        request.stream,
        batch_uploads.BatchRequest.from_query(form, query),
        current_actor(),
        headers["key"],
        () if query["again"] else batch_uploads.list_own(current_installation(), current_principal()),
    )
    response = jsonify(batch)
    response.status_code = 202
    response.headers["Location"] = url_for("jobs.get_job", job_id=batch["id"])
    return response


@blueprint.get("/<batch_id>")
@require("score")
@blueprint.response(200, BatchSchema)
def get_batch(batch_id: str) -> Response:
    """Get a batch."""
    installation = current_installation()
    return jsonify(
        batch_uploads.to_document(installation, batch_uploads.find(installation, batch_id, current_principal()))
    )


@blueprint.get("/<batch_id>/result")
@require("score")
@blueprint.doc(responses={"200": {"description": "OK", "content": _CONTENT}})
@blueprint.raises(206, 304, 409, 410, 416)
def get_batch_result(batch_id: str) -> Response:
    """Download the scores of a batch.

    Ranges are supported.
    """
    path, form = batch_uploads.result(current_installation(), batch_id, current_principal())
    return send_result(path, form)


@blueprint.get("/<batch_id>/errors")
@require("score")
@blueprint.doc(
    responses={
        "200": {"description": "OK", "content": {MEDIA_TYPES[Format.JSONL]: _CONTENT[MEDIA_TYPES[Format.JSONL]]}}
    }
)
@blueprint.raises(206, 304, 409, 410, 416)
def get_batch_errors(batch_id: str) -> Response:
    """Download the errors of a batch.

    One line of JSON for each error of a row.
    """
    return send_result(batch_uploads.errors(current_installation(), batch_id, current_principal()), Format.JSONL)


@blueprint.delete("/<batch_id>")
@require("score")
@blueprint.arguments(ReasonRequestSchema, location="query")
@blueprint.response(204)
def remove_batch(query: dict[str, Any], batch_id: str) -> None:
    """Remove the files of a batch.

    A batch that is still running is stopped first.
    """
    batch_uploads.remove(current_installation(), batch_id, current_principal(), query["reason"])
