"""From findings to a model that can be kept: figures on grouped folds, the fit on all of them, and the manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from models import artifact
from models.artifact import Bundle
from models.features import Features
from models.scorer import libraries
from training.evaluation import REPEATS, CrossValidation, cross_validate
from training.findings import Finding, fingerprint
from training.fit import canonical_order, fit


def produce(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Bundle, CrossValidation]:
    """The model of all findings, with the figures that the same procedure reached on papers it left out.

    `progress` is called with the number of repeats done, of `REPEATS`. Raises ValueError where the findings cannot be
    learned from.
    """
    figures = cross_validate(findings, features, seed=seed, repeats=REPEATS, jobs=jobs, progress=progress)
    model = fit(findings, features, seed=seed)
    fingerprints = {"data": fingerprint(findings), "vocabulary": features.fingerprint}
    probe = canonical_order(findings)[0].reading
    manifest = {
        "model": artifact.content_id(model, fingerprints),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "trained_on": {"findings": figures.findings, "papers": figures.papers},
        "fingerprints": fingerprints,
        "roles": features.roles.named,
        "metrics": figures.as_dict(),
        "seed": seed,
        "code": version("exoscore"),
        "libraries": libraries(),
        "self_test": {
            "candidate": probe.candidate.stated(),
            "log_odds": model.log_odds(features.of(probe)).total,
        },
    }
    return Bundle(model, manifest), figures
