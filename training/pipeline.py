"""From findings to a model that can be kept: metrics on grouped folds, the fit on all of them, and the manifest."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from models.estimator import artifact
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.provenance import code_version, provenance
from models.scorer import library_versions
from training.classifier import fit_model
from training.data.description import describe_lab
from training.data.findings import Finding, fingerprint
from training.evaluation.assessment import Assessment, assess, composition
from training.evaluation.bootstrap import compute_metrics
from training.evaluation.cross_validation import DEFAULT_PLAN, EvaluationPlan
from training.evaluation.out_of_fold import predict
from training.fit import canonical_order
from training.serialization import to_document


def train_model(
    findings: Sequence[Finding],
    features: Features,
    plan: EvaluationPlan = DEFAULT_PLAN,
    with_shifts: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Bundle, Assessment]:
    """The model of all findings, with the metrics that the same procedure reached on papers it left out.

    `with_shifts` adds the learning curve, the cold folds and the years. `progress` is called as by `assess`. Raises
    ValueError where the findings cannot be learned from.
    """
    begun = time.perf_counter()
    assessment = assess(findings, features, plan, with_shifts, progress)
    model = fit_model(findings, features, plan.seed)
    ordered = canonical_order(findings)
    # On the very findings that were learned from: not what to expect of others, but what a fit can reach.
    goodness_of_fit = compute_metrics(predict(model, ordered, features))
    fingerprints = {"data": fingerprint(findings), "vocabulary": features.fingerprint}
    probe = ordered[0].reading
    own = [finding for finding in findings if finding.of_lab]
    manifest = {
        "model": artifact.content_id(model, fingerprints),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - begun, 1),
        "trained_on": {
            "findings": len(findings),
            "papers": len({finding.paper for finding in findings} - {finding.paper for finding in own}),
            "lab_findings": len(own),
        },
        "composition": composition(findings),
        "lab": describe_lab(model.evidence),
        "fingerprints": fingerprints,
        "parameters": len(model.weights) + 1,
        "metrics": {**assessment.as_dict(), "goodness_of_fit": to_document(goodness_of_fit)},
        "roles": features.roles.named,
        "seed": plan.seed,
        "code": code_version(),
        "lock": provenance()["lock"],
        "libraries": library_versions(),
        "self_test": {
            "candidate": probe.candidate.to_dict(),
            "log_odds": model.log_odds(features.of(probe)).total,
        },
    }
    return Bundle(model, manifest), assessment
