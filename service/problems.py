"""Errors as RFC 9457 problem documents. The only place that knows status codes.

Every error of every route has the one shape of `ProblemSchema`: type, title, status, detail, `errors` with one entry for
every fault of the request, and the `request_id` by which the log speaks of it.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from models.errors import ArtifactError, CandidateError, Fault, KnowledgeError, SheetError, UnknownModelError
from service.errors import (
    AccessError,
    CandidatesError,
    FindingClashError,
    FindingsError,
    ForbiddenError,
    ForeignFormError,
    GateError,
    IdempotencyError,
    KeyRequestError,
    NoRoomError,
    ParametersError,
    PromotionError,
    RemovedBatchError,
    RetiredModelError,
    StaleFindingError,
    TooManyRequestsError,
    UnfinishedBatchError,
    UnknownBatchError,
    UnknownDraftError,
    UnknownFindingError,
    UnknownImportError,
    UnknownJobError,
    UnknownKeyError,
)
from service.store import FullStoreError, StoreError
from service.web.middleware import REQUEST_ID

CONTENT_TYPE = "application/problem+json"
DRAINED_CHUNK_BYTES = 1024 * 1024
DRAINED_CHUNKS = 64
TYPES = "urn:exoscore:problem:"
# What a page answers with that shows a form again, with its faults or because what it changes was changed meanwhile, the
# form for a key, why the models stay as they are, or that there is no room for a file.
INVALID_FORM, STALE_FORM = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.PRECONDITION_FAILED
REFUSED_KEY, REFUSED_CHANGE = HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT
NO_ROOM = HTTPStatus.INSUFFICIENT_STORAGE
_SHOWN = "exoscore.problems"
_log = structlog.get_logger(__name__)

# The errors that operations of a kind answer with, by the names of http.HTTPStatus.
OF_ANY_LIMITED = {429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE"}
OF_ANY_SCOPE = {401: "UNAUTHORIZED", 403: "FORBIDDEN"}
OF_ANY_CHANGE = {507: "INSUFFICIENT_STORAGE"}
OF_ANY_BODY = {400: "BAD_REQUEST", 413: "REQUEST_ENTITY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}

_REMEDIES = {
    404: "there is nothing at this address; /docs lists what there is",
    405: "this address does not answer that method; the Allow header names those that it does",
    413: "the body is larger than {mebibytes} MiB: send less at a time",
}


def register(app: Flask, shown: Callable[[Mapping[str, Any]], Response | None]) -> None:
    """Answers the errors of the core on `app`, with what `shown` makes of a problem or, where that is None, the document."""
    app.extensions[_SHOWN] = shown
    app.register_error_handler(CandidatesError, _of_candidates)
    app.register_error_handler(ParametersError, _of_parameters)
    app.register_error_handler(UnknownModelError, _of_unknown_model)
    app.register_error_handler(ArtifactError, _of_artifact)
    app.register_error_handler(KnowledgeError, _of_knowledge)
    app.register_error_handler(AccessError, _of_access)
    app.register_error_handler(ForbiddenError, _of_forbidden)
    app.register_error_handler(ForeignFormError, _of_foreign_form)
    app.register_error_handler(TooManyRequestsError, _of_too_many)
    app.register_error_handler(KeyRequestError, _of_key_request)
    app.register_error_handler(UnknownKeyError, _of_unknown_key)
    app.register_error_handler(RetiredModelError, _of_retired_model)
    app.register_error_handler(PromotionError, _of_promotion)
    app.register_error_handler(GateError, _of_gate)
    app.register_error_handler(UnknownJobError, _of_unknown_job)
    app.register_error_handler(StoreError, _of_store)
    app.register_error_handler(FullStoreError, _of_full_store)
    app.register_error_handler(FindingsError, _of_findings)
    app.register_error_handler(SheetError, _of_sheet)
    app.register_error_handler(UnknownFindingError, _of_unknown_finding)
    app.register_error_handler(UnknownImportError, _of_unknown_import)
    app.register_error_handler(StaleFindingError, _of_stale_finding)
    app.register_error_handler(FindingClashError, _of_finding_clash)
    app.register_error_handler(IdempotencyError, _of_idempotency)
    app.register_error_handler(UnknownBatchError, _of_unknown_batch)
    app.register_error_handler(UnknownDraftError, _of_unknown_draft)
    app.register_error_handler(UnfinishedBatchError, _of_unfinished_batch)
    app.register_error_handler(RemovedBatchError, _of_removed_batch)
    app.register_error_handler(NoRoomError, _of_no_room)
    app.register_error_handler(Exception, _of_defect)


def document(
    kind: str, title: str, status: int, detail: str, errors: Iterable[Mapping[str, object]] = ()
) -> dict[str, Any]:
    """One problem document."""
    problem = {"type": TYPES + kind, "title": title, "status": status, "detail": detail}
    return {**problem, "errors": found} if (found := list(errors)) else problem


def of_candidate(error: CandidateError, pointer: str = "") -> dict[str, Any]:
    """The problem that stands in a bad candidate's place in a partial answer, or that a CLI prints."""
    errors = [_error(fault, pointer) for fault in error.faults]
    return document("invalid-candidate", "The candidate cannot be understood", 422, _count(len(errors)), errors)


def of_http_error(error: HTTPException) -> Response:
    """The problem of an HTTP error, with every fault that validation found."""
    messages = getattr(error, "data", {}).get("messages", {})
    errors = [
        {**where, "code": "invalid", "detail": _sentence(text)}
        for location, faults in messages.items()
        for where, text in _leaves(location, faults, ())
    ]
    status = error.code or 500
    if status == 413:
        _drain()
    name = error.name.lower().replace(" ", "-")
    remedy = _REMEDIES.get(status, str(error.description))
    if status == 413:
        remedy = remedy.format(mebibytes=(request.max_content_length or 0) // 1024**2)
    detail = _count(len(errors)) if errors else remedy
    response = _response(document(name, error.name, status, detail, errors))
    for header, value in error.get_headers():
        if header.lower() not in ("content-type", "content-length"):
            response.headers[header] = value
    return response


def _drain() -> None:
    """Reads on, within reason, from a body that is too large: else the client's write fails before it reads the problem."""
    stream = request.environ["wsgi.input"]
    for _ in range(DRAINED_CHUNKS):
        if not stream.read(DRAINED_CHUNK_BYTES):
            return


def _of_candidates(error: CandidatesError) -> Response:
    errors = [
        _error(fault, f"/candidates/{position}") for position, faults in error.faults.items() for fault in faults.faults
    ]
    bad, given = len(error.faults), error.given
    detail = f"{_count(len(errors))} in {bad} of {given} candidate{'' if given == 1 else 's'}"
    return _response(document("invalid-candidates", "Candidates cannot be understood", 422, detail, errors))


def _of_parameters(error: ParametersError) -> Response:
    errors = [_told(fault, {"parameter": fault.field}) for fault in error.faults]
    return _response(
        document("invalid-parameters", "Parameters cannot be understood", 422, _count(len(errors)), errors)
    )


def _of_findings(error: FindingsError) -> Response:
    errors = [_error(fault, pointer) for pointer, fault in error.faults]
    detail = f"{_count(len(errors))}; nothing was changed"
    return _response(document("invalid-findings", "Findings cannot be taken", 422, detail, errors))


def _of_sheet(error: SheetError) -> Response:
    errors = [_told(one.fault, {"line": one.line, "column": one.column}) for one in error.faults]
    detail = f"{_count(len(errors))}; nothing was changed"
    return _response(document("invalid-findings", "Findings cannot be taken", 422, detail, errors))


def _of_unknown_finding(error: UnknownFindingError) -> Response:
    return _response(document("unknown-finding", "No such finding", 404, f"{error}; /v1/findings lists them"))


def _of_unknown_import(error: UnknownImportError) -> Response:
    return _response(document("unknown-import", "No such import", 404, str(error)))


def _of_stale_finding(error: StaleFindingError) -> Response:
    return _response(document("stale-finding", "The finding was changed since", 412, str(error)))


def _of_finding_clash(error: FindingClashError) -> Response:
    return _response(document("finding-clash", "Another finding stands in the way", 409, str(error)))


def _of_idempotency(error: IdempotencyError) -> Response:
    fault = {"parameter": "Idempotency-Key", "code": "unusable_key", "detail": str(error)}
    return _response(document("idempotency", "The Idempotency-Key cannot be used", 422, str(error), [fault]))


def _of_unknown_model(error: UnknownModelError) -> Response:
    if not error.known:
        detail = "there is no model yet: run `exoscore train`, or start with `exoscore serve`"
        return _response(document("no-model", "No model to score with", 503, detail))
    nearest = ", ".join(error.known[-5:])
    fault = {"parameter": "model", "code": "unknown_model", "detail": f"kept here: {nearest}", "given": error.model_id}
    return _response(document("unknown-model", "No such model", 404, str(error), [fault]))


def _of_artifact(error: ArtifactError) -> Response:
    return _response(document("unusable-model", "The model must not be used", 503, str(error)))


def _of_knowledge(error: KnowledgeError) -> Response:
    return _response(document("unusable-knowledge", "An imported table must not be used", 503, str(error)))


def _of_access(error: AccessError) -> Response:
    response = _response(document("unauthorized", "A key is needed", 401, str(error)))
    response.headers["WWW-Authenticate"] = 'Bearer realm="exoscore"'
    return response


def _of_forbidden(error: ForbiddenError) -> Response:
    return _response(document("forbidden", "The key does not allow this", 403, str(error)))


def _of_foreign_form(error: ForeignFormError) -> Response:
    return _response(document("foreign-form", "The form was not taken", 403, str(error)))


def _of_too_many(error: TooManyRequestsError) -> Response:
    response = _response(document("too-many-requests", "Too many requests", 429, str(error)))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _of_key_request(error: KeyRequestError) -> Response:
    fault = {"pointer": f"/{error.field}", "code": error.code, "detail": str(error)}
    return _response(document("invalid-key-request", "The key cannot be made", 422, _count(1), [fault]))


def _of_unknown_key(error: UnknownKeyError) -> Response:
    return _response(document("unknown-key", "No such key", 404, str(error)))


def _of_retired_model(error: RetiredModelError) -> Response:
    return _response(document("retired-model", "The model was retired", 410, str(error)))


def _of_promotion(error: PromotionError) -> Response:
    return _response(document("promotion-refused", "The current model stays", 409, str(error)))


def _of_gate(error: GateError) -> Response:
    remedy = f"POST /v1/models/{error.model_id}/gate compares it anew; force promotes it with a reason that is kept"
    says = [{"code": "gate", "detail": line} for line in error.says]
    title = "The gate does not let it pass"
    return _response(document("gate", title, 409, f"{error.model_id} over {error.current}: {remedy}", says))


def _of_unknown_job(error: UnknownJobError) -> Response:
    return _response(document("unknown-job", "No such job", 404, f"{error}; GET /v1/jobs lists those that are"))


def _of_unknown_batch(error: UnknownBatchError) -> Response:
    return _response(document("unknown-batch", "No such batch", 404, f"{error}; GET /v1/jobs?kind=batch lists them"))


def _of_unknown_draft(error: UnknownDraftError) -> Response:
    return _response(document("unknown-file", "No such file", 404, str(error)))


def _of_unfinished_batch(error: UnfinishedBatchError) -> Response:
    return _response(document("unfinished-batch", "The batch has no such file", 409, str(error)))


def _of_removed_batch(error: RemovedBatchError) -> Response:
    return _response(document("removed-batch", "The files were removed", 410, str(error)))


def _of_no_room(error: NoRoomError) -> Response:
    return _response(document("no-room", "The disk is full", 507, str(error)))


def _of_store(error: StoreError) -> Response:
    _log.error("the store failed", reason=str(error))
    response = _response(document("store-unavailable", "The database does not answer", 503, f"{error}; try again"))
    response.headers["Retry-After"] = "5"
    return response


def _of_full_store(error: FullStoreError) -> Response:
    _log.error("the disk is full", reason=str(error))
    detail = f"{error}; whoever runs this service must make room, then try again"
    return _response(document("no-room", "The disk of the database is full", 507, detail))


def _of_defect(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return of_http_error(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = "there is no room for what was sent; whoever runs this service must make room, then try again"
        return _response(document("no-room", "There is no room", 507, detail))
    _log.error("defect", exc_info=error)
    detail = "this is a defect of the service, not of the request; its log says more"
    return _response(document("defect", "Internal Server Error", 500, detail))


def _response(problem: Mapping[str, Any]) -> Response:
    if request_id := request.environ.get(REQUEST_ID):
        problem = {**problem, "request_id": request_id}
    shown: Response | None = current_app.extensions[_SHOWN](problem)
    if shown is not None:
        return shown
    return Response(json.dumps(problem), problem["status"], mimetype=CONTENT_TYPE)


def _error(fault: Fault, pointer: str) -> dict[str, object]:
    step = f"/{_escaped(fault.field)}" if fault.field else ""
    return _told(fault, {"pointer": pointer + step})


def _told(fault: Fault, where: Mapping[str, object]) -> dict[str, object]:
    error: dict[str, object] = {**where, "code": fault.code, "detail": fault.remedy}
    if isinstance(fault.given, (str, int, float)):
        error["given"] = fault.given
    if fault.allowed:
        error["allowed"] = list(fault.allowed)
    if fault.nearest:
        error["nearest"] = list(fault.nearest)
    return error


def _leaves(location: str, messages: Any, path: tuple[str, ...]) -> Iterator[tuple[dict[str, str], str]]:
    """The messages of a validation, each with the place that it is about."""
    if isinstance(messages, Mapping):
        for step, below in messages.items():
            yield from _leaves(location, below, path if step == "_schema" else (*path, str(step)))
        return
    for text in messages if isinstance(messages, list) else [messages]:
        if location == "json":
            yield {"pointer": "".join(f"/{_escaped(step)}" for step in path)}, str(text)
        else:
            yield {"parameter": path[0] if path else location}, str(text)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:].removesuffix(".")


def _count(faults: int) -> str:
    return f"{faults} fault{'' if faults == 1 else 's'}"
