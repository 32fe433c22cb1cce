"""Maximum-likelihood Beta prior of counts out of totals: what a typical cargo's share of suppressing reports looks like.

The beta-binomial likelihood is maximised by Newton's method on the logarithms of the two parameters (Griffiths 1973,
doi:10.2307/2529131).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy.special import polygamma, psi

ITERATIONS = 60
TOLERANCE = 1e-10
LARGEST_STEP = 1.0


def fit_beta(counts: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The Beta parameters (for, against) under which pairs of votes (for, against) are likeliest.

    With no pair, or all votes on one side, nothing can be learned of the spread: (1, 1) is returned.
    """
    tally = Counter(pair for pair in counts if sum(pair) > 0)
    pairs = np.array(sorted(tally), dtype=float).reshape(-1, 2)
    if not pairs[:, 0].sum() or not pairs[:, 1].sum():
        return 1.0, 1.0
    repeats = np.array([tally[pair] for pair in sorted(tally)], dtype=float)
    log_parameters = np.zeros(2)
    for _ in range(ITERATIONS):
        step = _newton_step(pairs, repeats, np.exp(log_parameters))
        log_parameters += step
        if np.abs(step).max() < TOLERANCE:
            break
    suppressing, oncogenic = np.exp(log_parameters)
    return float(suppressing), float(oncogenic)


def _newton_step(pairs: np.ndarray, repeats: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """One ascent step on the log parameters, damped, by the gradient where the curvature is not that of a maximum."""
    total, strength = pairs.sum(axis=1), parameters.sum()
    slope_of_total = repeats @ (psi(total + strength) - psi(strength))
    bend_of_total = repeats @ (polygamma(1, total + strength) - polygamma(1, strength))
    slope = repeats @ (psi(pairs + parameters) - psi(parameters)) - slope_of_total
    bend = np.diag(repeats @ (polygamma(1, pairs + parameters) - polygamma(1, parameters))) - bend_of_total
    gradient = slope * parameters
    curvature = bend * np.outer(parameters, parameters) + np.diag(gradient)
    rising = np.linalg.eigvalsh(curvature).max() >= 0
    step = gradient / np.abs(gradient).max() if rising else -np.linalg.solve(curvature, gradient)
    largest = np.abs(step).max()
    return step * min(1.0, LARGEST_STEP / largest) if largest else step
