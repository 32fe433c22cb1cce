"""What becomes of the figures where new findings are less like those learned from: fewer papers, kinds never seen, later
years. The same fold function, the same baselines, the same figures as on the grouped folds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import (
    FOLDS,
    BaselineComparison,
    EvaluationPlan,
    compare_baselines,
    grouped_splits,
)
from training.evaluation.out_of_fold import OutOfFold, cross_val_predict
from training.fit import INNER_FOLDS
from training.serialization import to_document
from training.splits import PARTS, Split, cold_splits, has_both_effects, subsample_training, temporal_split

# A year is tried where so many papers are before it, and so many after.
PAPERS_BEFORE, PAPERS_AFTER = 50, 15
TOO_FEW = "Not defined: too few papers to train on"


@dataclass(frozen=True)
class ShiftEvaluation:
    """A comparison under one change of what is left out: its name, what was done in a sentence, the metrics, the mean
    number of papers learned from, and the metrics of the same findings on folds grouped by paper alone (where they are
    the same findings). `undefined_reason` says why there are no metrics."""

    name: str
    description: str
    comparison: BaselineComparison | None
    training_papers: float
    same_findings: BaselineComparison | None = None

    @property
    def undefined_reason(self) -> str:
        """Why there are no metrics; empty where there are."""
        return "" if self.comparison else TOO_FEW

    def as_dict(self) -> dict[str, object]:
        """The shift ready for JSON."""
        compared = self.comparison.as_dict() if self.comparison else {}
        return {
            "name": self.name,
            "says": self.description,
            "learned_from_papers": self.training_papers,
            **{name: value for name, value in compared.items() if name != "differences"},
            "same_findings": to_document(self.same_findings.estimates[MODEL]) if self.same_findings else None,
            "undefined": self.undefined_reason,
        }


Values = Callable[[Finding, Features], tuple[str, ...]]


def _cargo(finding: Finding, features: Features) -> tuple[str, ...]:
    return tuple(sorted({f"{name.kind}:{name.stem or name.name}" for name in finding.reading.cargo}))


def _tumour(finding: Finding, features: Features) -> tuple[str, ...]:
    cancer_type = finding.candidate.cancer_type
    line = features.vocabulary.lineage("cancer_type", cancer_type) if cancer_type else ()
    return tuple(term for term in line if term == cancer_type or term != "cancer")


def _phenotype(finding: Finding, features: Features) -> tuple[str, ...]:
    phenotype = finding.candidate.source_phenotype
    return () if phenotype == "unspecified" else features.vocabulary.lineage("source_phenotype", phenotype)


@dataclass(frozen=True)
class Cold:
    """One kind that is left out whole: its values of a finding, and the folds they are dealt to (None: one at a time)."""

    name: str
    description: str
    values: Values
    folds: int | None = None


COLD = (
    Cold("cold cargo", "No tested cargo was in the training data; named cargos, split into folds", _cargo, FOLDS),
    Cold(
        "cold tumour", "No tested cancer type, nor a broader or narrower one, was in the training data", _tumour, FOLDS
    ),
    Cold(
        "cold source cell",
        "Each source cell in turn was left out of training",
        lambda finding, features: (finding.candidate.source_cell,),
    ),
    Cold(
        "cold phenotype", "Each phenotype in turn was left out of training, with broader and narrower ones", _phenotype
    ),
)


def evaluate_cold(
    kind: Cold, ordered: Sequence[Finding], features: Features, grouped: OutOfFold, plan: EvaluationPlan
) -> ShiftEvaluation:
    """The metrics where a kind is never learned from, beside those of the same findings in `grouped`, the folds by paper.

    Where the values are left out one at a time there is nothing to deal, so one repeat is enough.
    """
    values = [kind.values(finding, features) for finding in ordered]
    papers = [finding.paper for finding in ordered]
    repeats = plan.repeats if kind.folds else 1
    splits = [cold_splits(values, papers, kind.folds, (plan.seed, repeat)) for repeat in range(repeats)]
    shift, predictions = _evaluate(kind.name, kind.description, ordered, features, splits, plan)
    if shift.comparison is None:
        return shift
    tested = {finding.finding_id for finding in predictions.findings}
    same = grouped.subset(np.array([finding.finding_id in tested for finding in grouped.findings]))
    return replace(shift, same_findings=compare_baselines(same, plan))


def evaluate_by_year(ordered: Sequence[Finding], features: Features, plan: EvaluationPlan) -> list[ShiftEvaluation]:
    """The metrics on papers later than a year of a model of the papers up to it, for every year with enough on both sides."""
    years = [int(finding.citation["year"]) if finding.citation["year"] else None for finding in ordered]
    papers = [finding.paper for finding in ordered]
    shifts = []
    for year in sorted({year for year in years if year is not None}):
        split = temporal_split(years, papers, year, (plan.seed,))
        before, after = (len({papers[row] for row in rows}) for rows in (split.train, split.test))
        if before >= PAPERS_BEFORE and after >= PAPERS_AFTER:
            description = f"Trained on papers up to {year}, tested on later ones"
            shift, _ = _evaluate(f"after {year}", description, ordered, features, [[split]], plan)
            shifts.append(shift)
    return shifts


def learning_curve(
    ordered: Sequence[Finding], features: Features, whole: BaselineComparison, plan: EvaluationPlan
) -> list[ShiftEvaluation]:
    """The metrics on the grouped folds where only a share of the training papers was learned from; `whole` are those of
    all of them."""
    papers, truth = [finding.paper for finding in ordered], [finding.suppressing for finding in ordered]
    grouped = grouped_splits(ordered, plan)
    curve = []
    for parts in range(1, PARTS):
        description = "Trained on this share of the training papers of each fold"
        splits = [[subsample_training(split, papers, truth, parts) for split in of_repeat] for of_repeat in grouped]
        shift, _ = _evaluate(f"{100 * parts // PARTS} %", description, ordered, features, splits, plan)
        curve.append(shift)
    description = "Trained on all training papers of each fold"
    return [*curve, ShiftEvaluation("100 %", description, whole, _mean_training_papers(ordered, grouped))]


def _evaluate(
    name: str,
    description: str,
    ordered: Sequence[Finding],
    features: Features,
    repeats: Sequence[Sequence[Split]],
    plan: EvaluationPlan,
) -> tuple[ShiftEvaluation, OutOfFold]:
    """The metrics of the splits whose training part can be learned from, and the predictions that they are made of."""

    def is_learnable(split: Split) -> bool:
        known = [ordered[row] for row in split.train]
        papers, truth = [finding.paper for finding in known], [finding.suppressing for finding in known]
        return has_both_effects(papers, truth, INNER_FOLDS)

    repeats = [list(filter(is_learnable, splits)) for splits in repeats]
    predictions = cross_val_predict(ordered, features, repeats, jobs=plan.jobs)
    both_effects = len(set(predictions.truth.tolist())) == 2
    comparison = compare_baselines(predictions, plan) if both_effects else None
    return ShiftEvaluation(name, description, comparison, _mean_training_papers(ordered, repeats)), predictions


def _mean_training_papers(ordered: Sequence[Finding], repeats: Sequence[Sequence[Split]]) -> float:
    numbers = [len({ordered[row].paper for row in split.train}) for splits in repeats for split in splits]
    return float(np.mean(numbers)) if numbers else 0.0
