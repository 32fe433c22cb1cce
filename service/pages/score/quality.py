"""How good the model is on papers that it did not see, for whoever is about to ask it: from its manifest, beside a rule."""

from typing import Any

from models.estimator.artifact import Bundle
from training.evaluation.baselines import MODEL, ROLE_ALONE, STATE_RULE
from training.evaluation.metrics import METRICS
from training.report.formatting import learned_from

METRICS_SHOWN = ("auroc", "within_stratum_auroc", "mcc", "brier")
_ROWS = {
    MODEL: "Exoscore",
    STATE_RULE: "a rule of source, phenotype and state",
    ROLE_ALONE: "what reports say of the cargo, alone",
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
        "columns": columns,
        "rows": rows,
    }
