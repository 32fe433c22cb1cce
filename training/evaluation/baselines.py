"""What a model must beat: rules that need no cargo, the cargo's role alone, and a look-up of what was published."""

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


def _share_by(key: Callable[[Finding], Hashable]) -> Baseline:
    """The smoothed share of suppressing findings among those of the same key; the overall share for a key never seen."""

    def learn(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
        suppressing: dict[Hashable, float] = {}
        total: dict[Hashable, float] = {}
        for finding, weight in zip(findings, weights, strict=True):
            own = key(finding)
            suppressing[own] = suppressing.get(own, 0.0) + weight * finding.suppressing
            total[own] = total.get(own, 0.0) + weight
        overall = sum(w for finding, w in zip(findings, weights, strict=True) if finding.suppressing) / sum(weights)
        return lambda finding: (suppressing.get(key(finding), 0.0) + overall) / (total.get(key(finding), 0.0) + 1.0)

    return learn


def role_alone(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """What independent reports say of the cargo, unknown being even odds. Nothing is learned."""
    return lambda finding: probability(features.signed_role(finding.reading))


def look_up(findings: Sequence[Finding], weights: Sequence[float], features: Features) -> Predictor:
    """The share among findings of the same cargo in the same state, else of the same stratum."""

    def cargo_key(finding: Finding) -> Hashable:
        return tuple(sorted(name.stem for name in finding.reading.cargo)), finding.candidate.cargo_state

    seen = {cargo_key(finding) for finding in findings if finding.reading.cargo}
    by_cargo, by_stratum = (
        baseline(findings, weights, features) for baseline in (_share_by(cargo_key), BASELINES[STATE_RULE])
    )
    return lambda finding: (by_cargo if cargo_key(finding) in seen else by_stratum)(finding)


BASELINES: dict[str, Baseline] = {
    "majority": _share_by(lambda finding: ()),
    # The phenotype counts in the macrophage lineage alone.
    "rule: source x phenotype": _share_by(lambda finding: stratum(finding.candidate)[:2]),
    STATE_RULE: _share_by(lambda finding: stratum(finding.candidate)),
    ROLE_ALONE: role_alone,
    "look-up of the cargo": look_up,
}
