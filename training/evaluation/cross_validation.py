"""How good a model is on papers that it never saw: repeated grouped folds beside baselines, and metrics on a given file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.errors import SeenPapersError
from models.estimator.features import Features
from models.scorer import Score, Scorer
from models.scoring.summary import UNDETERMINED
from training.data.findings import Finding, seen_findings
from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.bootstrap import (
    RESAMPLES,
    Estimate,
    bootstrap_metrics,
    cluster_weights,
    compute_metrics,
    estimate_differences,
    estimate_metrics,
)
from training.evaluation.metrics import count_pairs
from training.evaluation.out_of_fold import OutOfFold, cross_val_predict, predict
from training.fit import canonical_order
from training.serialization import to_document
from training.splits import Split, paper_splits

REPEATS = 10
FOLDS = 5


@dataclass(frozen=True)
class EvaluationPlan:
    """How often papers are dealt to how many folds, how often they are drawn anew for the intervals, the seed of both, and
    on how many processes (-1: one for each core)."""

    seed: int = 0
    repeats: int = REPEATS
    folds: int = FOLDS
    resamples: int = RESAMPLES
    jobs: int = -1


DEFAULT_PLAN = EvaluationPlan()


@dataclass(frozen=True)
class BaselineComparison:
    """Metrics of the model and of every baseline on the same left-out findings, and what the model has more than each
    (`differences`; from the same resamples, so that what is hard for both does not widen the interval). `pairs` are those
    within strata; where they are fewer than `MIN_PAIRS`, no metric is made of them."""

    findings: int
    papers: int
    pairs: int
    estimates: dict[str, dict[str, Estimate]]
    differences: dict[str, dict[str, Estimate]]

    def as_dict(self) -> dict[str, object]:
        """Both tables, ready for JSON."""
        counts = {"findings": self.findings, "papers": self.papers, "pairs": self.pairs}
        return {**counts, "figures": to_document(self.estimates), "differences": to_document(self.differences)}


@dataclass(frozen=True)
class CrossValidation(BaselineComparison):
    """The comparison over repeated folds, grouped by paper; `out_of_fold` has the predictions that it was made from."""

    plan: EvaluationPlan
    out_of_fold: OutOfFold

    @property
    def protocol(self) -> str:
        """How the papers were left out."""
        return f"{self.plan.repeats} x {self.plan.folds} folds grouped by paper"

    def as_dict(self) -> dict[str, object]:
        """The whole table, ready for JSON."""
        return {"protocol": self.protocol, "resamples": self.plan.resamples, **super().as_dict()}


def cross_validate(
    findings: Sequence[Finding],
    features: Features,
    plan: EvaluationPlan = DEFAULT_PLAN,
    progress: Callable[[int], None] = lambda done: None,
) -> CrossValidation:
    """The model and all baselines on the same folds. Slope and conformal sets of a fold are found inside its training part.

    `progress` is called with the number of repeats done. Raises ValueError where there are fewer papers than folds.
    """
    ordered = canonical_order(findings)
    splits = grouped_splits(ordered, plan)
    predictions = cross_val_predict(
        ordered, features, splits, with_contributions=True, jobs=plan.jobs, progress=progress
    )
    return CrossValidation(**vars(compare_baselines(predictions, plan)), plan=plan, out_of_fold=predictions)


def grouped_splits(ordered: Sequence[Finding], plan: EvaluationPlan) -> list[list[Split]]:
    """The folds of every reported metric: papers whole, dealt anew in each repeat."""
    papers, truth = [finding.paper for finding in ordered], [finding.suppressing for finding in ordered]
    return [paper_splits(papers, truth, plan.folds, (plan.seed, repeat)) for repeat in range(plan.repeats)]


def compare_baselines(predictions: OutOfFold, plan: EvaluationPlan) -> BaselineComparison:
    """The metrics of the model and of every baseline on the same findings, with intervals from the same resamples."""
    counts = cluster_weights(predictions.papers, plan.seed, plan.resamples)
    values = {name: bootstrap_metrics(predictions, name, counts) for name in (*BASELINES, MODEL)}
    return BaselineComparison(
        findings=len(predictions.findings),
        papers=len(set(predictions.papers)),
        pairs=count_pairs(predictions.truth, predictions.strata),
        estimates={name: _with_spread(predictions, name, estimate_metrics(values[name])) for name in values},
        differences={name: estimate_differences(values[MODEL], values[name]) for name in BASELINES},
    )


def _with_spread(predictions: OutOfFold, name: str, estimates: dict[str, Estimate]) -> dict[str, Estimate]:
    """The estimates with their 5th and 95th percentile over the repeats."""
    once = np.ones((1, len(predictions.findings)))
    repeats = map(predictions.repeat, range(len(predictions.log_odds)))
    by_repeat = [bootstrap_metrics(of_repeat, name, once) for of_repeat in repeats]
    for metric, estimate in estimates.items():
        low, high = np.percentile([values[metric][0] for values in by_repeat], [5, 95])
        estimates[metric] = replace(estimate, low=float(low), high=float(high))
    return estimates


@dataclass(frozen=True)
class Evaluation:
    """Metrics of one model on findings of papers that it never saw; `overlapping_rows` are of papers that it did see.

    `metrics` has the share that was determined, by all that a score rests on, and how much of that was right. `coverage` is the
    share of the findings of each effect whose set holds it, and their number, by source cell and by state of the cargo.
    `predictions` are the findings in their order, each with what was said of it.
    """

    findings: int
    papers: int
    metrics: dict[str, float]
    overlapping_rows: int
    coverage: dict[str, dict[str, dict[str, tuple[float, int]]]]
    predictions: list[dict[str, object]]

    def as_dict(self) -> dict[str, object]:
        """All of it by name, ready for JSON."""
        return {
            "n": self.findings,
            "papers": self.papers,
            **to_document(self.metrics),
            "undetermined": 1.0 - self.metrics["determined"],
            "seen_rows": self.overlapping_rows,
            "coverage": {
                group: {
                    value: {
                        effect: {"covered": share, "findings": count} for effect, (share, count) in of_value.items()
                    }
                    for value, of_value in of_group.items()
                }
                for group, of_group in self.coverage.items()
            },
        }


def evaluate(scorer: Scorer, findings: Sequence[Finding], allow_seen: bool = False) -> Evaluation:
    """The metrics of `scorer` on labelled findings.

    Raises SeenPapersError where a finding's paper, by any of its identifiers, is in the model's training data, unless
    `allow_seen`.
    """
    model = scorer.bundle.model
    seen = seen_findings(findings, model.papers)
    if seen and not allow_seen:
        raise SeenPapersError(sorted({finding.paper for finding in seen}), len(seen))
    predictions = predict(model, findings, scorer.features)
    scores = [scorer.score_reading(finding.reading) for finding in findings]
    determined = np.array([score.label != UNDETERMINED for score in scores])
    right = np.array([score.label == finding.effect for score, finding in zip(scores, findings, strict=True)])
    weights = predictions.weights
    selective = {
        "determined": float(np.average(determined, weights=weights)),
        "accuracy_determined": float(weights @ right / (weights @ determined)) if determined.any() else float("nan"),
    }
    return Evaluation(
        findings=len(findings),
        papers=len(set(predictions.papers)),
        metrics=compute_metrics(predictions) | selective,
        overlapping_rows=len(seen),
        coverage=_coverage(predictions),
        predictions=list(map(_prediction, findings, scores)),
    )


def _coverage(predictions: OutOfFold) -> dict[str, dict[str, dict[str, tuple[float, int]]]]:
    """How many findings of each effect, and the share of them whose set holds it, by source cell and by state."""
    in_set = predictions.in_set().mean(axis=0)
    rows: dict[tuple[str, str, str], list[float]] = {}
    for finding, held in zip(predictions.findings, in_set.tolist(), strict=True):
        for group in ("source_cell", "cargo_state"):
            key = group, getattr(finding.candidate, group), finding.effect
            rows.setdefault(key, []).append(held[0 if finding.suppressing else 1])
    coverage: dict[str, dict[str, dict[str, tuple[float, int]]]] = {}
    for (group, value, effect), held in sorted(rows.items()):
        coverage.setdefault(group, {}).setdefault(value, {})[effect] = float(np.mean(held)), len(held)
    return coverage


def _prediction(finding: Finding, score: Score) -> dict[str, object]:
    """One row of what was said of findings."""
    return {
        "finding_id": finding.finding_id,
        "paper": finding.paper,
        "effect": finding.effect,
        "label": score.label,
        "undetermined_because": score.undetermined_because,
        "probability_suppressing": score.probability_suppressing,
        "low": score.interval[0],
        "high": score.interval[1],
        "prediction_set": ";".join(score.prediction_set),
        "inside_domain": score.domain.inside,
        "known": score.known.says,
    }
