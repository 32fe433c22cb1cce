"""A fitted model as tables over what candidates are made of, so that a score is a few look-ups and one sum.

What the source, its stimulation and the state of the cargo say is one entry, the carrier; what the cargo says in a tumour is
one number, its role. Both are worked out when first met, by the very functions that training uses, and remembered. A score is
the carrier's log-odds plus the weighted role, added last as `FittedModel.log_odds` adds it, so the two are equal to the last
bit; and so are the scores of one candidate and of columns of them, which go through the same lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.band import NORMAL_95, Number, added_variance
from models.candidate import ReadColumns, cargo_of, value_of
from models.cargo import Cargo
from models.features import HYPOXIA, ROLE, WIDTH, Features, turn
from models.fitted import FittedModel, probabilities, probability
from models.memo import Memo

Floats = NDArray[np.float64]
Numbers = TypeVar("Numbers")

# From this many candidates on, arrays are faster than one after another.
IN_ARRAYS = 16
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


class Called(NamedTuple, Generic[Numbers]):
    """The numbers of one score, or columns of them: log-odds of suppressing, what the cargo's role contributes to them, the
    probability, and the 90 % band around it."""

    log_odds: Numbers
    of_role: Numbers
    probability: Numbers
    low: Numbers
    high: Numbers


class CompiledModel:
    """A fitted model over one table of features."""

    def __init__(self, model: FittedModel, features: Features) -> None:
        self._model = model
        self._features = features
        self._weight = model.weights.get(ROLE, 0.0)
        self._own_variance = model.band.own_variance(ROLE)
        self._met = {*model.weights, *model.band.names}
        self._alike: dict[tuple[object, ...], Carrier] = {}
        self.carrier = Memo(self._carrier)
        self.role = Memo(self._role)

    def carriers(self, columns: ReadColumns) -> list[Carrier]:
        """The carrier of every candidate."""
        hypoxic = [HYPOXIA in read.value for read in columns.polarisation]
        cells, phenotypes, states = columns.source_cell, columns.source_phenotype, columns.cargo_state
        return self.carrier.of_all(
            zip(map(value_of, cells), map(value_of, phenotypes), hypoxic, map(value_of, states), strict=True)
        )

    def roles(self, columns: ReadColumns) -> list[float]:
        """The role of every candidate's cargo in its tumour."""
        tumours = map(value_of, columns.cancer_type)
        return self.role.of_all(zip(map(cargo_of, columns.cargo_name), tumours, strict=True))

    def call(self, carriers: Sequence[Carrier], roles: Sequence[float]) -> Called[list[float]]:
        """The scores of carriers, each with the role of its cargo."""
        if len(carriers) < IN_ARRAYS:
            rows = [
                self._call(one.log_odds, one.variance, one.covariance, one.turn * role, math.sqrt, probability)
                for one, role in zip(carriers, roles, strict=True)
            ]
            return Called(*([row[place] for row in rows] for place in range(len(Called._fields))))
        parts = np.array([(one.log_odds, one.variance, one.covariance, one.turn) for one in carriers])
        log_odds, variance, covariance, turns = parts.T
        found = self.call_arrays(log_odds, variance, covariance, turns, np.array(roles))
        return Called(*(column.tolist() for column in found))

    def call_arrays(
        self, log_odds: Floats, variance: Floats, covariance: Floats, turn: Floats, role: Floats
    ) -> Called[Floats]:
        """The scores of carriers given in arrays of shape (candidates,), and of roles."""
        return self._call(log_odds, variance, covariance, turn * role, np.sqrt, probabilities)

    def _call(
        self,
        carrier: Number,
        variance: Number,
        covariance: Number,
        value: Number,
        root: Callable[[Number], Number],
        chance: Callable[[Number], Number],
    ) -> Called[Number]:
        """The arithmetic of a score, for one candidate and for many."""
        of_role = self._weight * value
        log_odds = carrier + of_role
        deviation = root(variance + added_variance(value, covariance, self._own_variance))
        half = self._model.slope * (NORMAL_95 * deviation)
        return Called(log_odds, of_role, chance(log_odds), chance(log_odds - half), chance(log_odds + half))

    def _carrier(self, of: tuple[str, str, bool, str]) -> Carrier:
        features = self._features.of_carrier(*of)
        # Most sources were never met in training, and such features are alike but for their names.
        alike = turn(of[-1]), *((name if name in self._met else "", value) for name, value in features.items())
        found = self._alike.get(alike)
        if found is None:
            scored = self._model.log_odds(features)
            band = self._model.band
            variance, covariance = band.variance(features), band.covariance_with(ROLE, features)
            found = Carrier(scored.contributions, scored.total, variance, covariance, turn(of[-1]))
            self._alike[alike] = found
        return found

    def _role(self, of: tuple[Cargo, str]) -> float:
        cargo, cancer_type = of
        return WIDTH["role"] * self._features.role_of_all(cargo.names, cargo.cargo_type, cancer_type)


def contributions(carrier: Carrier, of_role: float) -> dict[str, float]:
    """What each field adds to a score, those that add nothing left out."""
    return {**carrier.contributions, CARGO: of_role} if of_role else dict(carrier.contributions)
