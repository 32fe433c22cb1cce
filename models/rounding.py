"""The one rule by which numbers are rounded in documents: API, command line, batch files, pages and client.

A few hundred findings cannot carry more than four decimals. Python's `Score` keeps its full floats.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", float, NDArray[np.float64])

DECIMALS = 4
STEPS = 10**DECIMALS
_SCALE = float(STEPS)
# No finite set of findings makes an effect certain, so no probability is shown as 0 or 1.
LEAST_PROBABILITY = 1.0 / _SCALE
GREATEST_PROBABILITY = 1.0 - LEAST_PROBABILITY


def round_number(value: Number) -> Number:
    """A number, or an array of them, with DECIMALS decimals; half-way cases go to the even digit, and there is no -0.0."""
    if isinstance(value, np.ndarray):
        rounded: NDArray[np.float64] = np.rint(value * _SCALE) / _SCALE + 0.0
        return rounded
    return round(value * _SCALE) / _SCALE + 0.0


def round_probability(probability: Number) -> Number:
    """A probability, or an array of them, as `round_number` gives it, but never 0 or 1."""
    if isinstance(probability, np.ndarray):
        return np.clip(round_number(probability), LEAST_PROBABILITY, GREATEST_PROBABILITY)
    return min(max(round_number(probability), LEAST_PROBABILITY), GREATEST_PROBABILITY)


def steps_of(probability: NDArray[np.float64]) -> NDArray[np.intp]:
    """Probabilities as `round_probability` gives them, counted in steps of their last decimal: from 1 to STEPS - 1."""
    return np.rint(round_probability(probability) * _SCALE).astype(np.intp)


def round_numbers(value: Any) -> Any:
    """A document with its numbers rounded."""
    if isinstance(value, dict):
        return {name: round_numbers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [round_numbers(part) for part in value]
    return round_number(value) if isinstance(value, float) else value
