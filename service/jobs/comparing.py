"""A comparison: the gate's word on a kept model against the current one, when that is no longer the one it was judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service import promotion
from service.jobs.training import learned_from
from service.services import Services
from service.store.tables import Job
from training.evaluation.cross_validation import REPEATS
from training.gate import findings_of


def compare(services: Services, job: Job, report: Callable[[float, str], None]) -> Mapping[str, Any]:
    """Compares the model that the request names, as `model`, with the current one."""
    model_id = job.request["model"]
    registry = services.registry
    findings = findings_of(registry.scorer(model_id).bundle.model, registry.features)
    report(0.0, f"comparing model {model_id} with the current one")
    current, verdict = promotion.compare_with_current(
        services,
        model_id,
        findings,
        learned_from(services)[1],
        lambda done: report(done / (2 * REPEATS), ""),
    )
    for line in verdict["says"] if verdict else ("there is no other model to compare it with",):
        report(1.0, f"the gate: {line}")
    return {"model": model_id, "replaces": current, "gate": verdict}
