"""A model becomes the current one through the gate, or is forced; with a reason that is kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.errors import ArtifactError
from service.db.audit_log import check_reason
from service.errors import GateError
from service.registry.model_registry import ModelRegistry
from training.changes import describe_changes
from training.compute import worker_pool
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.gate import compare_models


def run_gate(
    registry: ModelRegistry,
    model_id: str,
    findings: Sequence[Finding],
    held_out: Sequence[Finding],
    progress: Callable[[int], None] = lambda done: None,
    cluster_address: str = "",
) -> tuple[str | None, dict[str, Any] | None]:
    """Has the gate compare a model, trained on `findings`, with the current one, and keeps the verdict, with what the findings
    changed that only one of them was trained on.

    Returns the current model's id and the verdict; None where there is no other model to compare with, or none that today's
    vocabulary can read. That of the current model itself is its last one, which stays. `progress` is called as by the gate,
    which runs on the Dask cluster at `cluster_address`, if any.
    """
    current = registry.read_current_id()
    if current is None or current == model_id:
        return current, registry.verdict(model_id, model_id)
    try:
        champion = registry.scorer(current)
    except ArtifactError:
        return current, None
    challenger = registry.scorer(model_id)
    seed = challenger.bundle.manifest["seed"]
    with worker_pool(cluster_address):
        verdict = compare_models(
            challenger.bundle.model,
            champion.bundle.model,
            findings,
            registry.features,
            held_out,
            EvaluationPlan(seed=seed),
            progress=progress,
        ).as_dict()
    verdict["changes"] = describe_changes(challenger, champion, findings, seed)
    registry.keep_verdict(model_id, current, verdict)
    return current, verdict


def gate_messages(verdict: dict[str, Any] | None) -> Sequence[str]:
    """The verdict of a comparison in words."""
    return verdict["says"] if verdict else ("There is no other model to compare it with",)


def changes_of(verdict: Mapping[str, Any] | None) -> Sequence[str]:
    """What new findings changed, in sentences; nothing where that was not compared."""
    says: Sequence[str] = (verdict or {}).get("changes", {}).get("says", ())
    return says


def promote(registry: ModelRegistry, model_id: str, author: str, force: bool, reason: str) -> None:
    """Makes a model the current one.

    Raises GateError unless the gate recommends it over the current one, or it is forced; PromotionError where another
    promotion came between; else as ModelRegistry.promote does. The first model, and one that
    replaces a model which this version cannot use, needs no gate.
    """
    check_reason(reason)
    registry.get(model_id)
    current = registry.read_current_id()
    verdict = registry.verdict(model_id, current) if current else None
    if current and current != model_id and not force and _is_usable(registry, current):
        if verdict is None:
            raise GateError(model_id, current, ("It has not been compared with the current model yet",))
        if not verdict["recommends"]:
            raise GateError(model_id, current, tuple(verdict["says"]))
    # What changed is kept with the verdict, not again with every promotion.
    gate = verdict and {name: part for name, part in verdict.items() if name != "changes"}
    registry.promote(model_id, author, over=current, gate=gate, reason=reason)


def _is_usable(registry: ModelRegistry, model_id: str) -> bool:
    try:
        registry.scorer(model_id)
    except ArtifactError:
        return False
    return True
