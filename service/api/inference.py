"""`/v2`: the same scores by the Open Inference Protocol, as KServe, Triton and their clients speak it.

The protocol has its own OpenAPI document and its own shape of errors, so these routes are no part of `/openapi.json`.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, json, jsonify, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from models.errors import FieldError, UnknownModelError
from models.scorer import Scorer
from service.errors import ParametersError
from service.installation import Installation
from service.operations import checks
from service.scoring import tensors
from service.scoring.serializer import ScoreSerializer, decode
from service.web.access import require
from service.web.current import current_installation
from service.web.middleware import LIVE, READY
from service.web.numbers import read_count

blueprint = Blueprint("inference", __name__)
# How many bytes at the beginning of a body are JSON, where binary data follow.
HEADER_LENGTH = "Inference-Header-Content-Length"
_MODEL = "/v2/models/<model_name>"
_VERSION = f"{_MODEL}/versions/<model_version>"


@blueprint.get("/v2", strict_slashes=False)
@require("score")
def server_metadata() -> Response:
    """The name of the server, its version, and the extensions of the protocol that it supports."""
    version = current_installation().registry.scorer().versions.code
    return jsonify({"name": tensors.MODEL, "version": version, "extensions": tensors.EXTENSIONS})


@blueprint.get(LIVE)
@require(None, exempt_from_rate_limit=True)
def live() -> Response:
    """That the process responds."""
    return jsonify({"live": True})


@blueprint.get(READY)
@require(None, exempt_from_rate_limit=True)
def ready() -> tuple[Response, int]:
    """Whether requests can be served: what `/readyz` says."""
    is_ready = checks.is_ready(checks.readiness(current_installation()))
    return jsonify({"live": True, "ready": is_ready}), 200 if is_ready else 503


@blueprint.get(_MODEL)
@blueprint.get(_VERSION)
@require("score")
def model_metadata(model_name: str, model_version: str | None = None) -> Response:
    """The inputs and outputs of the model, and the versions that a request may name."""
    installation = current_installation()
    _scorer(installation, model_name, model_version)
    return jsonify(tensors.metadata([row.model_id for row in installation.registry.list_models() if not row.retired]))


@blueprint.get(f"{_MODEL}/ready")
@blueprint.get(f"{_VERSION}/ready")
@require("score")
def model_ready(model_name: str, model_version: str | None = None) -> Response:
    """That the model can score."""
    _scorer(current_installation(), model_name, model_version)
    return jsonify({"name": tensors.MODEL, "ready": True})


@blueprint.post(f"{_MODEL}/infer")
@blueprint.post(f"{_VERSION}/infer")
@require("score")
def infer(model_name: str, model_version: str | None = None) -> Response:
    """Scores the candidates of a request."""
    installation = current_installation()
    scorer = _scorer(installation, model_name, model_version)
    inference = _read_request()
    scored = ScoreSerializer(scorer).respond(inference.candidates, fields=inference.fields, strict=inference.strict)
    if inference.store:
        installation.count_scores(scored.counts)
    body, json_bytes = tensors.write_response(inference, scorer.bundle.id, decode(scored.body)["scores"])
    if json_bytes is None:
        return Response(body, mimetype="application/json")
    return Response(body, mimetype="application/octet-stream", headers={HEADER_LENGTH: str(json_bytes)})


def problem_response(problem: Mapping[str, Any]) -> Response | None:
    """A problem as the protocol writes errors; None for requests of other parts of the service."""
    if request.path != "/v2" and not request.path.startswith("/v2/"):
        return None
    # What the protocol calls a bad request, though it could be read.
    status = 400 if problem["status"] == 422 else problem["status"]
    faults = [f"{_name(fault)}{fault['detail']}" for fault in problem.get("errors", ())]
    more = sum(problem.get("errors_left_out", {}).values())
    text = " ".join([problem["detail"], *faults, *([f"There are {more} more errors."] if more else [])])
    return Response(json.dumps({"error": text}), status, mimetype="application/json")


def _name(fault: Mapping[str, Any]) -> str:
    """The name of a tensor, with the place of its wrong element where that is known."""
    match fault.get("pointer", "").split("/"):
        case ["", "candidates", place, field]:
            return f"{field}[{place}]: "
    return f"{fault['parameter']}: " if fault.get("parameter") else ""


def _scorer(installation: Installation, model_name: str, model_version: str | None) -> Scorer:
    """The model that an address names. Raises UnknownModelError, and as `ModelRegistry.scorer`."""
    if model_name != tensors.MODEL:
        raise UnknownModelError(model_name, [tensors.MODEL])
    return installation.registry.scorer(model_version)


def _read_request() -> tensors.InferenceRequest:
    """The request of the body. Raises HTTPException and ParametersError."""
    if encoding := request.headers.get("Content-Encoding"):
        raise UnsupportedMediaType(f"Send the body as it is, not with the Content-Encoding {encoding}.")
    body = request.get_data(cache=False)
    length = request.headers.get(HEADER_LENGTH)
    json_bytes = len(body) if length is None else read_count(length)
    if json_bytes is None or json_bytes > len(body):
        says = f"Give the number of bytes of the JSON, at most the {len(body):,} of the body"
        raise ParametersError([FieldError(HEADER_LENGTH, "wrong_length", says)])
    try:
        return tensors.parse_request(body, json_bytes)
    except ValueError as error:
        raise BadRequest(str(error)) from error
