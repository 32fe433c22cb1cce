"""A comparison: the gate's verdict on a kept model against the current one, when that is no longer the one it was judged by."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from service.db.tables import Job
from service.installation import Installation
from service.registry import promotion
from training.data.findings import Finding
from training.evaluation.cross_validation import REPEATS
from training.gate import findings_of

Report = Callable[[float, str], None]


def compare(installation: Installation, job: Job, report: Report) -> Mapping[str, Any]:
    """Compares the model that the request names, as `model`, with the current one."""
    model_id = job.request["model"]
    registry = installation.registry
    findings = findings_of(registry.scorer(model_id).bundle.model, registry.features)
    report(0.0, f"Comparing model {model_id} with the current model")
    current, verdict = judge(installation, model_id, findings, installation.findings.held_out(), report)
    return {"model": model_id, "replaces": current, "gate": verdict}


def judge(
    installation: Installation,
    model_id: str,
    findings: Sequence[Finding],
    held_out: Sequence[Finding],
    report: Report,
    done_before: float = 0.0,
) -> tuple[str | None, dict[str, Any] | None]:
    """Has the gate compare a model with the current one, as `promotion.run_gate` does, and reports its progress and verdict.

    `done_before` is the share of the job that was done before.
    """
    current, verdict = promotion.run_gate(
        installation.registry,
        model_id,
        findings,
        held_out,
        lambda done: report(done_before + (1 - done_before) * done / (2 * REPEATS), ""),
        installation.settings.dask_address,
    )
    if current == model_id:
        report(1.0, f"Model {model_id} is already the current model; its earlier check stays valid")
    for message in promotion.gate_messages(verdict):
        report(1.0, f"Promotion check: {message}")
    if current != model_id:
        for line in promotion.changes_of(verdict):
            report(1.0, f"New findings: {line}")
    return current, verdict
