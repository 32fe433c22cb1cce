"""A training: a model of the curated findings, judged by the gate, and promoted where that was asked and recommended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.estimator.artifact import Bundle
from service.db.tables import Job
from service.errors import GateError
from service.installation import Installation
from service.jobs.comparison import Report, judge
from service.jobs.retry import PATIENCE_SECONDS, retry_on_store_error
from service.registry import promotion
from service.registry.model_registry import FIRST
from training.compute import worker_pool
from training.data.findings import Finding
from training.evaluation.assessment import STEPS, STEPS_WITH_SHIFTS, Assessment
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model

# The share of the work that is done when the folds are, and when the model is kept; the rest is the gate's.
EVALUATED, KEPT = 0.5, 0.6
# Why a model is promoted where whoever asked for the training gave no reason of their own.
PASSED = "Automatic: the training was to promote a model that the promotion check recommends."


@dataclass(frozen=True)
class TrainingSpec:
    """How to train, and whether to promote the model: if the gate recommends it or, with a reason, by `force`."""

    seed: int = 0
    promote: bool = False
    force: bool = False
    reason: str = ""
    name: str = ""


@dataclass(frozen=True)
class TrainingResult:
    """The outcome of a training. `replaces` is the model that was current, `gate` the verdict against it, if there was one
    to compare with; `not_promoted_because` is empty unless promotion was asked for and refused."""

    bundle: Bundle
    assessment: Assessment
    replaces: str | None
    gate: dict[str, Any] | None
    promoted: bool
    not_promoted_because: str

    def as_dict(self) -> dict[str, Any]:
        """The result of the job."""
        figures = self.assessment.cross_validation.estimates[MODEL]
        return {
            "model": self.bundle.id,
            "replaces": self.replaces,
            "gate": self.gate,
            "figures": {name: figure.as_dict() for name, figure in figures.items()},
            "fingerprints": dict(self.bundle.manifest["fingerprints"]),
            "promoted": self.promoted,
            "not_promoted_because": self.not_promoted_because,
        }


def train(installation: Installation, job: Job, report: Report) -> Mapping[str, Any]:
    """Trains on the active findings of the database, as the job's request specifies."""
    findings, spec = installation.findings.for_training(), TrainingSpec(**job.request)
    return train_on(installation, findings, spec, job.author, report, job.job_id, patience=PATIENCE_SECONDS).as_dict()


def train_on(
    installation: Installation,
    findings: Sequence[Finding],
    spec: TrainingSpec,
    author: str,
    report: Report,
    job_id: str = "",
    with_shifts: bool = False,
    patience: float = 0.0,
) -> TrainingResult:
    """Trains on `findings`, and has the gate compare the model with the current one on them and on the held-out findings.

    The first model becomes the current one. A database that cannot keep the model is asked again for `patience` seconds.
    Raises ValueError where the findings cannot be learned from, StoreError.
    """
    registry = installation.registry
    held_out = installation.findings.held_out()
    papers = len({finding.paper for finding in findings})
    steps = STEPS_WITH_SHIFTS if with_shifts else STEPS
    report(0.0, f"Training on {len(findings)} findings of {papers} papers")
    with worker_pool(installation.settings.dask_address):
        bundle, assessment = train_model(
            findings,
            registry.features,
            plan=EvaluationPlan(seed=spec.seed),
            with_shifts=with_shifts,
            progress=lambda done: report(EVALUATED * done / steps, ""),
        )
    retry_on_store_error(lambda: registry.save(bundle, author, job_id, spec.name), patience)
    report(KEPT, f"Model {bundle.id} is stored. It is now compared with the current model")
    current, verdict = judge(installation, bundle.id, findings, held_out, report, KEPT)
    promoted, refusal = False, ""
    if spec.promote or current is None:
        try:
            reason = spec.reason or (PASSED if current else FIRST)
            promotion.promote(registry, bundle.id, author, spec.force, reason)
            promoted = True
        except GateError as error:
            refusal = str(error)
        report(1.0, f"Model {bundle.id} is {'the current model' if promoted else 'not promoted'}")
    return TrainingResult(bundle, assessment, current, verdict, promoted, refusal)
