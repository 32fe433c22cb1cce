"""Models of the registry as documents: alone, and one beside another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from models.scorer import Scorer
from service.promotion import verdict_on
from service.registry import Kept
from service.services import Services
from service.store.tables import Promotion
from training.evaluation.baselines import MODEL

MAX_CHANGED = 500
MAX_PROMOTIONS = 200


def listed(services: Services) -> dict[str, Any]:
    """All models and all moves of the pointer, the newest first."""
    current = services.registry.current_now()
    return {
        "current": current,
        "models": [_document(kept, current) for kept in reversed(services.registry.kept())],
        "promotions": promotions(services),
    }


def detail(services: Services, model_id: str) -> dict[str, Any]:
    """One model with its manifest. Raises UnknownModelError."""
    current = services.registry.current_now()
    kept = services.registry.find(model_id)
    gate = verdict_on(services, model_id, current) if current else None
    return {**_document(kept, current), "manifest": kept.manifest, "gate": gate}


def summary(services: Services, model_id: str) -> dict[str, Any]:
    """One model as it is listed. Raises UnknownModelError."""
    return _document(services.registry.find(model_id), services.registry.current_now())


def difference(model: Scorer, other: Scorer) -> dict[str, Any]:
    """What two models say of the curated candidates of both, and how what they learned from differs."""
    changed: list[dict[str, Any]] = []
    largest = 0.0
    candidates = {
        repr(one.candidate): one.candidate for one in (*other.bundle.model.evidence, *model.bundle.model.evidence)
    }
    for candidate in candidates.values():
        reading = model.reader.read(candidate, named=False)
        one, another = model.score_reading(reading), other.score_reading(reading)
        largest = max(largest, abs(one.probability_suppressing - another.probability_suppressing))
        if one.label != another.label:
            changed.append(
                {
                    "candidate": dict(candidate),
                    "label": one.label,
                    "other_label": another.label,
                    "probability_suppressing": one.probability_suppressing,
                    "other_probability_suppressing": another.probability_suppressing,
                }
            )
    changed.sort(key=_change, reverse=True)
    own, theirs = _learned_from(model), _learned_from(other)
    its_figures = _figures(other.bundle.manifest)
    return {
        "model": model.bundle.id,
        "other": other.bundle.id,
        "candidates": len(candidates),
        "changed": changed[:MAX_CHANGED],
        "largest_change": largest,
        "findings_added": len(own - theirs),
        "findings_gone": len(theirs - own),
        "figures": {
            name: None if value is None or (its := its_figures.get(name)) is None else value - its
            for name, value in _figures(model.bundle.manifest).items()
        },
    }


def _change(of: Mapping[str, Any]) -> float:
    change: float = abs(of["probability_suppressing"] - of["other_probability_suppressing"])
    return change


def _learned_from(scorer: Scorer) -> set[tuple[str, str, str]]:
    return {(one.paper, repr(one.candidate), one.effect) for one in scorer.bundle.model.evidence}


def _document(kept: Kept, current: str | None) -> dict[str, Any]:
    manifest = kept.manifest
    return {
        "id": kept.model_id,
        "status": "current" if kept.model_id == current else "retired" if kept.retired else "kept",
        "created": manifest["created"],
        "added": kept.added,
        "author": kept.author,
        "job": kept.job_id,
        "trained_on": manifest["trained_on"],
        "fingerprints": manifest["fingerprints"],
        "figures": _figures(manifest),
    }


def _figures(manifest: Mapping[str, Any]) -> dict[str, float | None]:
    figures = manifest["metrics"]["figures"][MODEL]
    return {name: measured["mean"] if measured else None for name, measured in figures.items()}


def promotions(services: Services, limit: int = MAX_PROMOTIONS) -> list[dict[str, Any]]:
    """The last moves of the pointer to the current model, the last one first."""
    with services.store.read() as session:
        return [
            {
                "sequence": row.sequence,
                "model": row.model_id,
                "kind": row.kind,
                "reason": row.reason,
                "author": row.author,
                "at": row.at.isoformat(),
                "gate": row.gate or None,
            }
            for row in session.scalars(select(Promotion).order_by(Promotion.sequence.desc()).limit(limit))
        ]
