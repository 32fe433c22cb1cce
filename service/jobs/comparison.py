"""A comparison: the gate's verdict on a kept model against the current one, when that is no longer the one it was judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.db.tables import Job
from service.installation import Installation
from service.registry import promotion
from training.evaluation.cross_validation import REPEATS
from training.gate import findings_of


def compare(installation: Installation, job: Job, report: Callable[[float, str], None]) -> Mapping[str, Any]:
    """Compares the model that the request names, as `model`, with the current one."""
    model_id = job.request["model"]
    registry = installation.registry
    findings = findings_of(registry.scorer(model_id).bundle.model, registry.features)
    report(0.0, f"comparing model {model_id} with the current one")
    current, verdict = promotion.run_gate(
        registry,
        model_id,
        findings,
        installation.findings.held_out(),
        lambda done: report(done / (2 * REPEATS), ""),
        installation.settings.dask_address,
    )
    for message in promotion.gate_messages(verdict):
        report(1.0, f"the gate: {message}")
    return {"model": model_id, "replaces": current, "gate": verdict}
