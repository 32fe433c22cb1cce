"""How good the model is on papers that it did not see, for whoever is about to ask it: from its manifest, beside a rule."""

from collections.abc import Mapping
from typing import Any

from models.estimator.artifact import Bundle
from training.evaluation.baselines import MODEL, ROLE_ALONE, STATE_RULE
from training.evaluation.metrics import METRICS
from training.report.formatting import learned_from

METRICS_SHOWN = ("auroc", "within_stratum_auroc", "mcc", "brier")
_ROWS = {
    MODEL: "Exoscore",
    STATE_RULE: "Rule of source, phenotype and cargo state",
    ROLE_ALONE: "Cargo databases only",
}


def quality(bundle: Bundle) -> dict[str, Any]:
    """The metrics of a model as its training measured them: a row for it and for each baseline, and a column for each of
    METRICS_SHOWN."""
    metrics = bundle.manifest["metrics"]
    rows = []
    for name, title in _ROWS.items():
        if measured := metrics["figures"].get(name):
            rows.append((title, [measured[metric] and measured[metric]["mean"] for metric in METRICS_SHOWN]))
    columns = [METRICS[name].title for name in METRICS_SHOWN]
    return {
        "learned_from": learned_from(bundle.manifest["trained_on"]),
        **{name: metrics[name] for name in ("papers", "protocol")},
        "right": metrics["figures"][MODEL]["accuracy_determined"],
        "of_hundred": of_hundred(metrics["figures"][MODEL]),
        "columns": columns,
        "rows": rows,
    }


def of_hundred(figures: Mapping[str, Any]) -> dict[str, int]:
    """Of 100 papers left out how many were predicted right and wrong, and how many left undetermined: whole numbers that sum
    to 100. Empty where that was not measured."""
    determined, right = figures.get("determined"), figures.get("accuracy_determined")
    if not determined or not right:
        return {}
    exact = {
        "right": 100 * determined["mean"] * right["mean"],
        "wrong": 100 * determined["mean"] * (1 - right["mean"]),
        "undetermined": 100 * (1 - determined["mean"]),
    }
    whole = {name: int(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda name: whole[name] - exact[name])[: 100 - sum(whole.values())]:
        whole[name] += 1
    return whole
