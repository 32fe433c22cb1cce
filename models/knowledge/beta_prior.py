"""Maximum-likelihood Beta prior of counts out of totals: what a typical cargo's share of suppressing reports looks like.

The beta-binomial likelihood is maximised by Newton's method on the logarithms of the two parameters (Griffiths 1973,
doi:10.2307/2529131). Votes are whole, so the digamma and trigamma differences in its derivatives are plain sums: the
digamma of x + n less that of x is 1/x + 1/(x + 1) + ... + 1/(x + n - 1).
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from models.arrays import Floats, Rows

ITERATIONS = 60
TOLERANCE = 1e-10
LARGEST_STEP = 1.0


def fit_beta(counts: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """The Beta parameters (for, against) under which pairs of votes (for, against), whole numbers, are likeliest.

    With no pair, or all votes on one side, nothing can be learned of the spread: (1, 1) is returned.
    """
    tally = Counter(pair for pair in counts if sum(pair) > 0)
    pairs = np.array(sorted(tally), dtype=np.intp).reshape(-1, 2)
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


def _newton_step(pairs: Rows, repeats: Floats, parameters: Floats) -> Floats:
    """One ascent step on the log parameters, damped, by the gradient where the curvature is not that of a maximum."""
    slope_of_total, bend_of_total = _derivatives(pairs.sum(axis=1), repeats, parameters.sum())
    of_sides = [_derivatives(pairs[:, side], repeats, parameters[side]) for side in (0, 1)]
    slope = np.array([slope for slope, _ in of_sides]) - slope_of_total
    bend = np.diag([bend for _, bend in of_sides]) - bend_of_total
    gradient = slope * parameters
    curvature = bend * np.outer(parameters, parameters) + np.diag(gradient)
    rising = np.linalg.eigvalsh(curvature).max() >= 0
    step = gradient / np.abs(gradient).max() if rising else -np.linalg.solve(curvature, gradient)
    largest = np.abs(step).max()
    return np.asarray(step * min(1.0, LARGEST_STEP / largest) if largest else step, dtype=np.float64)


def _derivatives(counts: Rows, repeats: Floats, parameter: float) -> tuple[float, float]:
    """The first and second derivative, by the parameter, of the log of its rising factorials over all counts."""
    steps = parameter + np.arange(counts.max())
    first = np.concatenate([[0.0], np.cumsum(1.0 / steps)])
    second = np.concatenate([[0.0], np.cumsum(-1.0 / steps**2)])
    return float(repeats @ first[counts]), float(repeats @ second[counts])
