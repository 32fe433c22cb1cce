"""A model as its page shows it: its manifest in metrics, charts and words."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response

from service.db.jobs import OPEN_STATES, JobRepository
from service.installation import Installation
from service.jobs import serializers as job_serializers
from service.jobs.kinds import PRIVATE
from service.pages import layout
from service.pages.rendering import render
from service.registry import serializers
from service.web.access import current_principal
from service.web.current import current_installation
from training.evaluation.baselines import MODEL
from training.evaluation.metrics import METRICS
from training.report import evaluation_charts
from training.report.charts import Chart
from training.report.sheets import Sheet

LATEST_JOBS = 8
TITLES = {name: metric.title for name, metric in METRICS.items()}


def models_page(status: HTTPStatus = HTTPStatus.OK, name: str = "", faults: Sequence[str] = ()) -> Response:
    """The page of all models; `name` is what was typed for a training that was refused, `faults` are why."""
    installation = current_installation()
    models = serializers.list_models(installation.registry)
    current = installation.registry.get(models["current"]) if models["current"] else None
    jobs = job_serializers.page(installation.jobs, LATEST_JOBS, viewer=current_principal(), without=PRIVATE)["jobs"]
    return layout.page(
        "models/listed.html",
        status,
        **models,
        titles=TITLES,
        baselines=baselines(current.manifest) if current else {},
        jobs=jobs,
        busy=sum(job["state"] in OPEN_STATES for job in jobs),
        names=installation.registry.names(),
        name=name,
        faults=faults,
    )


def page_context(
    installation: Installation, model_id: str, reason: str = "", refusal: str = "", messages: Sequence[str] = ()
) -> dict[str, Any]:
    """What model.html shows of a model; `reason` is what was typed for a change that was refused, `refusal` and `messages`
    are why. Raises UnknownModelError, StoreError."""
    model = serializers.model_detail(installation.registry, model_id)
    manifest = model["manifest"]
    return {
        "model": model,
        "current": installation.registry.read_current_id(),
        "former": len(serializers.promotions(installation.registry, 2)) > 1,
        "names": installation.registry.names(),
        "titles": TITLES,
        "rows": {MODEL: manifest["metrics"]["figures"][MODEL], **baselines(manifest)},
        "sections": serializers.model_card(installation.registry, model_id)["sections"],
        "charts": charts(manifest),
        "reason": reason,
        "refusal": refusal,
        "messages": tuple(messages),
    }


def sheet_page(sheet: Sheet, style_sheets: Sequence[str]) -> str:
    """A card or a datasheet as a page by itself, that links `style_sheets`."""
    return str(render("models/sheet_alone.html", sheet=sheet, style_sheets=style_sheets))


def baselines(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The metrics of the baselines that were measured beside a model, by their names."""
    return {name: measured for name, measured in manifest["metrics"]["figures"].items() if name != MODEL}


def charts(manifest: Mapping[str, Any]) -> list[Chart]:
    """The charts of the evaluation report that a manifest has the numbers for."""
    metrics = manifest["metrics"]
    drawn = [evaluation_charts.reliability_chart(metrics)]
    if metrics.get("calibration_by_cargo_type"):
        drawn.append(evaluation_charts.calibration_chart(metrics))
    if metrics.get("selective_accuracy"):
        drawn.append(evaluation_charts.selective_chart(metrics))
    drawn.append(evaluation_charts.coverage_chart(metrics))
    if any(stratum["auroc"] for stratum in metrics["strata"]):
        drawn.append(evaluation_charts.strata_chart(metrics["strata"]))
    drawn.append(evaluation_charts.years_chart(manifest["composition"]["year"]))
    if metrics.get("shifts"):
        drawn += [evaluation_charts.shifts_chart(metrics, "auroc"), evaluation_charts.learning_chart(metrics)]
    return drawn


def jobs_before(jobs: JobRepository, job_id: str) -> int:
    """How many jobs run or wait before one that waits itself."""
    waiting = jobs.queued()
    return waiting.index(job_id) + len(jobs.running()) if job_id in waiting else 0
