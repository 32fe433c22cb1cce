"""Where the scores of columns of candidates stand: label sets, confidence, credibility and percentiles, by look-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.lookup import Codes
from models.standing import Standings

Floats = NDArray[np.float64]
Small = NDArray[np.int8]

SETS = ("", "suppressing", "promoting", "suppressing;promoting")


class CodedStanding(NamedTuple):
    """Standings in columns, shape (candidates,) each; `prediction_set` is a code into SETS, and a percentile of a type without
    findings NaN."""

    prediction_set: Small
    confidence: Floats
    credibility: Floats
    percentile: Floats
    percentile_of_type: Floats


class StandingTable:
    """The standings of one model by the segments of its scores."""

    def __init__(self, standings: Standings, types: Sequence[str]) -> None:
        self._standings = standings
        p_values = standings.p_values
        suppressing, promoting = (p_values > standings.significance).T
        self._set = (suppressing + 2 * promoting).astype(np.int8)
        self._confidence = 1.0 - p_values.min(axis=1)
        self._credibility = p_values.max(axis=1)
        self._percentile = standings.percentiles()
        self._of_type = np.concatenate([standings.percentiles(each) for each in types])

    def of(self, log_odds: Floats, cargo_type: Codes) -> CodedStanding:
        """Where scores stand, among all findings and among those of their cargo types."""
        segment = self._standings.segments(log_odds)
        return CodedStanding(
            self._set.take(segment),
            self._confidence.take(segment),
            self._credibility.take(segment),
            self._percentile.take(segment),
            self._of_type.take(cargo_type * len(self._set) + segment),
        )
