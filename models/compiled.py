"""A fitted model as tables over what candidates are made of, so that a score is a few look-ups and one sum.

What the source, its stimulation and the state of the cargo say is one entry, the carrier; what the cargo says in a tumour is
one number, its role. Both are worked out when first met, by the very functions that training uses, and remembered. A score is
the carrier's log-odds plus the weighted role, added last, as `FittedModel.log_odds` adds it; so the two are equal to the last
bit, and so are scores of one candidate and of columns of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.band import NORMAL_95, Number, added_variance
from models.candidate import Reading
from models.cargo import Cargo
from models.features import ROLE, WIDTH, Features, is_hypoxic, turn
from models.fitted import FittedModel, probabilities, probability

Floats = NDArray[np.float64]

REMEMBERED = 16384
CARGO = ROLE.partition(":")[0]


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """What a candidate scores before its cargo's role is known.

    `log_odds` is the baseline with the `contributions` of the fields, `variance` that of those log-odds, `covariance` theirs
    with the weight of the role; `turn` is the sign with which the role counts.
    """

    contributions: Mapping[str, float]
    log_odds: float
    variance: float
    covariance: float
    turn: float


@dataclass(frozen=True, slots=True)
class Called:
    """The numbers of one score: log-odds of suppressing, what the cargo contributes to them, and the 90 % band."""

    log_odds: float
    of_role: float
    probability: float
    low: float
    high: float


class CompiledModel:
    """A fitted model over one table of features."""

    def __init__(self, model: FittedModel, features: Features) -> None:
        self._model = model
        self._features = features
        self._weight = model.weights.get(ROLE, 0.0)
        self._own_variance = model.band.own_variance(ROLE)
        self.carrier = lru_cache(REMEMBERED)(self._carrier)
        self.role = lru_cache(REMEMBERED)(self._role)

    def carrier_of(self, reading: Reading) -> Carrier:
        """The carrier of a candidate."""
        one = reading.candidate
        return self.carrier(one.source_cell, one.source_phenotype, is_hypoxic(one), one.cargo_state)

    def call(self, carrier: Carrier, role: float) -> Called:
        """The score of a carrier whose cargo has a role."""
        value = carrier.turn * role
        log_odds, of_role = self._sum(carrier.log_odds, value)
        half = self._half_width(math.sqrt(self._variance(carrier.variance, carrier.covariance, value)))
        return Called(log_odds, of_role, probability(log_odds), probability(log_odds - half), probability(log_odds + half))

    @staticmethod
    def contributions(carrier: Carrier, called: Called) -> dict[str, float]:
        """What each field adds to a score, those that add nothing left out."""
        return {**carrier.contributions, CARGO: called.of_role} if called.of_role else dict(carrier.contributions)

    def _sum(self, carrier: Number, value: Number) -> tuple[Number, Number]:
        of_role = self._weight * value
        return carrier + of_role, of_role

    def _variance(self, carrier: Number, covariance: Number, value: Number) -> Number:
        return carrier + added_variance(value, covariance, self._own_variance)

    def _half_width(self, deviation: Number) -> Number:
        return self._model.slope * (NORMAL_95 * deviation)

    def _carrier(self, cell: str, phenotype: str, hypoxic: bool, state: str) -> Carrier:
        features = self._features.of_carrier(cell, phenotype, hypoxic, state)
        found = self._model.log_odds(features)
        band = self._model.band
        return Carrier(
            found.contributions, found.total, band.variance(features), band.covariance_with(ROLE, features), turn(state)
        )

    def _role(self, cargo: Cargo, cancer_type: str) -> float:
        return WIDTH["role"] * self._features.role_of_all(cargo.names, cargo.cargo_type, cancer_type)
