"""Class-conditional (Mondrian) conformal prediction: which labels cannot be ruled out, with a coverage that holds for each
label (Vovk, Gammerman and Shafer 2005, doi:10.1007/b106715; cross-conformal pooling: doi:10.1007/s10472-013-9368-4).

The nonconformity of a label is minus its log-odds. Calibration scores come from folds that left the finding's paper out;
where the folds were repeated, each finding counts once, as the mean over repeats.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import Floats

LABELS = ("suppressing", "promoting")
SIGNIFICANCE = 0.1
# The labels that are left, by whether suppressing and whether promoting is.
_LABEL_SETS = {(False, False): (), (True, False): LABELS[:1], (False, True): LABELS[1:], (True, True): LABELS}


@dataclass(frozen=True, slots=True)
class PredictionSet:
    """The labels whose p-value exceeds the significance, and how far the evidence goes.

    `confidence` is one minus the second largest p-value, `credibility` the largest.
    """

    labels: tuple[str, ...]
    p_suppressing: float
    p_promoting: float

    @property
    def confidence(self) -> float:
        """How sure it is that the less likely label is wrong."""
        return 1.0 - min(self.p_suppressing, self.p_promoting)

    @property
    def credibility(self) -> float:
        """How usual a candidate like this is under its likelier label."""
        return max(self.p_suppressing, self.p_promoting)


class MondrianClassifier:
    """P-values of both labels from calibration scores; immutable once built."""

    def __init__(self, suppressing: Floats, promoting: Floats, significance: float = SIGNIFICANCE) -> None:
        """Scores (log-odds of suppressing) of findings of each effect, shape (repeats, findings of that effect)."""
        self.scores = {"suppressing": np.atleast_2d(suppressing), "promoting": np.atleast_2d(promoting)}
        self.significance = significance
        self._conformity = {
            "suppressing": np.sort(self.scores["suppressing"], axis=None),
            "promoting": np.sort(-self.scores["promoting"], axis=None),
        }
        self._suppressing, self._promoting = (self._conformity[label].tolist() for label in LABELS)

    def predict_set(self, log_odds: float) -> PredictionSet:
        """The label set of one score."""
        p_suppressing = self._p_value("suppressing", bisect_right(self._suppressing, log_odds))
        p_promoting = self._p_value("promoting", bisect_right(self._promoting, -log_odds))
        labels = _LABEL_SETS[p_suppressing > self.significance, p_promoting > self.significance]
        return PredictionSet(labels, p_suppressing, p_promoting)

    def p_values(self, log_odds: Floats) -> Floats:
        """P-values of shape (scores, 2), suppressing first."""
        return np.column_stack(
            [
                self._p_value(label, np.searchsorted(self._conformity[label], conformity, side="right"))
                for label, conformity in zip(LABELS, (log_odds, -log_odds), strict=True)
            ]
        )

    def _p_value(self, label: str, at_most: Any) -> Any:
        """The p-value of a label, `at_most` calibration scores, or an array of how many, being as conforming or less."""
        repeats, findings = self.scores[label].shape
        return (at_most / repeats + 1.0) / (findings + 1.0)
