"""A fitted model: an additive logistic regression over named features, with what is needed to say how sure it is.

log-odds(suppressing) = baseline + sum over features of weight x value. Every feature belongs to one field of the candidate
(the part of its name before the colon), so the contributions of the fields are exact and sum to the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.band import Band
from models.conformal import ConformalSets
from models.domain import Support
from models.evidence import Evidence

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogOdds:
    """A score in log-odds of suppressing, and the fields' contributions, which with `baseline` sum to it."""

    baseline: float
    contributions: Mapping[str, float]
    total: float


@dataclass(frozen=True)
class FittedModel:
    """What training makes and scoring needs.

    `pipeline` is the scikit-learn pipeline (DictVectorizer, LogisticRegression) over feature dictionaries; `slope`
    calibrates its log-odds; `papers` are all keys of the papers it learned from, `evidence` their findings.
    """

    pipeline: Any
    slope: float
    band: Band
    sets: ConformalSets
    support: Support
    papers: frozenset[str]
    evidence: tuple[Evidence, ...]

    @cached_property
    def weights(self) -> dict[str, float]:
        """The calibrated weight of each feature, in the order of the pipeline's columns."""
        names = self.pipeline[0].get_feature_names_out()
        coefficients = self.pipeline[-1].coef_[0]
        return {str(name): self.slope * float(weight) for name, weight in zip(names, coefficients, strict=True)}

    @cached_property
    def baseline(self) -> float:
        """The log-odds before any field is known."""
        return self.slope * float(self.pipeline[-1].intercept_[0])

    def log_odds(self, features: Mapping[str, float]) -> LogOdds:
        """The exact score of one candidate's features; a feature that training never met adds nothing."""
        contributions: dict[str, float] = {}
        for name, value in features.items():
            weight = self.weights.get(name)
            if weight is not None:
                field = name.partition(":")[0]
                contributions[field] = contributions.get(field, 0.0) + weight * value
        total = self.baseline
        for contribution in contributions.values():
            total += contribution
        return LogOdds(self.baseline, contributions, total)

    def pipeline_log_odds(self, features: list[Mapping[str, float]]) -> Floats:
        """The same scores by way of scikit-learn, shape (candidates,): the check on `log_odds`."""
        raw: Floats = self.pipeline.decision_function(features)
        return self.slope * raw

    def interval(self, features: Mapping[str, float], total: float) -> tuple[float, float]:
        """The 90 % band of the probability of suppressing, around log-odds `total`."""
        half = self.slope * self.band.half_width(features)
        return probability(total - half), probability(total + half)


def probability(log_odds: float) -> float:
    """The probability of suppressing. One function for single scores and arrays, so that both agree to the last bit."""
    return float(expit(log_odds))
