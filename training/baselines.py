"""What a model must beat: rules that need no cargo, the cargo's role alone, and a look-up of what was published."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.features import Features
from models.fitted import probability
from training.findings import Finding
from training.metrics import stratum

Floats = NDArray[np.float64]
Predictor = Callable[[Finding], float]
Baseline = Callable[[Sequence[Finding], Sequence[float], Features], Predictor]

# The names by which metrics are kept: that of the model itself, and those of the baselines that are spoken of by name.
MODEL = "model"
STATE_RULE = "rule: source x phenotype x state"
ROLE_ALONE = "role of the cargo alone"


def _frequencies(
    keys: Sequence[Hashable], findings: Sequence[Finding], weights: Sequence[float]
) -> Callable[[Hashable], float]:
    """The smoothed share of suppressing findings under each key; the overall share for a key that was never seen."""
    suppressing, total = sum(w for one, w in zip(findings, weights, strict=True) if one.suppressing), sum(weights)
    share = suppressing / total
    sums: dict[Hashable, list[float]] = {}
    for key, one, weight in zip(keys, findings, weights, strict=True):
        of_key = sums.setdefault(key, [0.0, 0.0])
        of_key[0] += weight * one.suppressing
        of_key[1] += weight
    return lambda key: (sums.get(key, (0.0, 0.0))[0] + share) / (sums.get(key, (0.0, 0.0))[1] + 1.0)


def majority(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The overall share of suppressing findings, whatever the candidate."""
    frequency = _frequencies([()] * len(findings), findings, weights)
    return lambda finding: frequency(())


def source_rule(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same source cell (and phenotype, in the macrophage lineage)."""
    frequency = _frequencies([stratum(one.candidate)[:2] for one in findings], findings, weights)
    return lambda finding: frequency(stratum(finding.candidate)[:2])


def state_rule(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same source cell, phenotype and cargo state."""
    frequency = _frequencies([stratum(one.candidate) for one in findings], findings, weights)
    return lambda finding: frequency(stratum(finding.candidate))


def role_alone(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """What independent reports say of the cargo, unknown being even odds. Nothing is learned."""
    return lambda finding: probability(features.signed_role(finding.reading))


def look_up(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same cargo in the same state, else of the same stratum."""

    def of_cargo(one: Finding) -> Hashable:
        return tuple(sorted(name.stem for name in one.reading.cargo)), one.candidate.cargo_state

    cargo = _frequencies([of_cargo(one) for one in findings], findings, weights)
    seen = {of_cargo(one) for one in findings if one.reading.cargo}
    by_stratum = state_rule(findings, weights, features)
    return lambda finding: cargo(of_cargo(finding)) if of_cargo(finding) in seen else by_stratum(finding)


BASELINES: dict[str, Baseline] = {
    "majority": majority,
    "rule: source x phenotype": source_rule,
    STATE_RULE: state_rule,
    ROLE_ALONE: role_alone,
    "look-up of the cargo": look_up,
}
