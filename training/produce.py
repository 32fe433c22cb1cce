"""From findings to a model that can be kept: figures on grouped folds, the fit on all of them, and the manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np

from models import artifact
from models.artifact import Bundle
from models.features import Features
from models.fitted import FittedModel, probabilities
from models.scorer import libraries
from training.assessment import Assessment, assess, composition
from training.evaluation import REPEATS, Figures, figures
from training.findings import Finding, fingerprint
from training.fit import canonical_order, fit


def produce(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    repeats: int = REPEATS,
    jobs: int = -1,
    with_shifts: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Bundle, Assessment]:
    """The model of all findings, with the figures that the same procedure reached on papers it left out.

    `with_shifts` adds the learning curve, the cold folds and the years. `progress` is called as by `assess`. Raises
    ValueError where the findings cannot be learned from.
    """
    begun = time.perf_counter()
    assessment = assess(findings, features, seed, repeats, jobs=jobs, with_shifts=with_shifts, progress=progress)
    model = fit(findings, features, seed=seed)
    fingerprints = {"data": fingerprint(findings), "vocabulary": features.fingerprint}
    probe = canonical_order(findings)[0].reading
    manifest = {
        "model": artifact.content_id(model, fingerprints),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begun, 1),
        "trained_on": {"findings": len(findings), "papers": assessment.cross_validation.papers},
        "composition": composition(findings),
        "fingerprints": fingerprints,
        "parameters": len(model.weights) + 1,
        "metrics": {**assessment.as_dict(), "goodness_of_fit": _goodness_of_fit(model, findings, features).as_dict()},
        "roles": features.roles.named,
        "seed": seed,
        "code": version("exoscore"),
        "libraries": libraries(),
        "self_test": {
            "candidate": probe.candidate.stated(),
            "log_odds": model.log_odds(features.of(probe)).total,
        },
    }
    return Bundle(model, manifest), assessment


def _goodness_of_fit(model: FittedModel, findings: Sequence[Finding], features: Features) -> Figures:
    """The figures on the very findings that were learned from: not what to expect of others, but what a fit can reach."""
    ordered = canonical_order(findings)
    log_odds = np.array([model.log_odds(features.of(finding.reading)).total for finding in ordered])
    return figures(ordered, probabilities(log_odds), model.sets.contains(log_odds))
