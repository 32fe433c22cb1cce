"""The evaluation report of a model: `report.html`, `card.md` and `card.json`, all from the figures of its manifest."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.files import atomic_write
from training.advice.label_errors import find_label_errors
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import MIN_PAPERS
from training.evaluation.curves import histogram, roc
from training.evaluation.metrics import METRICS, MIN_PAIRS
from training.report import evaluation_charts as charts
from training.report.model_card import card, card_text, sections
from training.report.templating import TEMPLATES

_COVERAGE = ("coverage_suppressing", "coverage_promoting")
_OF_SETS = ("singletons", "determined", "accuracy_determined")
_SHIFTED = ("auroc", "within_stratum_auroc", "mcc", "brier", "ece", *_COVERAGE)
_LABEL_ERRORS_SHOWN = 12
FILES = ("report.html", "card.md", "card.json")


def prepare(folder: Path) -> None:
    """Makes the folder of a report. Raises OSError where nothing can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()


def write(
    folder: Path, manifest: Mapping[str, Any], assessment: Assessment, gate: Mapping[str, Any] | None = None
) -> tuple[Path, ...]:
    """Writes the report and the card of the model of `manifest`, each whole or not at all; returns their paths.

    `assessment` is the one that the manifest's metrics are of, with its shifts; `gate` is the verdict of the promotion check with
    what new findings changed, if there was one. Raises OSError.
    """
    document = card(manifest)
    contents = (
        page(manifest, assessment, gate),
        card_text(document),
        json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    )
    for name, content in zip(FILES, contents, strict=True):
        with atomic_write(folder / name) as file:
            file.write(content.encode("utf-8"))
    return tuple(folder / name for name in FILES)


def page(manifest: Mapping[str, Any], assessment: Assessment, gate: Mapping[str, Any] | None = None) -> str:
    """The report as one HTML page that needs nothing else."""
    metrics, predictions = manifest["metrics"], assessment.cross_validation.out_of_fold
    label_errors = find_label_errors(predictions)
    drawn = (MODEL, *charts.best_baselines(metrics))
    return TEMPLATES.get_template("report.html").render(
        manifest=manifest,
        metrics=metrics,
        model=metrics["figures"][MODEL],
        repeats=assessment.cross_validation.plan.repeats,
        titles=_titles(),
        key=[*_SHIFTED, *_OF_SETS],
        compared=[name for name in METRICS if name not in (*_COVERAGE, *_OF_SETS)],
        shifted=_SHIFTED,
        best=charts.best_baselines(metrics, 1)[0],
        min_pairs=MIN_PAIRS,
        min_papers=MIN_PAPERS,
        stratum_name=charts.stratum_name,
        label_errors=label_errors,
        shown_label_errors=[finding.as_dict() for finding in label_errors.findings[:_LABEL_ERRORS_SHOWN]],
        sections=sections(manifest),
        gate=gate,
        changed=(gate or {}).get("changes"),
        charts={
            "roc": charts.roc_chart({name: roc(predictions, name) for name in drawn}, metrics),
            "strata": charts.strata_chart(metrics["strata"]),
            "reliability": charts.reliability_chart(metrics),
            "calibration": charts.calibration_chart(metrics),
            "histogram": charts.histogram_chart(histogram(predictions)),
            "coverage": charts.coverage_chart(metrics),
            "selective": charts.selective_chart(metrics),
            "shifts_auroc": charts.shifts_chart(metrics, "auroc"),
            "shifts_within": charts.shifts_chart(metrics, "within_stratum_auroc"),
            "learning": charts.learning_chart(metrics),
            "years": charts.years_chart(manifest["composition"]["year"]),
        },
    )


def _titles() -> dict[str, str]:
    """The title of every metric, by its name."""
    return {name: metric.title for name, metric in METRICS.items()}
