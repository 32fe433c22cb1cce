"""A model becomes the current one through the gate, or is forced with a reason that is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from models.errors import ArtifactError
from service.cluster import pool
from service.errors import GateError, PromotionError
from service.services import Services
from service.store.tables import VerdictRow, now
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.gate import Verdict, compare_models


def compare_with_current(
    services: Services,
    model_id: str,
    findings: Sequence[Finding],
    held_out: Sequence[Finding],
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[str | None, dict[str, Any] | None]:
    """What the gate says of a model, trained on `findings`, against the current one; the verdict is kept.

    Returns the current model's id and the verdict; None where there is no other model to compare with, or none that
    today's words can read. `progress` is called as by the gate.
    """
    registry = services.registry
    current = registry.current_now()
    if current is None or current == model_id:
        return current, None
    try:
        champion = registry.scorer(current).bundle
    except ArtifactError:
        return current, None
    challenger = registry.scorer(model_id).bundle
    with pool(services.settings):
        verdict = compare_models(
            challenger.model,
            champion.model,
            findings,
            registry.features,
            held_out,
            EvaluationPlan(seed=challenger.manifest["seed"]),
            progress=progress,
        )
    return current, _keep(services, model_id, current, verdict)


def verdict_on(services: Services, model_id: str, current: str) -> dict[str, Any] | None:
    """What the gate last said of a model against another; None where it was not asked."""
    with services.store.read() as session:
        chosen = select(VerdictRow).where(VerdictRow.challenger == model_id, VerdictRow.champion == current)
        row = session.scalars(chosen.order_by(VerdictRow.sequence.desc()).limit(1)).first()
        return row.verdict if row else None


def promote(services: Services, model_id: str, author: str, forced: bool = False, reason: str = "") -> None:
    """Makes a model the current one.

    Raises GateError unless the gate recommends it over the current one, or it is forced; PromotionError where it is forced
    without a reason, or another promotion came between; else as Registry.promote does. The first model, and one that
    replaces a model which this version cannot use, needs no gate.
    """
    if forced and not reason.strip():
        raise PromotionError("a promotion is forced only with a reason, which is kept")
    registry = services.registry
    registry.find(model_id)
    current = registry.current_now()
    verdict = verdict_on(services, model_id, current) if current else None
    if current and current != model_id and not forced and _usable(services, current):
        if verdict is None:
            raise GateError(model_id, current, ("the gate has not compared it with the current model yet",))
        if not verdict["recommends"]:
            raise GateError(model_id, current, tuple(verdict["says"]))
    registry.promote(model_id, author, over=current, gate=verdict, reason=reason.strip())


def _usable(services: Services, model_id: str) -> bool:
    try:
        services.registry.scorer(model_id)
    except ArtifactError:
        return False
    return True


def _keep(services: Services, challenger: str, champion: str, verdict: Verdict) -> dict[str, Any]:
    document = verdict.as_dict()
    with services.store.write() as session:
        session.add(
            VerdictRow(
                challenger=challenger,
                champion=champion,
                recommends=verdict.recommends,
                verdict=document,
                at=now(),
            )
        )
    return document
