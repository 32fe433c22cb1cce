"""Candidates ranked by their probability of suppressing, with the ties that its uncertainty makes: one definition for all.

The rank of a candidate is an interval. `rank` is one more than the number of candidates whose 90 % band lies wholly above its
own, and `rank_to` is the number of candidates less those whose band lies wholly below: every order that the bands admit has it
somewhere between. Bands that touch or overlap do not tell candidates apart. What is outside the domain has no rank and
does not count, since its probability is not to be trusted; nor does what has an error. Ranked for promoting, all is turned
round: the rank of a candidate is then one more than the number of ranked ones, less `rank_to`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.arrays import Floats, Rows
from models.rounding import STEPS, round_probability, steps_of

Band = tuple[float, float]


class Rank(NamedTuple):
    """The first and the last place that a candidate can have, from 1, which is the most suppressing."""

    rank: int
    rank_to: int


class Ranking:
    """The bands of candidates, counted by their ends as documents round them, so that memory does not grow with how many there
    are."""

    def __init__(self) -> None:
        self._lows, self._highs = (np.zeros(STEPS + 1, dtype=np.int64) for _ in range(2))

    def add(self, low: Floats, high: Floats) -> None:
        """Counts candidates by the ends of their bands."""
        self._lows += np.bincount(steps_of(low), minlength=STEPS + 1)
        self._highs += np.bincount(steps_of(high), minlength=STEPS + 1)

    def ranks(self, low: Floats, high: Floats) -> tuple[Rows, Rows]:
        """The ranks of some of those that were counted, and to which rank each can fall."""
        above = self._lows.sum() - np.cumsum(self._lows)
        below = np.cumsum(self._highs) - self._highs
        return 1 + above[steps_of(high)], self._highs.sum() - below[steps_of(low)]


def rank_bands(bands: Sequence[Band | None]) -> list[Rank | None]:
    """The rank of each candidate by its 90 % band; None where it has none, since it is outside the domain or has an error."""
    ranked = np.array([band for band in bands if band is not None], dtype=np.float64).reshape(-1, 2)
    ranking = Ranking()
    ranking.add(*ranked.T)
    ranks = map(Rank, *(ends.tolist() for ends in ranking.ranks(*ranked.T)))
    return [None if band is None else next(ranks) for band in bands]


def not_distinguished(bands: Sequence[Band | None]) -> list[list[int]]:
    """For each candidate the places of the others that its band, as documents round it, touches or overlaps; none for one that
    has no rank."""
    rounded = [band and tuple(map(round_probability, band)) for band in bands]
    return [
        [
            place
            for place, other in enumerate(rounded)
            if band and other and place != own and band[0] <= other[1] and other[0] <= band[1]
        ]
        for own, band in enumerate(rounded)
    ]


def reading_order(ranks: Sequence[Rank | None], probability: Sequence[float]) -> list[int]:
    """The places of candidates in the order in which to read them: by their probability of suppressing, the greatest first,
    equal ones as they came; then those that have no rank, in the same way."""
    return sorted(range(len(ranks)), key=lambda place: (ranks[place] is None, -probability[place]))
