"""Where a score stands among those of the curated findings."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class ScorePercentiles:
    """Where scores stand among the findings that a model learned from. Immutable once built."""

    def __init__(self, log_odds: Floats, log_odds_of_type: Mapping[str, Floats]) -> None:
        """`log_odds`: those of the findings by folds without their papers, in rising order; the same for each cargo type."""
        self._rising = {**log_odds_of_type, "": log_odds}
        self._listed = {cargo_type: rising.tolist() for cargo_type, rising in self._rising.items()}

    def percentiles_of(self, log_odds: float, cargo_type: str) -> tuple[float, float | None]:
        """The share, in percent, of findings that score lower: among all, and among those of the same cargo type (None where
        there are none)."""
        of_type = self._listed.get(cargo_type)
        return _percentile(self._listed[""], log_odds), None if of_type is None else _percentile(of_type, log_odds)

    def percentiles(self, log_odds: Floats, cargo_type: str = "") -> Floats:
        """The percentiles of scores, shape (scores,), among all findings or those of a cargo type; NaN where there are none."""
        rising = self._rising.get(cargo_type)
        if rising is None:
            return np.full(len(log_odds), np.nan)
        percentiles: Floats = (
            50.0
            * (np.searchsorted(rising, log_odds, "left") + np.searchsorted(rising, log_odds, "right"))
            / len(rising)
        )
        return percentiles


def _percentile(rising: Sequence[float], log_odds: float) -> float:
    return 50.0 * (bisect_left(rising, log_odds) + bisect_right(rising, log_odds)) / len(rising)
