"""Where a score stands among those of the curated findings: all, and those that share a field with the candidate."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.arrays import Floats


class Percentiles(NamedTuple):
    """The share, in percent, of findings that score lower: among all, and among those that share a field with the candidate;
    None where there are none."""

    of_all: float
    of_cargo_type: float | None
    of_cancer_type: float | None
    of_source_cell: float | None


# The fields that findings may share, in the order of `Percentiles`.
SHARED_FIELDS = ("cargo_type", "cancer_type", "source_cell")


class ScorePercentiles:
    """Where scores stand among the findings that a model learned from. Immutable once built."""

    def __init__(self, log_odds: Floats, by_field: Mapping[str, Mapping[str, Floats]]) -> None:
        """`log_odds`: those of the findings by folds without their papers, in rising order; the same for each value of each of
        SHARED_FIELDS."""
        self._rising = log_odds
        self._by_field = by_field
        self._listed: list[float] = log_odds.tolist()
        self._listed_by_field = {
            name: {value: rising.tolist() for value, rising in of_field.items()} for name, of_field in by_field.items()
        }

    def percentiles_of(self, log_odds: float, *values: str) -> Percentiles:
        """Where a score stands that has these values of SHARED_FIELDS."""
        of_all = _percentile(self._listed, log_odds)
        shared = zip(SHARED_FIELDS, values, strict=True)
        rising = [self._listed_by_field[name].get(value) for name, value in shared]
        return Percentiles(of_all, *(None if each is None else _percentile(each, log_odds) for each in rising))

    def of_all(self, log_odds: Floats) -> Floats:
        """The percentiles of scores among all findings, shape (scores,)."""
        return _percentiles(self._rising, log_odds)

    def of_value(self, field: str, value: str, log_odds: Floats) -> Floats:
        """The percentiles of scores among findings with a value of a field, shape (scores,); NaN where there are none."""
        rising = self._by_field[field].get(value)
        return np.full(len(log_odds), np.nan) if rising is None else _percentiles(rising, log_odds)


def _percentile(rising: Sequence[float], log_odds: float) -> float:
    return 50.0 * (bisect_left(rising, log_odds) + bisect_right(rising, log_odds)) / len(rising)


def _percentiles(rising: Floats, log_odds: Floats) -> Floats:
    lower, upper = (np.searchsorted(rising, log_odds, side) for side in ("left", "right"))
    percentiles: Floats = 50.0 * (lower + upper) / len(rising)
    return percentiles
