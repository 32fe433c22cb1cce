"""Where a score stands: among the calibration scores of each effect, and among those of the curated findings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.estimator.conformal import MondrianClassifier, PredictionSet

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScoreRank:
    """The label set of a score, and the share, in percent, of findings that score lower: among all, and among those of the
    cargo's type (None where there are none)."""

    sets: PredictionSet
    percentile: float
    percentile_of_type: float | None


class ScorePercentiles:
    """The label sets and percentiles of one model. Immutable once built."""

    def __init__(self, sets: MondrianClassifier, log_odds: Floats, log_odds_of_type: Mapping[str, Floats]) -> None:
        """`log_odds`: those of the findings by folds without their papers, in rising order; the same for each cargo type."""
        self.sets = sets
        self._rising = {**log_odds_of_type, "": log_odds}
        self._listed = {cargo_type: rising.tolist() for cargo_type, rising in self._rising.items()}

    def of(self, log_odds: Sequence[float], cargo_types: Iterable[str]) -> list[ScoreRank]:
        """Where scores stand."""
        return [
            ScoreRank(self.sets.of(score), *self.percentiles_of(score, cargo_type))
            for score, cargo_type in zip(log_odds, cargo_types, strict=True)
        ]

    def percentiles_of(self, log_odds: float, cargo_type: str) -> tuple[float, float | None]:
        """The percentiles of one score: among all findings, and among those of the same cargo type."""
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
