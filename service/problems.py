"""Errors as RFC 9457 problem documents. With `service.web.error_handlers`, the only place that knows status codes.

Every error of every route has the one shape of `ProblemSchema`: type, title, status, detail, `errors` with an entry for each
of the first faults of the request, how many others there are, and the `request_id` by which the log speaks of it.
"""

import errno
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from models.errors import (
    MAX_FAULTS,
    ArtifactError,
    CandidateError,
    ChangedScoreError,
    DesignError,
    FieldError,
    KnowledgeError,
    TableError,
    UnknownModelError,
    UnknownScoreError,
)
from service import errors

CONTENT_TYPE = "application/problem+json"
TYPES = "urn:exoscore:problem:"
# What a page answers with that shows a form again, with its faults or because what it changes was changed meanwhile, the
# form for a key, why the models stay as they are, or that there is no room for a file.
INVALID_FORM, STALE_FORM = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.PRECONDITION_FAILED
REFUSED_KEY, REFUSED_CHANGE = HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT
NO_ROOM = HTTPStatus.INSUFFICIENT_STORAGE

# The errors that operations of a kind answer with, by the names of http.HTTPStatus.
OF_ANY = {400: "BAD_REQUEST"}
OF_ANY_LIMITED = {429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE"}
OF_ANY_SCOPE = {401: "UNAUTHORIZED", 403: "FORBIDDEN"}
OF_ANY_CHANGE = {507: "INSUFFICIENT_STORAGE"}
OF_ANY_BODY = {
    408: "REQUEST_TIMEOUT",
    411: "LENGTH_REQUIRED",
    413: "REQUEST_ENTITY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


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
    "No model",
    "There is no model yet. Run `exoscore train`, or start the service with `exoscore serve`.",
)
_NO_SPACE = ProblemType(
    507,
    "no-room",
    "The disk is full",
    "The disk of the server is full. Ask whoever runs it to free space, then try again.",
)
DEFECT = ProblemType(
    500,
    "defect",
    "Internal Server Error",
    "This is a defect of the service, not of the request. The log of the server has the details.",
)
PROBLEMS: dict[type[Exception], ProblemType] = {
    CandidateError: ProblemType(422, "invalid-candidate", "The candidate has errors", "{faults}."),
    DesignError: ProblemType(422, "invalid-design", "The design has errors", "{faults}."),
    errors.CandidatesError: ProblemType(422, "invalid-candidates", "Candidates have errors", "{faults} in {error}."),
    errors.ParametersError: ProblemType(422, "invalid-parameters", "Parameters have errors", "{faults}."),
    errors.FindingsError: ProblemType(
        422, "invalid-findings", "Findings have errors", "{faults}. Nothing was changed."
    ),
    TableError: ProblemType(422, "invalid-findings", "Findings have errors", "{faults}. Nothing was changed."),
    errors.CandidateTableError: ProblemType(422, "invalid-table", "The table cannot be read", "{faults}."),
    errors.UnknownFindingError: ProblemType(
        404, "unknown-finding", "No such finding", "{error} Search the findings for it."
    ),
    errors.UnknownImportError: ProblemType(404, "unknown-import", "No such import"),
    errors.StaleFindingError: ProblemType(412, "stale-finding", "The finding has changed"),
    errors.FindingClashError: ProblemType(409, "finding-clash", "Another finding of this paper conflicts"),
    errors.IdempotencyError: ProblemType(422, "idempotency", "The Idempotency-Key cannot be used"),
    UnknownModelError: ProblemType(404, "unknown-model", "No such model"),
    UnknownScoreError: ProblemType(404, "unknown-score", "No such score"),
    ChangedScoreError: ProblemType(409, "changed-score", "The score is another one now"),
    errors.RetiredModelError: ProblemType(410, "retired-model", "The model is retired"),
    ArtifactError: ProblemType(503, "unusable-model", "The model cannot be used"),
    KnowledgeError: ProblemType(503, "unusable-knowledge", "An imported table cannot be used"),
    errors.PromotionError: ProblemType(409, "promotion-refused", "The model in use was not changed"),
    errors.ReasonError: ProblemType(422, "missing-reason", "The change needs a reason"),
    errors.GateError: ProblemType(
        409,
        "gate",
        "The promotion check failed",
        "Model {error.model_id} was not promoted over {error.current}. Compare them again with "
        "POST /v1/models/{error.model_id}/gate, or promote with force and a reason, which is stored.",
    ),
    errors.AccessError: ProblemType(
        401, "unauthorized", "A key is needed", headers={"WWW-Authenticate": 'Bearer realm="exoscore"'}
    ),
    errors.ForbiddenError: ProblemType(403, "forbidden", "The key does not allow this"),
    errors.ForeignFormError: ProblemType(403, "foreign-form", "The form was rejected"),
    errors.TooManyRequestsError: ProblemType(
        429, "too-many-requests", "Too many requests", headers={"Retry-After": "{error.retry_after}"}
    ),
    errors.KeyRequestError: ProblemType(422, "invalid-key-request", "The key cannot be created", "{faults}."),
    errors.UnknownKeyError: ProblemType(404, "unknown-key", "No such key"),
    errors.UnknownJobError: ProblemType(
        404, "unknown-job", "No such job", "{error} A batch is only visible with the key that sent it."
    ),
    errors.UnknownBatchError: ProblemType(
        404, "unknown-batch", "No such batch", "{error} A batch is only visible with the key that sent it."
    ),
    errors.UnknownDesignError: ProblemType(
        404, "unknown-design", "No such design", "{error} A design is only visible with the key that sent it."
    ),
    errors.UnfinishedDesignError: ProblemType(409, "unfinished-design", "The design is not finished"),
    errors.UnknownDraftError: ProblemType(404, "unknown-file", "No such file"),
    errors.UnfinishedBatchError: ProblemType(409, "unfinished-batch", "The batch does not have this file"),
    errors.RemovedBatchError: ProblemType(410, "removed-batch", "The files were removed"),
    errors.NoRoomError: ProblemType(507, "no-room", "The disk is full"),
    errors.StoreError: ProblemType(
        503,
        "store-unavailable",
        "The database does not respond",
        "{error} Try again in a moment.",
        {"Retry-After": "5"},
    ),
    errors.FullStoreError: ProblemType(
        507,
        "no-room",
        "The disk of the database is full",
        "{error} Ask whoever runs the server to free space, then try again.",
    ),
}


def problem_type(error: Exception) -> ProblemType:
    """How an error is presented; DEFECT where nobody expected it."""
    if isinstance(error, UnknownModelError) and not error.known:
        return _NO_MODEL
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _NO_SPACE
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), DEFECT)


class Faults(NamedTuple):
    """The first faults of a request, each with its place in it, and how many more there are of each code."""

    listed: list[tuple[FieldError, Mapping[str, object]]]
    left_out: Counter[str]

    @classmethod
    def cut(cls, faults: Iterable[tuple[FieldError, Mapping[str, object]]]) -> "Faults":
        """The first MAX_FAULTS of them; the others are counted."""
        cut = cls([], Counter())
        for fault, place in faults:
            if len(cut.listed) < MAX_FAULTS:
                cut.listed.append((fault, place))
            else:
                cut.left_out[fault.code] += fault.count
        return cut

    def __str__(self) -> str:
        return count_faults(len(self.listed) + self.left_out.total())


def of_error(error: Exception, suggest: bool = True) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem document of an error, and the headers that go with it. `suggest` as of `document`."""
    kind, faults = problem_type(error), Faults.cut(_faults(error))
    values = {"error": error, "faults": faults}
    headers = {name: value.format(**values) for name, value in kind.headers.items()}
    return document(kind.code, kind.title, kind.status, kind.detail.format(**values), faults, suggest), headers


def of_candidate(error: CandidateError, suggest: bool = True) -> dict[str, Any]:
    """The problem that stands in a bad candidate's place in a partial answer, or that the command line prints."""
    return of_error(error, suggest)[0]


def document(
    code: str, title: str, status: int, detail: str, faults: Faults | None = None, suggest: bool = True
) -> dict[str, Any]:
    """One problem document. Unless it is to `suggest`, nothing is sought that may have been meant, and no terms are listed."""
    problem: dict[str, Any] = {"type": TYPES + code, "title": title, "status": status, "detail": detail}
    if faults and faults.listed:
        problem["errors"] = [_entry(fault, place, suggest) for fault, place in faults.listed]
        if faults.left_out:
            problem["errors_left_out"] = dict(faults.left_out)
    return problem


def json_pointer(*steps: str) -> str:
    """The JSON pointer (RFC 6901) to a value by its steps from the root."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def count_faults(faults: int) -> str:
    """So many errors, in words."""
    return f"{faults} error{'' if faults == 1 else 's'}"


def _faults(error: Exception) -> Iterable[tuple[FieldError, Mapping[str, object]]]:
    """Every fault that an error carries, with its place in the request."""
    match error:
        case DesignError():
            return ((fault, _in_request(fault)) for fault in error.faults)
        case CandidateError():
            return ((fault, _in_body(fault)) for fault in error.faults)
        case errors.CandidatesError():
            return (
                (fault, _in_body(fault, f"/candidates/{position}"))
                for position, candidate in error.faults.items()
                for fault in candidate.faults
            )
        case errors.FindingsError():
            return ((fault, _in_body(fault, pointer)) for pointer, fault in error.faults)
        case errors.ParametersError():
            return ((fault, {"parameter": fault.field}) for fault in error.faults)
        case TableError():
            return ((row.fault, {"line": row.line, "column": row.column}) for row in error.faults)
        case errors.IdempotencyError():
            return [(FieldError("", "unusable_key", str(error)), {"parameter": "Idempotency-Key"})]
        case UnknownModelError() if error.known:
            kept = f"No such model. Stored models: {', '.join(error.known[-5:])}"
            return [(FieldError("", "unknown_model", kept, error.model_id), {"parameter": "model"})]
        case errors.KeyRequestError():
            return [(FieldError("", error.code, str(error)), {"pointer": f"/{error.field}"})]
        case errors.ReasonError():
            return [(FieldError("reason", "missing", str(error)), {"pointer": "/reason"})]
        case errors.GateError():
            return [(FieldError("", "gate", line), {}) for line in error.says]
    return ()


def _in_body(fault: FieldError, pointer: str = "") -> dict[str, object]:
    # Only here: few commands read candidates, and what reads them loads the libraries of arrays.
    from models.candidates.cargo_sets import CARGO

    # A cargo of a set is a part of a field.
    steps = fault.field.split(".") if fault.field.startswith(f"{CARGO}.") else [fault.field]
    return {"pointer": pointer + (json_pointer(*steps) if fault.field else "")}


def _in_request(fault: FieldError) -> dict[str, object]:
    """The place of a fault such as `vary.cargo_name`, the name of which may be any that was sent."""
    return {"pointer": json_pointer(*fault.field.split(".", 1)) if fault.field else ""}


def _entry(fault: FieldError, place: Mapping[str, object], suggest: bool) -> dict[str, object]:
    detail = fault.remedy if suggest else fault.says
    entry: dict[str, object] = {**place, "code": fault.code, "detail": detail}
    if isinstance(fault.given, (str, int, float)):
        entry["given"] = fault.given
    if suggest and fault.allowed:
        entry["allowed"] = list(fault.allowed)
    if suggest and (nearest := fault.nearest):
        entry["nearest"] = list(nearest)
    return entry
