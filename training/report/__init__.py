"""The evaluation report of a model: `report.html`, `card.md` and `card.json`, all from the figures of its manifest."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.advice.label_errors import find_label_errors
from training.card import card, sections
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import MODEL, ROLE
from training.evaluation.bootstrap import MIN_PAPERS
from training.evaluation.curves import histogram, roc
from training.evaluation.metrics import MIN_PAIRS
from training.report import figures
from training.report.templating import TEMPLATES

SHOWN = {
    "auroc": "AUROC",
    "within_stratum_auroc": "AUROC within strata",
    "within_stratum_auroc_named": "within strata, named cargo",
    "mcc": "MCC",
    "brier": "Brier",
    "log_loss": "log loss",
    "ece": "calibration error",
    "coverage_suppressing": "coverage, suppressing",
    "coverage_promoting": "coverage, promoting",
    "singletons": "sets of one label",
}
KEY = (
    "auroc",
    "within_stratum_auroc",
    "mcc",
    "brier",
    "ece",
    "coverage_suppressing",
    "coverage_promoting",
    "singletons",
)
COMPARED = tuple(SHOWN)[:7]
SHIFTED = ("auroc", "within_stratum_auroc", "mcc", "brier", "ece", "coverage_suppressing", "coverage_promoting")
SLICED = {
    "source_cell": "Source cell",
    "macrophage_phenotype": "Phenotype of macrophages, monocytes and microglia",
    "cargo_type": "Type of cargo",
    "cargo_state": "State of the cargo",
    "cancer_type": "Tumour, the most frequent",
    "year": "Year",
}
DOUBTED = 12
FILES = ("report.html", "card.md", "card.json")


def prepare(folder: Path) -> None:
    """Makes the folder of a report. Raises OSError where nothing can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".probe-{secrets.token_hex(8)}"
    probe.touch(exist_ok=False)
    probe.unlink()


def write(folder: Path, manifest: Mapping[str, Any], assessment: Assessment) -> tuple[Path, ...]:
    """Writes the report and the card of the model of `manifest`, each whole or not at all; says where.

    `assessment` is the one that the manifest's metrics are of, with its shifts. Raises OSError.
    """
    document = card(manifest)
    contents = {
        "report.html": page(manifest, assessment),
        "card.md": card_text(document),
        "card.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
    }
    for name, content in contents.items():
        _write(folder / name, content.encode("utf-8"))
    return tuple(folder / name for name in contents)


def page(manifest: Mapping[str, Any], assessment: Assessment) -> str:
    """The report as one HTML page that needs nothing else."""
    metrics, left_out = manifest["metrics"], assessment.cross_validation.out_of_fold
    found = find_label_errors(left_out)
    drawn = (MODEL, *figures.best_baselines(metrics))
    return TEMPLATES.get_template("report.html").render(
        manifest=manifest,
        metrics=metrics,
        model=metrics["figures"][MODEL],
        repeats=assessment.cross_validation.plan.repeats,
        shown=SHOWN,
        key=KEY,
        compared=COMPARED,
        shifted=SHIFTED,
        sliced=SLICED,
        best=figures.best_baselines(metrics, 1)[0],
        min_pairs=MIN_PAIRS,
        min_papers=MIN_PAPERS,
        stratum_name=figures.stratum_name,
        doubts=found,
        doubted=[one.as_dict() for one in found.findings[:DOUBTED]],
        sections=sections(manifest),
        figures={
            "roc": figures.roc_figure({name: roc(left_out, name) for name in drawn}, metrics),
            "strata": figures.strata_figure(metrics["strata"], ROLE),
            "reliability": figures.reliability_figure(metrics),
            "histogram": figures.histogram_figure(histogram(left_out)),
            "coverage": figures.coverage_figure(metrics),
            "shifts_auroc": figures.shifts_figure(metrics, "auroc", "AUROC under each shift"),
            "shifts_within": figures.shifts_figure(
                metrics, "within_stratum_auroc", "AUROC within strata under each shift"
            ),
            "learning": figures.learning_figure(metrics),
            "years": figures.years_figure(manifest["composition"]["year"]),
        },
    )


def card_text(document: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    text = TEMPLATES.get_template("card.md").render(card=document, shown=SHOWN, sliced=SLICED)
    return re.sub(r"\n{3,}", "\n\n", text)


def _write(path: Path, content: bytes) -> None:
    """Writes a whole file or none."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
