"""A training: a model of the store's findings, judged by the gate, and promoted where that was asked and recommended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service import promotion
from service.errors import GateError
from service.services import Services
from service.store.tables import Job
from training.evaluation import REPEATS
from training.findings import Finding, read_findings
from training.left_out import MODEL
from training.produce import produce

Report = Callable[[float, str], None]
# Shares of the work: evaluating on folds, the fit itself, the gate.
EVALUATED, FITTED = 0.5, 0.6


def train(services: Services, job: Job, report: Report) -> Mapping[str, Any]:
    """Trains on the active findings of the store. The request may hold `seed`, `promote`, `force` and `reason`."""
    findings, held_out = learned_from(services)
    return train_on(services, findings, held_out, job.request, job.author, report, job.job_id)


def train_on(
    services: Services,
    findings: list[Finding],
    held_out: list[Finding],
    request: Mapping[str, Any],
    author: str,
    report: Report,
    job_id: str = "",
) -> dict[str, Any]:
    """Trains on `findings`; what `exoscore train` does, and a training job. Raises ValueError where they cannot be learned
    from."""
    registry = services.registry
    papers = len({finding.paper for finding in findings})
    report(0.0, f"training on {len(findings)} findings of {papers} papers")
    bundle, assessment = produce(
        findings,
        registry.features,
        seed=request.get("seed", 0),
        progress=lambda done: report(EVALUATED * done / REPEATS, f"repeat {done} of {REPEATS} of the folds is done"),
    )
    registry.keep(bundle, author, job_id)
    report(FITTED, f"model {bundle.id} is kept")
    current, verdict = promotion.compare_with_current(
        services, bundle.id, findings, held_out, lambda done: report(FITTED + (1 - FITTED) * done / (2 * REPEATS), "")
    )
    for line in verdict["says"] if verdict else ():
        report(1.0, f"the gate: {line}")
    result: dict[str, Any] = {
        "model": bundle.id,
        "replaces": current,
        "gate": verdict,
        "figures": {name: one.as_dict() for name, one in assessment.cross_validation.of[MODEL].items()},
        "fingerprints": dict(bundle.manifest["fingerprints"]),
        "promoted": False,
        "not_promoted_because": "",
    }
    if request.get("promote") or current is None:
        try:
            promotion.promote(services, bundle.id, author, request.get("force", False), request.get("reason", ""))
            result["promoted"] = True
            report(1.0, f"model {bundle.id} is the current one")
        except GateError as error:
            result["not_promoted_because"] = str(error)
            report(1.0, f"model {bundle.id} is not promoted")
    return result


def learned_from(services: Services) -> tuple[list[Finding], list[Finding]]:
    """The findings of the store to learn from, and those that are held out."""
    return list(read_findings(reader=services.registry.features.reader)), []
