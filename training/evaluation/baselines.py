"""What a model must beat: rules that need no cargo, the cargo's role alone, and a look-up of what was published."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from models.estimator.features import Features
from models.estimator.linear_model import probability
from training.data.findings import Finding
from training.evaluation.metrics import stratum

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
    suppressing: dict[Hashable, float] = {}
    total: dict[Hashable, float] = {}
    for key, finding, weight in zip(keys, findings, weights, strict=True):
        suppressing[key] = suppressing.get(key, 0.0) + weight * finding.suppressing
        total[key] = total.get(key, 0.0) + weight
    share = sum(w for finding, w in zip(findings, weights, strict=True) if finding.suppressing) / sum(weights)
    return lambda key: (suppressing.get(key, 0.0) + share) / (total.get(key, 0.0) + 1.0)


def majority(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The overall share of suppressing findings, whatever the candidate."""
    frequency = _frequencies([()] * len(findings), findings, weights)
    return lambda finding: frequency(())


def source_rule(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same source cell (and phenotype, in the macrophage lineage)."""
    frequency = _frequencies([stratum(known.candidate)[:2] for known in findings], findings, weights)
    return lambda finding: frequency(stratum(finding.candidate)[:2])


def state_rule(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same source cell, phenotype and cargo state."""
    frequency = _frequencies([stratum(known.candidate) for known in findings], findings, weights)
    return lambda finding: frequency(stratum(finding.candidate))


def role_alone(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """What independent reports say of the cargo, unknown being even odds. Nothing is learned."""
    return lambda finding: probability(features.signed_role(finding.reading))


def look_up(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same cargo in the same state, else of the same stratum."""

    def cargo_key(finding: Finding) -> Hashable:
        return tuple(sorted(name.stem for name in finding.reading.cargo)), finding.candidate.cargo_state

    frequency = _frequencies([cargo_key(known) for known in findings], findings, weights)
    seen = {cargo_key(known) for known in findings if known.reading.cargo}
    by_stratum = state_rule(findings, weights, features)
    return lambda finding: frequency(cargo_key(finding)) if cargo_key(finding) in seen else by_stratum(finding)


BASELINES: dict[str, Baseline] = {
    "majority": majority,
    "rule: source x phenotype": source_rule,
    STATE_RULE: state_rule,
    ROLE_ALONE: role_alone,
    "look-up of the cargo": look_up,
}
