"""A training: a model of the store's findings, judged by the gate, and promoted where that was asked and recommended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.artifact import Bundle
from service import promotion
from service.cluster import pool
from service.errors import GateError
from service.jobs.patience import PATIENCE_SECONDS, insist
from service.services import Services
from service.store.tables import Job
from training.data.findings import Finding
from training.evaluation.assessment import STEPS, STEPS_WITH_SHIFTS, Assessment
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import REPEATS, EvaluationPlan
from training.pipeline import train_model

Report = Callable[[float, str], None]
# What share of the work is done when the folds are, and when the model is kept; the rest is the gate's.
EVALUATED, KEPT = 0.5, 0.6


@dataclass(frozen=True)
class Wanted:
    """What was asked of a training."""

    seed: int = 0
    promote: bool = False
    force: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Trained:
    """What a training came to. `replaces` is the model that was current, `gate` the verdict against it, if there was one
    to compare with; `not_promoted_because` is empty unless promotion was asked for and refused."""

    bundle: Bundle
    assessment: Assessment
    replaces: str | None
    gate: dict[str, Any] | None
    promoted: bool
    not_promoted_because: str

    def as_dict(self) -> dict[str, Any]:
        """The result of the job."""
        return {
            "model": self.bundle.id,
            "replaces": self.replaces,
            "gate": self.gate,
            "figures": {name: one.as_dict() for name, one in self.assessment.cross_validation.estimates[MODEL].items()},
            "fingerprints": dict(self.bundle.manifest["fingerprints"]),
            "promoted": self.promoted,
            "not_promoted_because": self.not_promoted_because,
        }


def train(services: Services, job: Job, report: Report) -> Mapping[str, Any]:
    """Trains on the active findings of the store, as the job's request wants it."""
    findings, held_out = learned_from(services)
    wanted = Wanted(**job.request)
    return train_on(
        services, findings, held_out, wanted, job.author, report, job.job_id, patience=PATIENCE_SECONDS
    ).as_dict()


def train_on(
    services: Services,
    findings: Sequence[Finding],
    held_out: Sequence[Finding],
    wanted: Wanted,
    author: str,
    report: Report,
    job_id: str = "",
    with_shifts: bool = False,
    patience: float = 0.0,
) -> Trained:
    """Trains on `findings`: what a training job does, and `exoscore train`.

    The first model becomes the current one. A store that cannot keep the model is asked again for `patience` seconds.
    Raises ValueError where the findings cannot be learned from, StoreError.
    """
    registry = services.registry
    papers = len({finding.paper for finding in findings})
    steps = STEPS_WITH_SHIFTS if with_shifts else STEPS
    report(0.0, f"training on {len(findings)} findings of {papers} papers")
    with pool(services.settings):
        bundle, assessment = train_model(
            findings,
            registry.features,
            plan=EvaluationPlan(seed=wanted.seed),
            with_shifts=with_shifts,
            progress=lambda done: report(EVALUATED * done / steps, ""),
        )
    insist(lambda: registry.keep(bundle, author, job_id), patience)
    report(KEPT, f"model {bundle.id} is kept; now the gate compares it with the current one")
    current, verdict = promotion.compare_with_current(
        services, bundle.id, findings, held_out, lambda done: report(KEPT + (1 - KEPT) * done / (2 * REPEATS), "")
    )
    for line in verdict["says"] if verdict else ("there is no other model to compare it with",):
        report(1.0, f"the gate: {line}")
    promoted, refusal = False, ""
    if wanted.promote or current is None:
        try:
            promotion.promote(services, bundle.id, author, wanted.force, wanted.reason)
            promoted = True
        except GateError as error:
            refusal = str(error)
        report(1.0, f"model {bundle.id} is {'the current one' if promoted else 'not promoted'}")
    return Trained(bundle, assessment, current, verdict, promoted, refusal)


def learned_from(services: Services) -> tuple[list[Finding], list[Finding]]:
    """The findings of the store to learn from, and those that are held out."""
    return list(services.findings.for_training()), list(services.findings.held_out())
