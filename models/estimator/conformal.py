"""Class-conditional (Mondrian) conformal prediction: which labels cannot be ruled out, with a coverage that holds for each
label (Vovk, Gammerman and Shafer 2005, doi:10.1007/b106715; cross-conformal pooling: doi:10.1007/s10472-013-9368-4).

The nonconformity of a label is minus its log-odds. Calibration scores come from folds that left the finding's paper out;
where the folds were repeated, each finding counts once, as the mean over repeats.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from models.arrays import Floats, Rows
from models.candidates.cargo import JOINT, terms_in

# The names of the groups that a candidate belongs to.
Groups = tuple[str, ...]

LABELS = ("suppressing", "promoting")
SIGNIFICANCE = 0.1
# Within a group of findings that is large enough, a label may be missed a little more often than in all.
GROUP_SIGNIFICANCE = 0.15
MIN_GROUP = 20
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
    """P-values of both labels from calibration scores; immutable once built.

    A label is calibrated over all findings of that effect, and over those of them that share the source cell or the state of
    the cargo, where there are enough: it is ruled out only where at most `significance` of all, and at most `GROUP_SIGNIFICANCE`
    of each such group, conform as little. So sets hold within groups too (Vovk et al. 2003, Mondrian confidence machine;
    Barber et al. 2021, doi:10.1093/imaiai/iaaa017, why not for each candidate alone).
    """

    def __init__(
        self,
        suppressing: Floats,
        promoting: Floats,
        groups: Mapping[str, Sequence[Groups]] | None = None,
        significance: float = SIGNIFICANCE,
    ) -> None:
        """Scores (log-odds of suppressing) of findings of each effect, shape (repeats, findings of that effect), and by effect
        the groups of each finding."""
        self.scores = {"suppressing": np.atleast_2d(suppressing), "promoting": np.atleast_2d(promoting)}
        self.significance = significance
        self.groups = {label: list((groups or {}).get(label, ())) for label in LABELS}
        self.counts = {label: Counter(chain.from_iterable(of_label)) for label, of_label in self.groups.items()}
        self._calibrations = {label: self._calibrate(label) for label in LABELS}

    def _calibrate(self, label: str) -> dict[str, _Calibration]:
        """The calibrations of a label: over all findings under an empty name, and over each group that is large enough."""
        conformity = self.scores[label] if label == "suppressing" else -self.scores[label]
        calibrations = {"": _Calibration(conformity, 1.0)}
        for group, findings in self.counts[label].items():
            if findings >= MIN_GROUP:
                members = np.array([group in of_finding for of_finding in self.groups[label]])
                ratio = self.significance / GROUP_SIGNIFICANCE
                calibrations[group] = _Calibration(conformity[:, members], ratio)
        return calibrations

    @cached_property
    def calibrated_groups(self) -> frozenset[str]:
        """The groups that some label is calibrated within."""
        return frozenset(chain.from_iterable(self._calibrations.values())) - {""}

    def predict_set(self, log_odds: float, groups: Groups = ()) -> PredictionSet:
        """The label set of one score of a candidate in some groups."""
        p_suppressing, p_promoting = (
            max(calibrations[group].p_value(conformity) for group in ("", *groups) if group in calibrations)
            for calibrations, conformity in zip(self._calibrations.values(), (log_odds, -log_odds), strict=True)
        )
        labels = _LABEL_SETS[p_suppressing > self.significance, p_promoting > self.significance]
        return PredictionSet(labels, p_suppressing, p_promoting)

    def p_values(self, log_odds: Floats, members: Mapping[str, Rows] | None = None) -> Floats:
        """P-values of shape (scores, 2), suppressing first; `members` are the rows of each group."""
        p_values = np.empty((len(log_odds), len(LABELS)))
        for column, label in enumerate(LABELS):
            conformity, calibrations = (log_odds, -log_odds)[column], self._calibrations[label]
            p_values[:, column] = calibrations[""].p_values(conformity)
            for group, rows in (members or {}).items():
                if group in calibrations:
                    within = calibrations[group].p_values(conformity[rows])
                    p_values[rows, column] = np.maximum(p_values[rows, column], within)
        return p_values


class _Calibration:
    """P-values of a label over some of its findings, times a `ratio` where these may be missed more often than all."""

    def __init__(self, conformity: Floats, ratio: float) -> None:
        """`conformity`: shape (repeats, findings)."""
        repeats, findings = conformity.shape
        # The scores of all repeats count as those of one.
        self._repeats, self._findings, self._ratio = repeats, findings, ratio
        self._sorted = np.sort(conformity, axis=None)
        self._listed: list[float] = self._sorted.tolist()

    def p_value(self, conformity: float) -> float:
        at_most: int = bisect_right(self._listed, conformity)
        return float((at_most / self._repeats + 1.0) / (self._findings + 1.0) * self._ratio)

    def p_values(self, conformity: Floats) -> Floats:
        at_most = np.searchsorted(self._sorted, conformity, side="right")
        p_values: Floats = (at_most / self._repeats + 1.0) / (self._findings + 1.0) * self._ratio
        return p_values


def groups_of(source_cell: str, cargo_state: str) -> Groups:
    """The groups of a candidate within which sets are to hold; one for each state of its cargos."""
    if JOINT in cargo_state:
        return f"source_cell:{source_cell}", *(f"cargo_state:{state}" for state in terms_in(cargo_state))
    return f"source_cell:{source_cell}", f"cargo_state:{cargo_state}"


def members_of(groups: Iterable[Groups]) -> dict[str, Rows]:
    """The rows of each group."""
    members: dict[str, list[int]] = {}
    for row, of_row in enumerate(groups):
        for group in of_row:
            members.setdefault(group, []).append(row)
    return {group: np.array(rows, dtype=np.intp) for group, rows in members.items()}
