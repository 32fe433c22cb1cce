"""Errors as RFC 9457 problem documents. With `service.web.error_handlers`, the only place that knows status codes.

Every error of every route has the one shape of `ProblemSchema`: type, title, status, detail, `errors` with one entry for
every fault of the request, and the `request_id` by which the log speaks of it.
"""

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from models.errors import ArtifactError, CandidateError, FieldError, KnowledgeError, TableError, UnknownModelError
from service import errors

CONTENT_TYPE = "application/problem+json"
TYPES = "urn:exoscore:problem:"
# What a page answers with that shows a form again, with its faults or because what it changes was changed meanwhile, the
# form for a key, why the models stay as they are, or that there is no room for a file.
INVALID_FORM, STALE_FORM = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.PRECONDITION_FAILED
REFUSED_KEY, REFUSED_CHANGE = HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT
NO_ROOM = HTTPStatus.INSUFFICIENT_STORAGE

# The errors that operations of a kind answer with, by the names of http.HTTPStatus.
OF_ANY_LIMITED = {429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE"}
OF_ANY_SCOPE = {401: "UNAUTHORIZED", 403: "FORBIDDEN"}
OF_ANY_CHANGE = {507: "INSUFFICIENT_STORAGE"}
OF_ANY_BODY = {400: "BAD_REQUEST", 413: "REQUEST_ENTITY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}


@dataclass(frozen=True, slots=True)
class ProblemType:
    """How errors of one class are presented: a status, a word for programs, a title, and the templates of detail and headers.

    The templates may name the `error`, and `faults`: how many faults there are, in words.
    """

    status: int
    code: str
    title: str
    detail: str = "{error}"
    headers: Mapping[str, str] = field(default_factory=dict)


_NO_MODEL = ProblemType(
    503,
    "no-model",
    "No model to score with",
    "there is no model yet: run `exoscore train`, or start with `exoscore serve`",
)
_NO_SPACE = ProblemType(
    507,
    "no-room",
    "There is no room",
    "there is no room for what was sent; whoever runs this service must make room, then try again",
)
DEFECT = ProblemType(
    500, "defect", "Internal Server Error", "this is a defect of the service, not of the request; its log says more"
)
PROBLEMS: dict[type[Exception], ProblemType] = {
    CandidateError: ProblemType(422, "invalid-candidate", "The candidate cannot be understood", "{faults}"),
    errors.CandidatesError: ProblemType(
        422, "invalid-candidates", "Candidates cannot be understood", "{faults} in {error}"
    ),
    errors.ParametersError: ProblemType(422, "invalid-parameters", "Parameters cannot be understood", "{faults}"),
    errors.FindingsError: ProblemType(
        422, "invalid-findings", "Findings cannot be taken", "{faults}; nothing was changed"
    ),
    TableError: ProblemType(422, "invalid-findings", "Findings cannot be taken", "{faults}; nothing was changed"),
    errors.UnknownFindingError: ProblemType(
        404, "unknown-finding", "No such finding", "{error}; /v1/findings lists them"
    ),
    errors.UnknownImportError: ProblemType(404, "unknown-import", "No such import"),
    errors.StaleFindingError: ProblemType(412, "stale-finding", "The finding was changed since"),
    errors.FindingClashError: ProblemType(409, "finding-clash", "Another finding stands in the way"),
    errors.IdempotencyError: ProblemType(422, "idempotency", "The Idempotency-Key cannot be used"),
    UnknownModelError: ProblemType(404, "unknown-model", "No such model"),
    errors.RetiredModelError: ProblemType(410, "retired-model", "The model was retired"),
    ArtifactError: ProblemType(503, "unusable-model", "The model must not be used"),
    KnowledgeError: ProblemType(503, "unusable-knowledge", "An imported table must not be used"),
    errors.PromotionError: ProblemType(409, "promotion-refused", "The current model stays"),
    errors.GateError: ProblemType(
        409,
        "gate",
        "The gate does not let it pass",
        "{error.model_id} over {error.current}: POST /v1/models/{error.model_id}/gate compares it anew; "
        "force promotes it with a reason that is kept",
    ),
    errors.AccessError: ProblemType(
        401, "unauthorized", "A key is needed", headers={"WWW-Authenticate": 'Bearer realm="exoscore"'}
    ),
    errors.ForbiddenError: ProblemType(403, "forbidden", "The key does not allow this"),
    errors.ForeignFormError: ProblemType(403, "foreign-form", "The form was not taken"),
    errors.TooManyRequestsError: ProblemType(
        429, "too-many-requests", "Too many requests", headers={"Retry-After": "{error.retry_after}"}
    ),
    errors.KeyRequestError: ProblemType(422, "invalid-key-request", "The key cannot be made", "{faults}"),
    errors.UnknownKeyError: ProblemType(404, "unknown-key", "No such key"),
    errors.UnknownJobError: ProblemType(
        404, "unknown-job", "No such job", "{error}, or it is a batch that was sent with another key"
    ),
    errors.UnknownBatchError: ProblemType(
        404, "unknown-batch", "No such batch", "{error}, or it was sent with another key"
    ),
    errors.UnknownDraftError: ProblemType(404, "unknown-file", "No such file"),
    errors.UnfinishedBatchError: ProblemType(409, "unfinished-batch", "The batch has no such file"),
    errors.RemovedBatchError: ProblemType(410, "removed-batch", "The files were removed"),
    errors.NoRoomError: ProblemType(507, "no-room", "The disk is full"),
    errors.StoreError: ProblemType(
        503, "store-unavailable", "The database does not answer", "{error}; try again", {"Retry-After": "5"}
    ),
    errors.FullStoreError: ProblemType(
        507,
        "no-room",
        "The disk of the database is full",
        "{error}; whoever runs this service must make room, then try again",
    ),
}


def problem_type(error: Exception) -> ProblemType:
    """How an error is presented; DEFECT where nobody expected it."""
    if isinstance(error, UnknownModelError) and not error.known:
        return _NO_MODEL
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _NO_SPACE
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), DEFECT)


def of_error(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem document of an error, and the headers that go with it."""
    kind, entries = problem_type(error), list(_entries(error))
    values = {"error": error, "faults": count_faults(len(entries))}
    headers = {name: value.format(**values) for name, value in kind.headers.items()}
    return document(kind.code, kind.title, kind.status, kind.detail.format(**values), entries), headers


def of_candidate(error: CandidateError) -> dict[str, Any]:
    """The problem that stands in a bad candidate's place in a partial answer, or that the command line prints."""
    return of_error(error)[0]


def document(
    code: str, title: str, status: int, detail: str, entries: Iterable[Mapping[str, object]] = ()
) -> dict[str, Any]:
    """One problem document."""
    problem = {"type": TYPES + code, "title": title, "status": status, "detail": detail}
    return {**problem, "errors": listed} if (listed := list(entries)) else problem


def json_pointer(*steps: str) -> str:
    """The JSON pointer (RFC 6901) to a value by its steps from the root."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def count_faults(faults: int) -> str:
    """So many faults, in words."""
    return f"{faults} fault{'' if faults == 1 else 's'}"


def _entries(error: Exception) -> Iterable[dict[str, object]]:
    """The entries of `errors`: one for every fault that an error carries."""
    match error:
        case CandidateError():
            return [_in_body(fault) for fault in error.faults]
        case errors.CandidatesError():
            return [
                _in_body(fault, f"/candidates/{position}")
                for position, candidate in error.faults.items()
                for fault in candidate.faults
            ]
        case errors.FindingsError():
            return [_in_body(fault, pointer) for pointer, fault in error.faults]
        case errors.ParametersError():
            return [_entry(fault, {"parameter": fault.field}) for fault in error.faults]
        case TableError():
            return [_entry(row.fault, {"line": row.line, "column": row.column}) for row in error.faults]
        case errors.IdempotencyError():
            return [{"parameter": "Idempotency-Key", "code": "unusable_key", "detail": str(error)}]
        case UnknownModelError() if error.known:
            kept = f"kept here: {', '.join(error.known[-5:])}"
            return [{"parameter": "model", "code": "unknown_model", "detail": kept, "given": error.model_id}]
        case errors.KeyRequestError():
            return [{"pointer": f"/{error.field}", "code": error.code, "detail": str(error)}]
        case errors.GateError():
            return [{"code": "gate", "detail": line} for line in error.says]
    return []


def _in_body(fault: FieldError, pointer: str = "") -> dict[str, object]:
    return _entry(fault, {"pointer": pointer + (json_pointer(fault.field) if fault.field else "")})


def _entry(fault: FieldError, place: Mapping[str, object]) -> dict[str, object]:
    entry: dict[str, object] = {**place, "code": fault.code, "detail": fault.remedy}
    if isinstance(fault.given, (str, int, float)):
        entry["given"] = fault.given
    if fault.allowed:
        entry["allowed"] = list(fault.allowed)
    if fault.nearest:
        entry["nearest"] = list(fault.nearest)
    return entry
