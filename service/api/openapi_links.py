"""Which answers lead to which operations, as OpenAPI links: for readers, and for programs that walk the API by itself."""

from typing import Any, NamedTuple


class Link(NamedTuple):
    """From the answer of one operation to another operation, with what the answer tells of its parameters."""

    source: str
    status: int
    target: str
    parameters: dict[str, str]


def _body(pointer: str) -> str:
    return f"$response.body#/{pointer}"


_SAME_FINDING = {"finding_id": "$request.path.finding_id"}
_BATCH = {"batch_id": _body("id")}

# By operation, status, and the parameters that its answer tells: the operations that it leads to.
_TARGETS: tuple[tuple[str, int, dict[str, str], tuple[str, ...]], ...] = (
    ("score", 200, {"model_id": _body("model/id")}, ("get_model",)),
    ("report", 200, {"model_id": _body("model/id")}, ("get_model",)),
    ("report", 200, {"finding_id": _body("references/0/finding_id")}, ("get_finding",)),
    (
        "add_findings",
        201,
        {"finding_id": _body("added/0/finding_id")},
        ("get_finding", "get_history", "change_finding"),
    ),
    ("add_findings", 200, {"finding_id": _body("existing/0/finding_id")}, ("get_finding",)),
    ("search_findings", 200, {"finding_id": _body("findings/0/finding_id")}, ("get_finding", "get_history")),
    ("get_finding", 200, _SAME_FINDING, ("get_history",)),
    ("get_finding", 200, _SAME_FINDING | {"If-Match": "$response.header.ETag"}, ("change_finding",)),
    ("change_finding", 200, _SAME_FINDING, ("get_history",)),
    ("list_conflicts", 200, {"finding_id": _body("conflicts/0/suppressing/finding_id")}, ("get_finding",)),
    ("send_batch", 202, _BATCH, ("get_batch", "get_batch_result", "get_batch_errors", "remove_batch")),
    ("send_batch", 202, {"job_id": _body("id")}, ("get_job",)),
    ("train", 202, {"job_id": _body("id")}, ("get_job", "cancel_job")),
    ("ask_gate", 202, {"job_id": _body("id")}, ("get_job", "cancel_job")),
    ("create_design", 202, {"design_id": _body("id")}, ("get_design",)),
    ("create_design", 202, {"job_id": _body("id")}, ("get_job", "cancel_job")),
    ("create_design", 200, {"model_id": _body("model/id")}, ("get_model",)),
    ("get_design", 200, {"model_id": _body("model/id")}, ("get_model",)),
    ("get_batch", 200, _BATCH, ("get_batch_result", "get_batch_errors")),
    ("list_jobs", 200, {"job_id": _body("jobs/0/id")}, ("get_job",)),
    ("list_jobs", 200, {"cursor": _body("next")}, ("list_jobs",)),
    ("get_job", 200, {"model_id": _body("result/model")}, ("get_model", "promote_model")),
    (
        "list_models",
        200,
        {"model_id": _body("models/0/id")},
        ("get_model", "compare_models", "ask_gate", "promote_model"),
    ),
    ("retire_model", 200, {"model_id": "$request.path.model_id"}, ("restore_model",)),
    ("promote_model", 200, {"model_id": _body("current")}, ("get_model", "roll_back_from")),
    ("create_key", 201, {"key_id": _body("id")}, ("revoke_key",)),
    ("read_audit", 200, {"cursor": _body("next")}, ("read_audit",)),
    ("drift", 200, {"model_id": _body("model")}, ("get_model",)),
)
LINKS = tuple(
    Link(source, status, target, parameters) for source, status, parameters, targets in _TARGETS for target in targets
)


def document(operation: dict[str, Any], info: dict[str, Any], **_: object) -> dict[str, Any]:
    """The operation, its answers with their links."""
    for source, status, target, parameters in LINKS:
        if source == info["manual_doc"]["operationId"]:
            links = operation["responses"][status].setdefault("links", {})
            links[target] = {"operationId": target, "parameters": parameters}
    return operation
