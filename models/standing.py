"""Where a score stands: among the calibration scores of each effect, and among those of the curated findings.

P-values and percentiles change only at the scores that they are counted over. Those cut the line of log-odds into segments:
one search finds the segment of a score, and a table has the rest.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import add

import numpy as np
from numpy.typing import NDArray

from models.conformal import ConformalSets, LabelSet
from models.evidence import EvidenceBase
from models.memo import Memo

Floats = NDArray[np.float64]
Segments = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The label set of a score, and the share, in percent, of findings that score lower: among all, and among those of the
    cargo's type (None where there are none)."""

    sets: LabelSet
    percentile: float
    percentile_of_type: float | None


class Standings:
    """The segments of one model. Immutable once built; what was asked last is remembered."""

    def __init__(self, sets: ConformalSets, evidence: EvidenceBase) -> None:
        self._sets = sets
        self._evidence = evidence
        edges = np.concatenate([evidence.left_out, *(each.ravel() for each in sets.scores.values())])
        self._listed: list[float] = sorted(set(edges.tolist()))
        self._edges = np.array(self._listed)
        self._standing = Memo(self._of_segment)

    def of(self, log_odds: Sequence[float], cargo_types: Iterable[str]) -> list[Standing]:
        """Where scores stand."""
        edges = repeat(self._listed)
        segments = map(add, map(bisect_left, edges, log_odds), map(bisect_right, edges, log_odds))
        return self._standing.of_all(zip(segments, cargo_types, strict=True))

    @property
    def significance(self) -> float:
        """A label is ruled out where its p-value is not above this."""
        return self._sets.significance

    def segments(self, log_odds: Floats) -> Segments:
        """The segments that many scores fall into: what the rows of `p_values` and `percentiles` are of."""
        # A score is on the edge before it or between edges; one search tells which.
        right = np.searchsorted(self._edges, log_odds, side="right")
        found: Segments = 2 * right - (self._edges[right - 1] == log_odds)
        return found

    @cached_property
    def p_values(self) -> Floats:
        """The p-values of both labels by segment, shape (segments, 2), suppressing first; those of `of` to the last bit."""
        return self._sets.p_values(self._inside)

    def percentiles(self, cargo_type: str = "") -> Floats:
        """The percentiles by segment among all findings, or those of a cargo type, NaN where there are none; as those of `of`."""
        rising = self._evidence.left_out_of_type.get(cargo_type) if cargo_type else self._evidence.left_out
        if rising is None:
            return np.full(len(self._inside), np.nan)
        below, up_to = (np.searchsorted(rising, self._inside, side) for side in ("left", "right"))
        found: Floats = 50.0 * (below + up_to) / len(rising)
        return found

    @cached_property
    def _inside(self) -> Floats:
        """A score in each segment; even segments lie between edges, odd ones on an edge.

        Between two neighbouring floats there is no score, so it does not matter what stands for that segment.
        """
        edges = self._edges
        between = np.concatenate([[edges[0] - 1.0], edges[:-1] + np.diff(edges) / 2.0, [edges[-1] + 1.0]])
        return np.insert(edges, np.arange(len(between)), between)

    def _of_segment(self, of: tuple[int, str]) -> Standing:
        segment, cargo_type = of
        score = float(self._inside[segment])
        return Standing(self._sets.of(score), *self._evidence.percentiles(score, cargo_type))
