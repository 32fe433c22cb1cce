"""A fitted model: an additive logistic regression over named features, with what is needed to say how sure it is.

log-odds(suppressing) = baseline + sum over features of weight x value. Every feature belongs to one field of the candidate
(the part of its name before the colon), so the contributions of the fields are exact and sum to the score.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.arrays import Floats
from models.estimator.applicability import Support
from models.estimator.conformal import MondrianClassifier
from models.estimator.posterior import LaplacePosterior
from models.evidence.evidence import Evidence

# Beyond these log-odds a probability cannot be told from 0 or 1, and the exponential would leave the range of a float.
MAX_ABS_LOG_ODDS = 700.0


@dataclass(frozen=True, slots=True)
class LogOdds:
    """A score in log-odds of suppressing, and the fields' contributions, which with `baseline` sum to it."""

    baseline: float
    contributions: Mapping[str, float]
    total: float


@dataclass(frozen=True)
class FittedModel:
    """What training makes and scoring needs.

    `weights` are the calibrated weights of the features, in the order of the pipeline's columns, and `baseline` the
    log-odds before any field is known; `slope` is what calibrated them. `papers` are all keys of the papers it learned
    from, `evidence` their findings. `pipeline_loader` gives the scikit-learn pipeline that the weights are from.
    """

    weights: Mapping[str, float]
    baseline: float
    slope: float
    band: LaplacePosterior
    sets: MondrianClassifier
    support: Support
    papers: frozenset[str]
    evidence: tuple[Evidence, ...]
    pipeline_loader: Callable[[], Any]

    @cached_property
    def pipeline(self) -> Any:
        """The scikit-learn pipeline, over feature dictionaries: the reference that the weights are checked against."""
        return self.pipeline_loader()

    def log_odds(self, features: Mapping[str, float]) -> LogOdds:
        """The exact score of one candidate's features; a feature that training never met adds nothing."""
        contributions: dict[str, float] = {}
        for name, value in features.items():
            if name in self.weights:
                field = name.partition(":")[0]
                contributions[field] = contributions.get(field, 0.0) + self.weights[name] * value
        return LogOdds(self.baseline, contributions, math.fsum((self.baseline, *contributions.values())))

    def interval(self, features: Mapping[str, float], total: float) -> tuple[float, float]:
        """The 90 % band of the probability of suppressing, around log-odds `total`."""
        half = self.slope * self.band.interval_half_width(features)
        return probability(total - half), probability(total + half)


def calibrated(pipeline: Any, slope: float) -> tuple[dict[str, float], float]:
    """The calibrated weights of the features of a pipeline (DictVectorizer, LogisticRegression), in the order of its columns,
    and its calibrated baseline."""
    names = pipeline[0].get_feature_names_out()
    coefficients = pipeline[-1].coef_[0]
    weights = {str(name): slope * float(weight) for name, weight in zip(names, coefficients, strict=True)}
    return weights, slope * float(pipeline[-1].intercept_[0])


def probability(log_odds: float) -> float:
    """The probability of suppressing."""
    return 1.0 / (1.0 + math.exp(-max(log_odds, -MAX_ABS_LOG_ODDS)))


def probabilities(log_odds: Floats) -> Floats:
    """The probabilities of many scores, in an array of the same shape."""
    suppressing: Floats = 1.0 / (1.0 + np.exp(-np.maximum(log_odds, -MAX_ABS_LOG_ODDS)))
    return suppressing
