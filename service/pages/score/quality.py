"""How good the model is on papers that it did not see, for whoever is about to ask it: from its manifest, beside a rule."""

from __future__ import annotations

from dataclasses import dataclass

from models.artifact import Bundle
from training.baselines import MODEL, ROLE_ALONE, STATE_RULE
from training.metrics import METRICS

METRICS_SHOWN = ("auroc", "within_stratum_auroc", "mcc", "brier")
_ROWS = {
    MODEL: "Exoscore",
    STATE_RULE: "a rule of source, phenotype and state",
    ROLE_ALONE: "what reports say of the cargo, alone",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """The metrics of the current model: one row for it and for each baseline, one column for each of METRICS_SHOWN."""

    findings: int
    papers: int
    protocol: str
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    columns: tuple[str, ...] = tuple(METRICS[name].title for name in METRICS_SHOWN)


def quality(bundle: Bundle) -> Quality:
    """The quality of a model, as its training measured it."""
    metrics = bundle.manifest["metrics"]
    rows = []
    for name, title in _ROWS.items():
        if measured := metrics["figures"].get(name):
            rows.append((title, tuple(measured[metric] and measured[metric]["mean"] for metric in METRICS_SHOWN)))
    return Quality(metrics["findings"], metrics["papers"], metrics["protocol"], tuple(rows))
