"""Findings whose given effect is least likely by what other papers say: candidates for a second reading.

Confident learning (Northcutt, Jiang and Chuang 2021, doi:10.1613/jair.1.12125): an effect's threshold is the mean
probability that left-out folds give it over the findings that bear it; a finding is suspected where the other effect passes
its threshold and is the likelier one of those that do. Findings are ranked by self-confidence, the probability of the
effect they bear. That the model disagrees is no proof: the paper decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from models.rounding import round_probability
from training.data.conflicts import cite
from training.data.findings import EFFECTS, Finding
from training.evaluation.baselines import MODEL
from training.evaluation.out_of_fold import OutOfFold

SHOWN_REASONS = 3


@dataclass(frozen=True)
class LabelQuality:
    """One finding: the probability and the conformal p-value that left-out folds give its effect, whether that effect
    is suspected to be wrong, and what each field adds to its log-odds (most against it first; `baseline` among them)."""

    finding: Finding
    self_confidence: float
    p_value: float
    is_label_issue: bool
    contributions: Mapping[str, float]

    @property
    def because(self) -> str:
        """The largest contributions against the effect, in words."""
        against = [(name, added) for name, added in self.contributions.items() if added < 0 and name != "baseline"]
        stated = self.finding.candidate.to_dict()
        reasons = [
            f"{name.replace('_', ' ')} {stated.get(name) or 'not named'} ({added:+.2f})"
            for name, added in against[:SHOWN_REASONS]
        ]
        return "; ".join(reasons) or "No single field; all fields together"

    def as_dict(self) -> dict[str, object]:
        """The finding and its quality ready for JSON; contributions are log-odds of the effect it bears."""
        finding = self.finding
        return {
            **cite(finding),
            "candidate": finding.candidate.to_dict(),
            "effect": finding.effect,
            "self_confidence": round_probability(self.self_confidence),
            "p_value": self.p_value,
            "suspected": self.is_label_issue,
            "contributions": dict(self.contributions),
            "because": self.because,
        }


@dataclass(frozen=True)
class LabelErrors:
    """All findings, most doubtful first, with the threshold of each effect and how many errors there may be.

    `estimated_errors` is the confident joint's off-diagonal after its rows are scaled to the findings of each effect.
    """

    findings: tuple[LabelQuality, ...]
    thresholds: Mapping[str, float]
    estimated_errors: float

    @property
    def suspected(self) -> int:
        """How many findings are suspected."""
        return sum(quality.is_label_issue for quality in self.findings)


def find_label_errors(predictions: OutOfFold) -> LabelErrors:
    """The label quality of every finding, from predictions of folds that left its paper out (means over repeats).

    `predictions` have contributions. Raises ValueError where all findings have one effect.
    """
    truth = predictions.truth
    if truth.all() or not truth.any():
        raise ValueError("Findings of one effect only cannot be checked for label errors")
    suppressing = predictions.probability[MODEL].mean(axis=0)
    own = np.where(truth, suppressing, 1.0 - suppressing)
    thresholds = {effect: float(own[rows].mean()) for effect, rows in zip(EFFECTS, (truth, ~truth), strict=True)}
    passes = own >= np.where(truth, thresholds["suppressing"], thresholds["promoting"])
    other_passes = 1.0 - own >= np.where(truth, thresholds["promoting"], thresholds["suppressing"])
    suspected = other_passes & (~passes | (own < 0.5))
    confident = passes | suspected
    errors = sum(
        (suspected & rows).sum() / (confident & rows).sum() * rows.sum()
        for rows in (truth, ~truth)
        if (confident & rows).any()
    )
    p_values = predictions.p_values.mean(axis=0)
    sign = np.where(truth, 1.0, -1.0)
    added = {name: sign * values.mean(axis=0) for name, values in predictions.contributions.items()}
    qualities = [
        LabelQuality(
            finding=finding,
            self_confidence=float(own[row]),
            p_value=float(p_values[row, 0 if finding.suppressing else 1]),
            is_label_issue=bool(suspected[row]),
            # What speaks most against the effect comes first.
            contributions=dict(
                sorted(((name, float(values[row])) for name, values in added.items()), key=itemgetter(1, 0))
            ),
        )
        for row, finding in enumerate(predictions.findings)
    ]
    qualities.sort(key=lambda quality: (quality.self_confidence, quality.finding.finding_id))
    return LabelErrors(tuple(qualities), thresholds, float(errors))
