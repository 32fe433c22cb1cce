"""Findings whose given effect is least likely by what other papers say: candidates for a second reading.

Confident learning (Northcutt, Jiang and Chuang 2021, doi:10.1613/jair.1.12125): an effect's threshold is the mean
probability that left-out folds give it over the findings that bear it; a finding is suspected where the other effect passes
its threshold and is the likelier one of those that do. Findings are ranked by self-confidence, the probability of the
effect they bear. That the model disagrees is no proof: the paper decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.citation import cited, link
from training.findings import Finding
from training.left_out import MODEL, LeftOut

SHOWN_REASONS = 3


@dataclass(frozen=True)
class Doubt:
    """One finding: the probability and the conformal p-value that left-out folds give its effect, whether it is suspected,
    and what each field adds to the log-odds of its effect (most against it first; `baseline` among them)."""

    finding: Finding
    self_confidence: float
    p_value: float
    suspected: bool
    contributions: Mapping[str, float]

    @property
    def because(self) -> str:
        """The largest contributions against the effect, in words."""
        against = [(name, added) for name, added in self.contributions.items() if added < 0 and name != "baseline"]
        said = [
            f"{name.replace('_', ' ')} {_value(self.finding, name)} ({added:+.2f})"
            for name, added in against[:SHOWN_REASONS]
        ]
        return "; ".join(said) or "nothing single; the fields together"

    def as_dict(self) -> dict[str, object]:
        """The finding and the doubt ready for JSON; contributions are log-odds of the effect it bears."""
        one = self.finding
        return {
            "finding_id": one.finding_id,
            "paper": one.paper,
            "cited": cited(one.citation, one.paper),
            "title": one.citation.get("title", ""),
            "link": link(one.citation),
            "candidate": one.candidate.stated(),
            "effect": one.effect,
            "self_confidence": self.self_confidence,
            "p_value": self.p_value,
            "suspected": self.suspected,
            "contributions": dict(self.contributions),
            "because": self.because,
        }


@dataclass(frozen=True)
class Doubts:
    """All findings, most doubtful first, with the threshold of each effect and how many errors there may be.

    `estimated_errors` is the confident joint's off-diagonal after its rows are scaled to the findings of each effect.
    """

    findings: tuple[Doubt, ...]
    thresholds: Mapping[str, float]
    estimated_errors: float

    @property
    def suspected(self) -> int:
        """How many findings are suspected."""
        return sum(one.suspected for one in self.findings)


def doubts(left_out: LeftOut) -> Doubts:
    """The doubts of every finding, from predictions of folds that left its paper out (means over repeats).

    `left_out` has contributions. Raises ValueError where all findings have one effect.
    """
    truth = left_out.truth
    if truth.all() or not truth.any():
        raise ValueError("findings of one effect cannot be doubted by the other")
    suppressing = left_out.chance[MODEL].mean(axis=0)
    chance = np.column_stack([suppressing, 1.0 - suppressing])
    given = np.where(truth, 0, 1)
    rows = np.arange(len(given))
    own, other = chance[rows, given], chance[rows, 1 - given]
    thresholds = np.array([own[given == label].mean() for label in (0, 1)])
    passes, other_passes = own >= thresholds[given], other >= thresholds[1 - given]
    suspected = other_passes & (~passes | (other > own))
    confident = (passes & ~suspected) | suspected
    errors = 0.0
    for label in (0, 1):
        counted = (given == label) & confident
        if counted.any():
            errors += float((suspected & counted).sum() / counted.sum() * (given == label).sum())
    p_values = left_out.p_values.mean(axis=0)[rows, given]
    sign = np.where(truth, 1.0, -1.0)
    added = {name: sign * part.mean(axis=0) for name, part in left_out.contributions.items()}
    found = [
        Doubt(
            finding=left_out.findings[row],
            self_confidence=float(own[row]),
            p_value=float(p_values[row]),
            suspected=bool(suspected[row]),
            contributions=dict(sorted(((name, float(part[row])) for name, part in added.items()), key=_by_size)),
        )
        for row in sorted(rows.tolist(), key=lambda row: (own[row], left_out.findings[row].finding_id))
    ]
    of_effect = {"suppressing": float(thresholds[0]), "promoting": float(thresholds[1])}
    return Doubts(tuple(found), of_effect, errors)


def _by_size(of: tuple[str, float]) -> tuple[float, str]:
    return of[1], of[0]


def _value(finding: Finding, field: str) -> str:
    value = finding.candidate.stated().get(field, "")
    return str(value) if value else "not named"
