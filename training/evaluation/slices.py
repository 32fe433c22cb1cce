"""Where the model is good and where it is not: within each stratum, and by source, phenotype, cargo, tumour and year."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.data.findings import Finding
from training.evaluation.baselines import MODEL, ROLE_ALONE
from training.evaluation.bootstrap import Estimate, bootstrap_metrics, cluster_weights, estimate_metrics
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.metrics import MIN_PAIRS, stratum
from training.evaluation.out_of_fold import OutOfFold
from training.serialization import fields_document

TOP_TUMOURS = 12
ONE_EFFECT = "Not defined: one effect only"
TOO_FEW_PAIRS = f"Not shown: fewer than {MIN_PAIRS} pairs"
UNDEFINED = Estimate(float("nan"))
SLICE_METRICS = ("auroc", "mcc", "brier", "coverage_suppressing", "coverage_promoting")


@dataclass(frozen=True)
class Stratum:
    """One stratum: how many findings there are each way, the pairs they make, and how many of those are ranked right."""

    source_cell: str
    source_phenotype: str
    cargo_state: str
    suppressing: int
    promoting: int
    papers: int
    auroc: Estimate
    auroc_of_role: Estimate
    undefined: str

    @property
    def pairs(self) -> int:
        """Pairs of one suppressing and one promoting finding."""
        return self.suppressing * self.promoting

    @property
    def name(self) -> str:
        """The stratum in words."""
        phenotype = f" {self.source_phenotype}" if self.source_phenotype else ""
        return f"{self.source_cell}{phenotype}, {self.cargo_state}"

    def as_dict(self) -> dict[str, object]:
        """The stratum ready for JSON."""
        return fields_document(self) | {"pairs": self.pairs}


def strata(predictions: OutOfFold, plan: EvaluationPlan) -> list[Stratum]:
    """Every stratum, those with most pairs first, then those with most findings."""
    described = []
    for key in set(predictions.strata):
        part = predictions.subset(np.array([of_row == key for of_row in predictions.strata]))
        suppressing = int(part.truth.sum())
        promoting = len(part.truth) - suppressing
        undefined = _undefined_reason(suppressing, promoting)
        of_model, of_role = (
            UNDEFINED if undefined else _estimates(part, name, plan)["within_stratum_auroc"]
            for name in (MODEL, ROLE_ALONE)
        )
        papers = len(set(part.papers))
        described.append(Stratum(*key, suppressing, promoting, papers, of_model, of_role, undefined))
    return sorted(described, key=lambda part: (-part.pairs, -part.suppressing - part.promoting, part.name))


@dataclass(frozen=True)
class Slice:
    """The metrics on the findings that share one value of a field; `undefined` says why a ranking cannot be judged."""

    value: str
    findings: int
    papers: int
    suppressing: int
    figures: dict[str, Estimate]
    undefined: str

    def as_dict(self) -> dict[str, object]:
        """The slice ready for JSON."""
        return fields_document(self) | {"promoting": self.findings - self.suppressing}


SLICED: dict[str, Callable[[Finding], str]] = {
    "source_cell": lambda finding: finding.candidate.source_cell,
    "macrophage_phenotype": lambda finding: stratum(finding.candidate)[1],
    "cargo_type": lambda finding: finding.candidate.cargo_type,
    "cargo_state": lambda finding: finding.candidate.cargo_state,
    "cancer_type": lambda finding: finding.candidate.cancer_type,
    "year": lambda finding: finding.citation["year"],
}


def slices(predictions: OutOfFold, plan: EvaluationPlan) -> dict[str, list[Slice]]:
    """The slices of every field of `SLICED`, largest first (years in order), of the tumours only the most frequent.

    Findings that do not state a field are in none of its slices.
    """
    sliced = {}
    for field, value_of in SLICED.items():
        values = np.array([value_of(finding) for finding in predictions.findings], dtype=object)
        counts = Counter(value for value in values.tolist() if value)
        order = sorted(counts) if field == "year" else sorted(counts, key=lambda value: (-counts[value], value))
        if field == "cancer_type":
            order = order[:TOP_TUMOURS]
        sliced[field] = [_slice(value, predictions.subset(values == value), plan) for value in order]
    return sliced


def _slice(value: str, part: OutOfFold, plan: EvaluationPlan) -> Slice:
    suppressing = int(part.truth.sum())
    undefined = _undefined_reason(suppressing, len(part.truth) - suppressing)
    estimates = _estimates(part, MODEL, plan)
    if undefined:
        estimates |= dict.fromkeys(("auroc", "mcc"), UNDEFINED)
    metrics = {name: estimates[name] for name in SLICE_METRICS}
    return Slice(value, len(part.findings), len(set(part.papers)), suppressing, metrics, undefined)


def _undefined_reason(suppressing: int, promoting: int) -> str:
    """Why findings of so many of each effect cannot be ranked; empty where they can."""
    if not suppressing or not promoting:
        return ONE_EFFECT
    return TOO_FEW_PAIRS if suppressing * promoting < MIN_PAIRS else ""


def _estimates(part: OutOfFold, name: str, plan: EvaluationPlan) -> dict[str, Estimate]:
    """Metrics with intervals, the papers drawn from within the part."""
    return estimate_metrics(bootstrap_metrics(part, name, cluster_weights(part.papers, plan.seed, plan.resamples)))
