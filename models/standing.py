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

# Into how many pieces the line of log-odds is cut to find where a score stands: so many that few have more than one edge.
CELLS = 16384


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
        self._cell_width = (self._listed[-1] - self._listed[0]) / (CELLS - 1) or 1.0
        # How many edges lie in cells before each; what no score is behind ends them.
        self._before = np.searchsorted(self._cells(self._edges), np.arange(CELLS))
        self._next_edge = np.append(self._edges, np.nan)
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
        # A search among all edges for each score takes longer than all else that is told of its standing. Edges in cells before
        # that of a score are below it and those in later cells above it, so few are left to compare it with.
        right = self._before.take(self._cells(log_odds))
        behind = np.flatnonzero(self._next_edge.take(right) <= log_odds)
        while behind.size:
            right[behind] += 1
            behind = behind[self._next_edge.take(right[behind]) <= log_odds[behind]]
        # A score is on the edge before it or between edges.
        found: Segments = 2 * right - (self._edges.take(right - 1) == log_odds)
        return found

    def _cells(self, log_odds: Floats) -> Segments:
        """The line of log-odds in CELLS pieces of one length, the outermost open: into which each score falls."""
        places = (log_odds - self._edges[0]) / self._cell_width
        cells: Segments = np.clip(places, 0, CELLS - 1).astype(np.intp)
        return cells

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
