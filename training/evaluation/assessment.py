"""All that is reported of a model, from one run: what the console, the report, the card and the manifest show."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.bootstrap import cluster_weights
from training.evaluation.cross_validation import DEFAULT_PLAN, REPEATS, CrossValidation, EvaluationPlan, cross_validate
from training.evaluation.curves import (
    Bin,
    CargoTypeCalibration,
    Coverage,
    SelectiveAccuracy,
    SupportGrade,
    calibration_by_cargo_type,
    coverage,
    expected_calibration_error_under_null,
    reliability,
    selective_accuracy,
    support_grades,
)
from training.evaluation.shifts import COLD, ShiftEvaluation, evaluate_by_year, evaluate_cold, learning_curve
from training.evaluation.slices import Slice, Stratum, slices, strata
from training.fit import canonical_order
from training.serialization import fields_document

# What `progress` counts to: the repeats of the folds, and where shifts are asked for each of their parts.
STEPS = REPEATS
STEPS_WITH_SHIFTS = REPEATS + len(COLD) + 2


@dataclass(frozen=True)
class Shifts:
    """The metrics where new findings are less like those learned from."""

    learning_curve: list[ShiftEvaluation]
    cold: list[ShiftEvaluation]
    by_year: list[ShiftEvaluation]


@dataclass(frozen=True)
class Assessment:
    """The metrics of one run of the folds, and what they are made of.

    `null_calibration_error` is what the calibration error would be of probabilities that are exactly right: mean and 95th
    percentile. `shifts` is None where it was not asked for.
    """

    cross_validation: CrossValidation
    strata: list[Stratum]
    slices: dict[str, list[Slice]]
    reliability: list[Bin]
    calibration_by_cargo_type: list[CargoTypeCalibration]
    coverage: list[Coverage]
    selective_accuracy: list[SelectiveAccuracy]
    support: list[SupportGrade]
    null_calibration_error: tuple[float, float]
    shifts: Shifts | None

    def as_dict(self) -> dict[str, Any]:
        """All of it by name, ready for JSON."""
        document = fields_document(self)
        mean, most = document.pop("null_calibration_error")
        if self.shifts is None:
            del document["shifts"]
        return {**document.pop("cross_validation"), "ece_if_calibrated": {"mean": mean, "most": most}, **document}


def assess(
    findings: Sequence[Finding],
    features: Features,
    plan: EvaluationPlan = DEFAULT_PLAN,
    with_shifts: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Assessment:
    """The whole assessment of the procedure that makes a model of `findings`.

    `progress` is called with the steps done, of `STEPS` or `STEPS_WITH_SHIFTS`. Raises ValueError where the findings cannot
    be learned from.
    """
    whole = cross_validate(findings, features, plan, progress)
    predictions = whole.out_of_fold
    counts = cluster_weights(predictions.papers, plan.seed, plan.resamples)
    shifts = None
    if with_shifts:
        ordered = canonical_order(findings)
        curve = learning_curve(ordered, features, whole, plan)
        progress(REPEATS + 1)
        cold = []
        for done, kind in enumerate(COLD, start=2):
            cold.append(evaluate_cold(kind, ordered, features, predictions, plan))
            progress(REPEATS + done)
        shifts = Shifts(curve, cold, evaluate_by_year(ordered, features, plan))
        progress(STEPS_WITH_SHIFTS)
    return Assessment(
        cross_validation=whole,
        strata=strata(predictions, plan),
        slices=slices(predictions, plan),
        reliability=reliability(predictions, counts),
        calibration_by_cargo_type=calibration_by_cargo_type(predictions, counts),
        coverage=coverage(predictions, counts),
        selective_accuracy=selective_accuracy(predictions, counts),
        support=support_grades(predictions, counts),
        null_calibration_error=expected_calibration_error_under_null(predictions, plan.seed),
        shifts=shifts,
    )


def composition(findings: Sequence[Finding]) -> dict[str, object]:
    """How many of the findings have each effect and each value of a field, and how many each effect in each year."""

    def count(values: Sequence[str]) -> dict[str, int]:
        by_size = sorted(Counter(values).items(), key=lambda entry: (-entry[1], entry[0]))
        return {value or "not stated": number for value, number in by_size}

    by_year = Counter((finding.citation["year"], finding.suppressing) for finding in findings)
    return {
        "effect": count([finding.effect for finding in findings]),
        **{
            field: count([getattr(finding.candidate, field) for finding in findings])
            for field in ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type")
        },
        "year": {
            year or "not stated": {"suppressing": by_year[year, True], "promoting": by_year[year, False]}
            for year in sorted({year for year, _ in by_year})
        },
    }
