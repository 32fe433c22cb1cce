"""Which few experiments would teach the model most for the goal of a design, each with the controls that it needs.

The candidates are variants of a design that might be proposed, from the surest to the most open. Their mean uncertainty is
what a test is to lower: they are chosen greedily, as `models/estimator/information.py` says, each after those before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats, one_thread
from models.candidates.candidate import ParsedCandidate
from models.candidates.cargo import WHOLE_VESICLE
from models.estimator.features import Features
from models.estimator.information import INTERCEPT, expected_information, posterior, posterior_after, variance_reduction
from models.estimator.linear_model import FittedModel

REPLICATES = (
    "Test at least three independent vesicle preparations, not three wells of one, and report dose as particles and protein per "
    "recipient cell, as MISEV2023 asks for (Welsh et al. 2024, doi:10.1002/jev2.12404)"
)
_NATIVE_SOURCE = "The same source's vesicles as secreted, untreated"
_MEDIUM = "Vesicle-free conditioned medium, processed in the same way"
# The controls of a candidate by the state of its cargo: what would otherwise explain an effect.
CONTROLS = {
    "native": (
        "The same vesicles with the cargo depleted, so that the effect is the cargo's",
        "Vesicles of the unpolarised or unstimulated source",
        _MEDIUM,
    ),
    "enriched": (
        "Vesicles of the source with an empty vector or a scrambled sequence",
        _NATIVE_SOURCE,
        "The same vesicles with the cargo depleted",
    ),
    "loaded": (
        "Empty vesicles, put through the loading without the cargo",
        "Vesicles loaded with a scrambled or inactive counterpart",
        "The same amount of free cargo without vesicles",
    ),
    "depleted": (
        "The same vesicles as secreted, with the cargo",
        "Vesicles of the source after a mock depletion (scrambled siRNA or empty guide)",
        "The depleted vesicles with the cargo put back",
    ),
}
_WHOLE = (
    "Vesicles of another state of the same source, such as the unpolarised one",
    "Vesicles whose membrane was broken up, or which were treated with protease and RNase",
    _MEDIUM,
)


@dataclass(frozen=True)
class ChosenTest:
    """An experiment worth doing: `variant` is the place of its candidate among those offered.

    `reduction` is the share of their mean variance that it takes off after the tests before it, `information` what one outcome
    tells of the weights, in bits.
    """

    variant: int
    reduction: float
    information: float


def choose_tests(
    model: FittedModel, features: Features, readings: Sequence[ParsedCandidate], count: int
) -> list[ChosenTest]:
    """The `count` candidates whose tests would together lower the uncertainty over all `readings` most, best first."""
    if not readings:
        return []
    described = [{**features.of(reading), INTERCEPT: 1.0} for reading in readings]
    names = [*sorted({name for values in described for name in values} - {INTERCEPT}), INTERCEPT]
    values = np.array([[of_candidate.get(name, 0.0) for name in names] for of_candidate in described])
    mean, covariance = posterior(model, names)
    tests: list[ChosenTest] = []
    with one_thread():
        centre = values @ mean
        weight = expected_information(centre, _quadratic(values, covariance)) ** 2
        importance: Floats = (values * weight[:, None]).T @ values
        whole = float((covariance * importance).sum())
        free = np.ones(len(values), dtype=np.bool_)
        while len(tests) < count:
            spread = _quadratic(values, covariance @ importance @ covariance)
            gain = variance_reduction(centre, _quadratic(values, covariance), spread) * free
            best = int(gain.argmax())
            if gain[best] <= 0.0:
                break
            after, information = posterior_after(values[best], float(centre[best]), covariance)
            tests.append(ChosenTest(best, float(gain[best]) / whole, information))
            # The same vesicle in other words is no other experiment.
            free &= (values != values[best]).any(axis=1)
            covariance = after
    return tests


def controls_of(reading: ParsedCandidate) -> tuple[str, ...]:
    """What has to be tested beside a candidate."""
    stated = reading.candidate
    return _WHOLE if stated.cargo_type == WHOLE_VESICLE else CONTROLS[stated.cargo_state]


def _quadratic(values: Floats, matrix: Floats) -> Floats:
    """x'Ax of every row x."""
    form: Floats = ((values @ matrix) * values).sum(axis=1)
    return form
