"""All that is reported of a model, from one run: what the console, the report, the card and the manifest show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.features import Features
from training.bootstrap import RESAMPLES, paper_counts
from training.curves import Bin, Coverage, coverage, error_if_calibrated, reliability
from training.evaluation import FOLDS, REPEATS, CrossValidation, cross_validate
from training.findings import Finding
from training.fit import canonical_order
from training.shifts import COLD, Shift, by_year, cold, learning_curve
from training.slices import Slice, Stratum, slices, strata

# What `progress` counts to: the repeats of the folds, and where shifts are asked for each of their parts.
STEPS = REPEATS
STEPS_WITH_SHIFTS = REPEATS + len(COLD) + 2


@dataclass(frozen=True)
class Shifts:
    """What was found where new findings are less like those learned from."""

    learning_curve: list[Shift]
    cold: list[Shift]
    by_year: list[Shift]

    def as_dict(self) -> dict[str, object]:
        """All shifts ready for JSON."""
        return {
            "learning_curve": [shift.as_dict() for shift in self.learning_curve],
            "cold": [shift.as_dict() for shift in self.cold],
            "by_year": [shift.as_dict() for shift in self.by_year],
        }


@dataclass(frozen=True)
class Assessment:
    """The figures of one run of the folds, and what they are made of.

    `error_if_calibrated` is what the calibration error would be of probabilities that are exactly right: mean and 95th
    percentile. `shifts` is None where it was not asked for.
    """

    cross_validation: CrossValidation
    strata: list[Stratum]
    slices: dict[str, list[Slice]]
    reliability: list[Bin]
    coverage: list[Coverage]
    error_if_calibrated: tuple[float, float]
    shifts: Shifts | None

    def as_dict(self) -> dict[str, object]:
        """All of it by name, ready for JSON."""
        mean, most = self.error_if_calibrated
        return {
            **self.cross_validation.as_dict(),
            "ece_if_calibrated": {"mean": mean, "most": most},
            "reliability": [one.as_dict() for one in self.reliability],
            "coverage": [one.as_dict() for one in self.coverage],
            "strata": [one.as_dict() for one in self.strata],
            "slices": {field: [one.as_dict() for one in of_field] for field, of_field in self.slices.items()},
            **({"shifts": self.shifts.as_dict()} if self.shifts else {}),
        }


def assess(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    repeats: int = REPEATS,
    folds: int = FOLDS,
    resamples: int = RESAMPLES,
    jobs: int = -1,
    with_shifts: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Assessment:
    """The whole assessment of the procedure that makes a model of `findings`.

    `progress` is called with the steps done, of `STEPS` or `STEPS_WITH_SHIFTS`. Raises ValueError where the findings cannot
    be learned from.
    """
    whole = cross_validate(findings, features, seed, repeats, folds, resamples, jobs, progress)
    left_out = whole.left_out
    counts = paper_counts(left_out.papers, seed, resamples)
    shifts = None
    if with_shifts:
        ordered = canonical_order(findings)
        curve = learning_curve(ordered, features, whole, seed, repeats, folds, resamples, jobs)
        progress(REPEATS + 1)
        of_kinds = []
        for done, kind in enumerate(COLD, start=2):
            of_kinds.append(cold(kind, ordered, features, left_out, seed, repeats, resamples, jobs))
            progress(REPEATS + done)
        shifts = Shifts(curve, of_kinds, by_year(ordered, features, seed, resamples, jobs))
        progress(STEPS_WITH_SHIFTS)
    return Assessment(
        cross_validation=whole,
        strata=strata(left_out, seed, resamples),
        slices=slices(left_out, seed, resamples),
        reliability=reliability(left_out, counts),
        coverage=coverage(left_out, counts),
        error_if_calibrated=error_if_calibrated(left_out, seed),
        shifts=shifts,
    )


def composition(findings: Sequence[Finding]) -> dict[str, object]:
    """How many of the findings have each effect and each value of a field, and how many each effect in each year."""

    def counts(values: Sequence[str]) -> dict[str, int]:
        tally = Counter(values)
        return {
            value or "not stated": tally[value] for value in sorted(tally, key=lambda value: (-tally[value], value))
        }

    years = Counter(finding.citation["year"] for finding in findings)
    return {
        "effect": counts([finding.effect for finding in findings]),
        **{
            field: counts([getattr(finding.candidate, field) for finding in findings])
            for field in ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type")
        },
        "year": {
            year or "not stated": {
                "suppressing": sum(one.suppressing for one in findings if one.citation["year"] == year),
                "promoting": sum(not one.suppressing for one in findings if one.citation["year"] == year),
            }
            for year in sorted(years)
        },
    }
