"""How far a probability may be off: the 90 % band of the log-odds under the Laplace approximation of the posterior.

The coefficients have a Gaussian prior (the penalty) and, near the fit, a Gaussian posterior whose covariance is the inverse
of the penalised curvature (MacKay 1992, doi:10.1162/neco.1992.4.5.720). A level that training never met keeps its prior
width, so what is unknown widens the band by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from models.arrays import Floats

Number = TypeVar("Number", float, Floats)

# The 95th percentile of the normal distribution: 5 % lie beyond it on either side.
Z_90 = 1.6448536269514722


class LaplacePosterior:
    """The covariance of the coefficients of a fit; immutable once built."""

    def __init__(self, names: list[str], covariance: Floats, prior_variance: float) -> None:
        """`covariance`: shape (features + 1, features + 1) in the order of `names`, the intercept last."""
        self.names = names
        self.covariance = covariance
        self.prior_variance = prior_variance
        self._position = {name: position for position, name in enumerate(names)}
        self._rows: list[list[float]] = covariance.tolist()

    @classmethod
    def of_fit(
        cls, names: list[str], values: Floats, probability: Floats, weights: Floats, prior_variance: float
    ) -> LaplacePosterior:
        """The band of a fit: `values` of shape (rows, features), fitted probabilities and weights of shape (rows,)."""
        with_intercept = np.column_stack([values, np.ones(len(values))])
        spread = weights * probability * (1.0 - probability)
        curvature = (with_intercept * spread[:, None]).T @ with_intercept
        curvature[np.diag_indices(values.shape[1])] += 1.0 / prior_variance
        covariance: Floats = np.linalg.inv(curvature).astype(np.float64)
        return cls(names, covariance, prior_variance)

    def variance(self, features: Mapping[str, float]) -> float:
        """The variance of one candidate's log-odds: that of the intercept, and what each feature adds to those before it."""
        variance = self._rows[-1][-1]
        before: dict[str, float] = {}
        for name, value in features.items():
            variance += added_variance(value, self.covariance_with(name, before), self.own_variance(name))
            before[name] = value
        return variance

    def covariance_with(self, name: str, features: Mapping[str, float]) -> float:
        """The covariance of one feature's weight with the log-odds of the intercept and some features."""
        position = self._position.get(name)
        if position is None:
            return 0.0
        row = self._rows[position]
        covariance = row[-1]
        for other, value in features.items():
            if (met := self._position.get(other)) is not None:
                covariance += value * row[met]
        return covariance

    def own_variance(self, name: str) -> float:
        """The variance of one feature's weight; the prior's for a feature that training never met."""
        position = self._position.get(name)
        return self.prior_variance if position is None else self._rows[position][position]

    def interval_half_width(self, features: Mapping[str, float]) -> float:
        """Half the width of the 90 % band of one candidate's log-odds."""
        return Z_90 * math.sqrt(self.variance(features))


def added_variance(value: Number, covariance: Number, own: float) -> Number:
    """What a feature of some value adds to the variance of the log-odds, by its weight's covariance with what is there."""
    return 2.0 * value * covariance + value * value * own
