"""The gate before a new model serves: challenger against champion on the same papers, with a margin and paired intervals.

Both are made anew on the same folds, each from its own findings, so that what is compared is what each data set teaches. A
challenger passes that is not worse than the champion by more than the margin, as far as the interval can tell (a test of
non-inferiority: Wellek 2010, doi:10.1201/EBK1439808184), and whose prediction sets keep their promise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import Flags
from models.errors import CandidateError
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel
from training.data.findings import Finding, seen_findings
from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import MIN_PAPERS, Estimate, bootstrap_metrics, cluster_weights, estimate_differences
from training.evaluation.cross_validation import DEFAULT_PLAN, EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import OutOfFold, cross_val_predict, predict
from training.fit import TrainingTable, canonical_order
from training.serialization import fields_document
from training.splits import Split

# In nats of log loss: what a model may be worse by before anyone could care. Averaged over candidates it is what a
# probability of 0.90 loses against one of 0.918.
MARGIN = 0.02
# Coverage wanted is 0.90; below this the sets no longer mean what they say.
MIN_COVERAGE = 0.85
JUDGED = "log_loss"
SHOWN = ("log_loss", "brier", "auroc", "within_stratum_auroc", "within_stratum_auroc_named", "mcc")
COVERAGE = ("coverage_suppressing", "coverage_promoting")


@dataclass(frozen=True)
class PairedComparison:
    """Challenger and champion on the same findings. `difference` is challenger minus champion, with its paired interval."""

    findings: int
    papers: int
    challenger: dict[str, float]
    champion: dict[str, float]
    difference: dict[str, Estimate]


@dataclass(frozen=True)
class Verdict:
    """What the gate says: whether it recommends promotion, why in words, and the metrics behind the words.

    `on_folds` compares both on all findings of the challenger, `shared` on those which the champion learned from too: new
    findings must not spoil what was known. Both are None where the two learned from the same findings, `held_out` where
    none were held out.
    """

    recommends: bool
    messages: tuple[str, ...]
    on_folds: PairedComparison | None
    shared: PairedComparison | None
    held_out: PairedComparison | None

    def as_dict(self) -> dict[str, Any]:
        """The verdict ready for JSON."""
        document = fields_document(self)
        return {"says": document.pop("messages"), "margin": MARGIN, **document}


def compare_models(
    challenger: FittedModel,
    champion: FittedModel,
    findings: Sequence[Finding],
    features: Features,
    held_out: Sequence[Finding] = (),
    plan: EvaluationPlan = DEFAULT_PLAN,
    progress: Callable[[int], None] = lambda done: None,
) -> Verdict:
    """Compares a challenger, trained on `findings`, with the champion.

    `held_out` are findings kept from both; those of papers that either has seen are left out. `progress` is called with the
    number of repeats done, of twice those of the plan.
    """
    reasons: list[str] = []
    objections: list[str] = []
    on_folds, shared = _compare_on_folds(champion, findings, features, plan, progress)
    if on_folds is None:
        reasons.append("Both models were trained on the same findings, so cross-validation cannot distinguish them")
    else:
        _assess("On the same folds", on_folds, reasons, objections)
        if shared is not None:
            _assess("On the findings that both were trained on", shared, reasons, objections)
        objections += [
            f"Its prediction sets contain the true effect for only {on_folds.challenger[name]:.2f} of "
            f"{name.removeprefix('coverage_')} findings, instead of 0.90"
            for name in COVERAGE
            if on_folds.challenger[name] < MIN_COVERAGE
        ]
    seen = {finding.finding_id for finding in seen_findings(held_out, challenger.papers | champion.papers)}
    unseen = canonical_order([finding for finding in held_out if finding.finding_id not in seen])
    comparison = None
    if not unseen:
        reasons.append("There are no held-out findings of papers that neither was trained on")
    else:
        comparison = _compare(predict(challenger, unseen, features), predict(champion, unseen, features), plan)
        if comparison.papers < MIN_PAPERS:
            reasons.append(
                f"On {comparison.findings} held-out findings the log loss is {comparison.challenger[JUDGED]:.3f}, the "
                f"current model's {comparison.champion[JUDGED]:.3f}; {comparison.papers} papers are too few for an interval"
            )
        else:
            _assess("On held-out findings that neither was trained on", comparison, reasons, objections)
    message = "Promotion is not recommended" if objections else "Promotion is recommended"
    return Verdict(not objections, (message, *objections, *reasons), on_folds, shared, comparison)


def _assess(where: str, comparison: PairedComparison, reasons: list[str], objections: list[str]) -> None:
    more = comparison.difference[JUDGED]
    low, high = more.interval
    message = (
        f"{where} ({comparison.findings} findings of {comparison.papers} papers) its log loss is "
        f"{comparison.challenger[JUDGED]:.3f}, the current model's {comparison.champion[JUDGED]:.3f}: "
        f"{abs(more.mean):.3f} {'higher' if more.mean > 0 else 'lower'} "
        f"(95 % interval: {low:+.3f} to {high:+.3f})"
    )
    if np.isnan(high):
        objections.append(f"{message}; there are too few papers for an interval")
    elif high > MARGIN:
        objections.append(f"{message}, so it may be worse by more than the margin of {MARGIN}")
    elif high < 0:
        reasons.append(f"{message}, so it is better")
    else:
        reasons.append(f"{message}, so it is not worse by more than the margin of {MARGIN}")


def _compare_on_folds(
    champion: FittedModel,
    findings: Sequence[Finding],
    features: Features,
    plan: EvaluationPlan,
    progress: Callable[[int], None],
) -> tuple[PairedComparison | None, PairedComparison | None]:
    """Both on folds of the challenger's findings, which are what is held to be true now, and of those that both have."""
    known = findings_of(champion, features)
    own = {finding.content for finding in findings}
    before = {finding.content for finding in known}
    if own == before:
        return None, None
    ordered = canonical_order([*findings, *(finding for finding in known if finding.content not in own)])
    is_own = np.array([finding.content in own for finding in ordered])
    was_known = np.array([finding.content in before for finding in ordered])
    splits = grouped_splits(ordered, plan)
    table = TrainingTable.from_findings(ordered, features)

    def predict_own(learns_from: Flags, begun: int) -> OutOfFold:
        own_splits = [
            [
                Split(split.train[learns_from[split.train]], split.test[is_own[split.test]], split.seed)
                for split in repeat
            ]
            for repeat in splits
        ]
        return cross_val_predict(
            ordered, features, own_splits, table=table, jobs=plan.jobs, progress=lambda done: progress(begun + done)
        )

    of_challenger, of_champion = predict_own(is_own, 0), predict_own(was_known, plan.repeats)
    of_both = np.array([finding.content in before for finding in of_challenger.findings])
    shared = _compare(of_challenger.subset(of_both), of_champion.subset(of_both), plan) if of_both.any() else None
    return _compare(of_challenger, of_champion, plan), shared


def _compare(challenger: OutOfFold, champion: OutOfFold, plan: EvaluationPlan) -> PairedComparison:
    counts = cluster_weights(challenger.papers, plan.seed, plan.resamples)
    values, others = (bootstrap_metrics(predictions, MODEL, counts) for predictions in (challenger, champion))
    difference = estimate_differences(values, others)
    return PairedComparison(
        findings=len(challenger.findings),
        papers=len(set(challenger.papers)),
        challenger={name: float(of_one[0]) for name, of_one in values.items()},
        champion={name: float(of_one[0]) for name, of_one in others.items()},
        difference={name: difference[name] for name in (*SHOWN, *COVERAGE)},
    )


def findings_of(model: FittedModel, features: Features) -> list[Finding]:
    """What a model learned from, as far as today's words still name it."""
    findings = []
    for known in model.evidence:
        try:
            reading = features.parser.parse(known.candidate, require_cargo_name=False)
        except CandidateError:
            continue
        findings.append(Finding(known.finding_id, known.paper, reading, known.effect, known.observed, known.citation))
    return findings
