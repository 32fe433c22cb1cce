"""A model as its page shows it: its manifest in figures, charts and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service import registered
from service.services import Services
from training.card import sections
from training.evaluation.baselines import MODEL, ROLE
from training.report import SHOWN, figures
from training.report.charts import Figure

FIGURES = SHOWN
# Of these a small one is a good one.
SMALL = ("brier", "log_loss", "ece")


def shown(
    services: Services, model_id: str, reason: str = "", refusal: str = "", says: Sequence[str] = ()
) -> dict[str, Any]:
    """What model.html shows of a model; `reason` is what was typed for a change that was refused, `refusal` and `says` are
    why. Raises UnknownModelError, StoreError."""
    told = registered.detail(services.registry, model_id)
    manifest = told["manifest"]
    return {
        "model": told,
        "current": services.registry.current_now(),
        "former": len(registered.promotions(services.registry, 2)) > 1,
        "titles": FIGURES,
        "rows": {MODEL: manifest["metrics"]["figures"][MODEL], **baselines(manifest)},
        "sections": sections(manifest),
        "charts": charts(manifest),
        "reason": reason,
        "refusal": refusal,
        "says": tuple(says),
    }


def baselines(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The figures of the baselines that were measured beside a model, by their names."""
    return {name: of for name, of in manifest["metrics"]["figures"].items() if name != MODEL}


def charts(manifest: Mapping[str, Any]) -> list[Figure]:
    """The figures of the evaluation report that a manifest has the numbers for."""
    metrics = manifest["metrics"]
    drawn = [figures.reliability_figure(metrics), figures.coverage_figure(metrics)]
    if any(one["auroc"] for one in metrics["strata"]):
        drawn.append(figures.strata_figure(metrics["strata"], ROLE))
    drawn.append(figures.years_figure(manifest["composition"]["year"]))
    if metrics.get("shifts"):
        drawn.append(figures.shifts_figure(metrics, "auroc", "AUROC under each shift"))
        drawn.append(figures.learning_figure(metrics))
    return drawn
