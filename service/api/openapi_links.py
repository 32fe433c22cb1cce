"""Which answers lead to which operations, as OpenAPI links: for readers, and for programs that walk the API by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """From the answer of one operation to another operation, with what the answer tells of its parameters."""

    source: str
    status: int
    target: str
    parameters: dict[str, str] = field(hash=False)


def _body(pointer: str) -> str:
    return f"$response.body#/{pointer}"


_ADDED = {"finding_id": _body("added/0/finding_id")}
_FIRST_FOUND = {"finding_id": _body("findings/0/finding_id")}
_SAME_FINDING = {"finding_id": "$request.path.finding_id"}
_JOB = {"job_id": _body("id")}
_BATCH = {"batch_id": _body("id")}
_TRAINED = {"model_id": _body("result/model")}
_FIRST_MODEL = {"model_id": _body("models/0/id")}
_MODEL = {"model_id": _body("model/id")}
_NEXT = {"cursor": _body("next")}

LINKS = (
    Link("score", 200, "get_model", _MODEL),
    Link("report", 200, "get_model", _MODEL),
    Link("report", 200, "get_finding", {"finding_id": _body("references/0/finding_id")}),
    Link("add_findings", 201, "get_finding", _ADDED),
    Link("add_findings", 201, "get_history", _ADDED),
    Link("add_findings", 201, "change_finding", _ADDED),
    Link("add_findings", 200, "get_finding", {"finding_id": _body("existing/0/finding_id")}),
    Link("search_findings", 200, "get_finding", _FIRST_FOUND),
    Link("search_findings", 200, "get_history", _FIRST_FOUND),
    Link("get_finding", 200, "get_history", _SAME_FINDING),
    Link("get_finding", 200, "change_finding", _SAME_FINDING | {"If-Match": "$response.header.ETag"}),
    Link("change_finding", 200, "get_history", _SAME_FINDING),
    Link("list_conflicts", 200, "get_finding", {"finding_id": _body("conflicts/0/suppressing/finding_id")}),
    Link("send_batch", 202, "get_batch", _BATCH),
    Link("send_batch", 202, "get_batch_result", _BATCH),
    Link("send_batch", 202, "get_batch_errors", _BATCH),
    Link("send_batch", 202, "remove_batch", _BATCH),
    Link("send_batch", 202, "get_job", _JOB),
    Link("train", 202, "get_job", _JOB),
    Link("train", 202, "cancel_job", _JOB),
    Link("ask_gate", 202, "get_job", _JOB),
    Link("ask_gate", 202, "cancel_job", _JOB),
    Link("get_batch", 200, "get_batch_result", _BATCH),
    Link("get_batch", 200, "get_batch_errors", _BATCH),
    Link("list_jobs", 200, "get_job", {"job_id": _body("jobs/0/id")}),
    Link("list_jobs", 200, "list_jobs", _NEXT),
    Link("get_job", 200, "get_model", _TRAINED),
    Link("get_job", 200, "promote_model", _TRAINED),
    Link("list_models", 200, "get_model", _FIRST_MODEL),
    Link("list_models", 200, "compare_models", _FIRST_MODEL),
    Link("list_models", 200, "ask_gate", _FIRST_MODEL),
    Link("list_models", 200, "promote_model", _FIRST_MODEL),
    Link("retire_model", 200, "restore_model", {"model_id": "$request.path.model_id"}),
    Link("promote_model", 200, "get_model", {"model_id": _body("current")}),
    Link("promote_model", 200, "roll_back_from", {"model_id": _body("current")}),
    Link("create_key", 201, "revoke_key", {"key_id": _body("id")}),
    Link("read_audit", 200, "read_audit", _NEXT),
    Link("drift", 200, "get_model", {"model_id": _body("model")}),
)


def document(operation: dict[str, Any], info: dict[str, Any], **_: object) -> dict[str, Any]:
    """The operation, its answers with their links."""
    for link in LINKS:
        if link.source == info["manual_doc"]["operationId"]:
            answer = operation["responses"][link.status]
            answer.setdefault("links", {})[link.target] = {
                "operationId": link.target,
                "parameters": link.parameters,
            }
    return operation
