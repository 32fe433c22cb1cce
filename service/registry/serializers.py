"""Models of the registry as documents: alone, and one beside another."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from models.errors import ArtifactError, KnowledgeError, UnknownModelError
from models.estimator.scorecard import POINT_DECIMALS, STATES, ScoreCard
from models.rounding import round_number
from models.scorer import Scorer
from service.db.tables import ModelRow
from service.errors import RetiredModelError
from service.registry.model_registry import ModelRegistry
from training.changes import compare_predictions
from training.data.description import describe_lab
from training.data.tabular import format_rows
from training.evaluation.baselines import MODEL
from training.report.datasheet import datasheet
from training.report.formatting import calibration_of
from training.report.model_card import card

MAX_CHANGED = 500
MAX_PROMOTIONS = 200
TSV = "text/tab-separated-values"
CARD_COLUMNS = ("field", "level", "of", "terms", *STATES)


def list_models(registry: ModelRegistry) -> dict[str, Any]:
    """All models and all moves of the pointer, the newest first."""
    current = registry.read_current_id()
    return {
        "current": current,
        "retracted": count_retracted(registry, current) if current else None,
        "models": [_document(model, current) for model in reversed(registry.list_models())],
        "promotions": promotions(registry),
    }


def model_detail(registry: ModelRegistry, model_id: str) -> dict[str, Any]:
    """One model with its manifest. Raises UnknownModelError."""
    current = registry.read_current_id()
    model = registry.get(model_id)
    gate = registry.verdict(model_id, current) if current else None
    retracted = count_retracted(registry, model_id)
    metrics = model.manifest["metrics"]
    calibration = [calibration_of(metrics, each["cargo_type"]) for each in metrics.get("calibration_by_cargo_type", ())]
    return {
        **_document(model, current),
        "manifest": model.manifest,
        "calibration": calibration,
        "gate": gate,
        "retracted": retracted,
    }


def count_retracted(registry: ModelRegistry, model_id: str) -> int | None:
    """How many of the findings that a model learned from were retracted since; None where the model cannot be used."""
    with suppress(ArtifactError, UnknownModelError, RetiredModelError, KnowledgeError):
        return len(registry.scorer(model_id).retracted)
    return None


def summary(registry: ModelRegistry, model_id: str) -> dict[str, Any]:
    """One model as it is listed. Raises UnknownModelError."""
    return _document(registry.get(model_id), registry.read_current_id())


def promotions(registry: ModelRegistry, limit: int = MAX_PROMOTIONS) -> list[dict[str, Any]]:
    """The last moves of the pointer to the current model, the last one first."""
    return [
        row.to_document("sequence", "kind", "reason", "author", "at", model="model_id") | {"gate": row.gate or None}
        for row in registry.promotions(limit)
    ]


def difference(model: Scorer, other: Scorer) -> dict[str, Any]:
    """How two models score the curated candidates of both, and how what they learned from differs."""
    pairs = compare_predictions(model, other)
    changed = sorted((pair for pair in pairs if pair.label != pair.other_label), key=lambda pair: -abs(pair.change))
    findings, other_findings = _learned_from(model), _learned_from(other)
    other_figures = _figures(other.bundle.manifest)
    return {
        "model": model.bundle.id,
        "other": other.bundle.id,
        "candidates": len(pairs),
        "changed": [pair.as_dict() for pair in changed[:MAX_CHANGED]],
        "largest_change": round_number(max((abs(pair.change) for pair in pairs), default=0.0)),
        "findings_added": len(findings - other_findings),
        "findings_gone": len(other_findings - findings),
        "figures": {
            name: None if value is None or (other_value := other_figures.get(name)) is None else value - other_value
            for name, value in _figures(model.bundle.manifest).items()
        },
    }


def model_card(registry: ModelRegistry, model_id: str) -> dict[str, Any]:
    """The card of a model. Raises UnknownModelError."""
    manifest = registry.get(model_id).manifest
    if "lab" not in manifest:
        # Models of earlier versions did not note whose findings are, but they have them.
        with suppress(ArtifactError):
            manifest = {**manifest, "lab": describe_lab(registry.bundle(model_id).model.evidence)}
    return card(manifest)


def model_datasheet(registry: ModelRegistry, model_id: str) -> dict[str, Any]:
    """The datasheet of the findings that a model learned from, as they were then. Raises as ModelRegistry.bundle does."""
    bundle = registry.bundle(model_id)
    words = registry.features.parser.vocabulary
    return datasheet(bundle.model.evidence, words, bundle.manifest["fingerprints"]["data"], bundle.id)


def scorecard(scorer: Scorer, cargos: bool = False) -> dict[str, Any]:
    """The score card of a model, with the points of every cargo where `cargos`."""
    card = ScoreCard.of_model(scorer.bundle.model, scorer.features, cargos)
    return {
        "model": scorer.bundle.id,
        "rules": list(card.rules),
        "role_weight": round_number(card.role_weight),
        "rows": [
            {
                "field": row.field,
                "level": row.level,
                "of": row.of,
                "terms": list(row.terms),
                "points": dict(zip(STATES, row.points, strict=True)),
            }
            for row in card.rows
        ],
    }


def scorecard_table(document: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a score card as the lines of a table of tab-separated values."""
    rows = (
        {
            **{name: row[name] for name in CARD_COLUMNS[:3]},
            "terms": ";".join(row["terms"]),
            **{state: f"{points:.{POINT_DECIMALS}f}" for state, points in row["points"].items()},
        }
        for row in document["rows"]
    )
    return format_rows(rows, CARD_COLUMNS, by_commas=False)


def _learned_from(scorer: Scorer) -> set[tuple[str, str, str]]:
    return {(known.paper, repr(known.candidate), known.effect) for known in scorer.bundle.model.evidence}


def _document(model: ModelRow, current: str | None) -> dict[str, Any]:
    return {
        **model.to_document("name", "number", "added", "author", id="model_id", job="job_id"),
        "status": "current" if model.model_id == current else "retired" if model.retired else "kept",
        **{name: model.manifest[name] for name in ("created", "trained_on", "fingerprints")},
        "figures": _figures(model.manifest),
    }


def _figures(manifest: Mapping[str, Any]) -> dict[str, float | None]:
    figures = manifest["metrics"]["figures"][MODEL]
    return {name: measured["mean"] if measured else None for name, measured in figures.items()}
