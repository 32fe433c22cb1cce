"""A fitted model as tables over what candidates are made of, so that a score is a few look-ups and one sum.

What the source, its stimulation, the recipient and the state of the cargo say is one entry, the carrier; what the cargo says in
a tumour is one number, its role. Both are computed when first met, by the very functions that training uses, and remembered. A
score is the carrier's log-odds plus the weighted role.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from models.candidates.candidate import ParsedColumns, cargo_of, value_of
from models.candidates.cargo import Cargo, state_sign
from models.estimator.features import HYPOXIA, PRIOR_SCALE, ROLE, Features, acts_by_immunity
from models.estimator.linear_model import FittedModel, probabilities, probability
from models.estimator.posterior import Z_90, Number, added_variance

Numbers = TypeVar("Numbers")

CARGO = ROLE.partition(":")[0]
# How many carriers are remembered: more than there are sources, each in every state of its cargo, with and without hypoxia and
# immune recipients.
MAX_CARRIERS = 32_768


@dataclass(frozen=True, slots=True, eq=False)
class SourceTerm:
    """What a candidate scores before its cargo's role is known.

    `log_odds` is the baseline with the `contributions` of the fields, `variance` that of those log-odds, `covariance` theirs
    with the weight of the role; `turn` is the sign with which the role counts.
    """

    contributions: Mapping[str, float]
    log_odds: float
    variance: float
    covariance: float
    turn: float


class Prediction(NamedTuple, Generic[Numbers]):
    """The numbers of scores, in columns: log-odds of suppressing, what the cargo's role contributes to them, the probability,
    and the 90 % band around it."""

    log_odds: Numbers
    of_role: Numbers
    probability: Numbers
    low: Numbers
    high: Numbers


class CompiledModel:
    """A fitted model over one table of features."""

    def __init__(self, model: FittedModel, features: Features) -> None:
        self._model = model
        self.features = features
        self._weight = model.weights.get(ROLE, 0.0)
        # What a role is multiplied by to make log-odds.
        self.role_weight = PRIOR_SCALE["role"] * self._weight
        self._half_width = model.slope * Z_90
        self._own_variance = model.band.own_variance(ROLE)
        self._met = {*model.weights, *model.band.names}
        self._alike: dict[tuple[object, ...], SourceTerm] = {}
        self.carrier = lru_cache(MAX_CARRIERS)(self._carrier)

    def carriers(self, columns: ParsedColumns) -> list[SourceTerm]:
        """The carrier of every candidate."""
        cells, phenotypes = columns.source_cell, columns.source_phenotype
        carried = map(cargo_of, columns.cargo_name)
        states = [cargo.mixed_state or state.value for cargo, state in zip(carried, columns.cargo_state, strict=True)]
        hypoxic = [HYPOXIA in read.value for read in columns.polarisation]
        immune = map(acts_by_immunity, map(value_of, columns.recipient_cell))
        sources = map(value_of, cells), map(value_of, phenotypes), hypoxic
        return list(map(self.carrier, *sources, immune, states))

    def roles(self, columns: ParsedColumns) -> list[float]:
        """The role of every candidate's cargo in its tumour."""
        return list(map(self._role, map(cargo_of, columns.cargo_name), map(value_of, columns.cancer_type)))

    def call(self, carriers: Sequence[SourceTerm], roles: Sequence[float]) -> Prediction[list[float]]:
        """The scores of carriers, each with the role of its cargo."""
        rows = [
            self.predict(carrier.log_odds, carrier.variance, carrier.covariance, carrier.turn * role)
            for carrier, role in zip(carriers, roles, strict=True)
        ]
        return Prediction(*([row[place] for row in rows] for place in range(len(Prediction._fields))))

    def predict(self, log_odds: Number, variance: Number, covariance: Number, role: Number) -> Prediction[Number]:
        """The score of one carrier by its numbers and a role with its sign, or the scores of many in arrays of one shape."""
        probability_of: Callable[[Number], Number] = probabilities if isinstance(log_odds, np.ndarray) else probability
        of_role = self._weight * role
        total = log_odds + of_role
        half = self._half_width * (variance + added_variance(role, covariance, self._own_variance)) ** 0.5
        return Prediction(
            total, of_role, probability_of(total), probability_of(total - half), probability_of(total + half)
        )

    def _carrier(self, cell: str, phenotype: str, hypoxic: bool, immune: bool, state: str) -> SourceTerm:
        features = self.features.of_carrier(cell, phenotype, hypoxic, immune, state)
        # Most sources were never met in training, and such features are alike but for their names.
        alike = state_sign(state), *((name if name in self._met else "", value) for name, value in features.items())
        if alike not in self._alike:
            scored = self._model.log_odds(features)
            band = self._model.band
            variance, covariance = band.variance(features), band.covariance_with(ROLE, features)
            self._alike[alike] = SourceTerm(scored.contributions, scored.total, variance, covariance, state_sign(state))
        return self._alike[alike]

    def _role(self, cargo: Cargo, cancer_type: str) -> float:
        return PRIOR_SCALE["role"] * self.features.role_of_all(cargo, cancer_type)


def contributions(carrier: SourceTerm, of_role: float) -> dict[str, float]:
    """What each field adds to a score, those that add nothing left out."""
    return {**carrier.contributions, CARGO: of_role} if of_role else dict(carrier.contributions)
