"""Types of models. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.jobs import Verdict


class RegisteredModel(TypedDict):
    """A model of the registry."""

    id: str
    name: str
    number: int
    status: Literal["current", "kept", "retired"]
    created: str
    added: str
    author: str
    job: str
    trained_on: dict[str, int]
    fingerprints: dict[str, str]
    figures: dict[str, float | None]


class Promotion(TypedDict):
    """One change of the model in use."""

    sequence: int
    model: str
    kind: Literal["promotion", "roll-back"]
    reason: str
    author: str
    at: str
    gate: Verdict | None


class Models(TypedDict):
    """The stored models and the changes of the model in use, the newest first."""

    current: str | None
    retracted: int | None
    models: list[RegisteredModel]
    promotions: list[Promotion]


class ModelDetail(TypedDict):
    """A model with its manifest: figures of the model and of baselines, libraries, seed, digests."""

    id: str
    name: str
    number: int
    status: Literal["current", "kept", "retired"]
    created: str
    added: str
    author: str
    job: str
    trained_on: dict[str, int]
    fingerprints: dict[str, str]
    figures: dict[str, float | None]
    manifest: dict[str, object]
    retracted: int | None
    gate: Verdict | None


class Changed(TypedDict):
    """A curated candidate for which the two models predict differently."""

    candidate: dict[str, object]
    label: str
    other_label: str
    probability_suppressing: float
    other_probability_suppressing: float


class DifferenceBetween(TypedDict):
    """Two models side by side, over the curated candidates of both."""

    model: str
    other: str
    candidates: int
    changed: list[Changed]
    largest_change: float
    findings_added: int
    findings_gone: int
    figures: dict[str, float | None]


class CardRow(TypedDict):
    """The points of one level of a field."""

    field: str
    level: str
    of: str
    terms: list[str]
    points: dict[str, float]


class Scorecard(TypedDict):
    """The points that a score of a model is the sum of."""

    model: str
    rules: list[str]
    role_weight: float
    rows: list[CardRow]


class PromotionRequest(TypedDict):
    """The options of a promotion."""

    reason: str
    force: NotRequired[bool]


class Current(TypedDict):
    """The model in use now."""

    current: str
    gate: Verdict | None


class ReasonRequest(TypedDict):
    """The reason of a change."""

    reason: str


class CompareModelsQuery(TypedDict):
    """The query of compare_models."""

    to: NotRequired[str]


class GetScorecardQuery(TypedDict):
    """The query of get_scorecard."""

    cargos: NotRequired[bool]
    format: NotRequired[Literal["json", "tsv"]]
