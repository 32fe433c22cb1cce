"""How good the model is on papers that it did not see, for whoever is about to ask it: from its manifest, beside a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.artifact import Bundle

MODEL, RULE, ROLE = "model", "rule: source x phenotype x state", "role of the cargo alone"
TITLES = {
    MODEL: "Exoscore",
    RULE: "a rule of source, phenotype and state",
    ROLE: "what reports say of the cargo, alone",
}
FIGURES = {"auroc": "AUROC", "within_stratum_auroc": "AUROC within strata", "mcc": "MCC", "brier": "Brier score"}


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of the current model: one row for it and for each baseline, one column for each of FIGURES."""

    findings: int
    papers: int
    protocol: str
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]
    columns: tuple[str, ...] = tuple(FIGURES.values())


def quality(bundle: Bundle) -> Quality:
    """The quality of a model, as its training measured it."""
    metrics = bundle.manifest["metrics"]
    rows = [
        (TITLES[name], tuple(_mean(metrics["figures"][name].get(figure)) for figure in FIGURES))
        for name in TITLES
        if name in metrics["figures"]
    ]
    return Quality(metrics["findings"], metrics["papers"], metrics["protocol"], tuple(rows))


def _mean(measured: dict[str, Any] | None) -> float | None:
    return None if measured is None else float(measured["mean"])
