"""Types of models. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.jobs import Verdict
from exoscore_client.types.reports import Calibration


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
    calibration: list[Calibration]
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


class RowError(TypedDict):
    """An error of a row, which has no scores."""

    line: int | None
    row: int
    id: str | None
    field: str
    code: str
    detail: str
    given: object
    allowed: list[str]
    nearest: list[str]


class Compared(TypedDict):
    """What two models predict of one row."""

    row: int
    candidate: dict[str, object]
    label: str
    other_label: str
    probability_suppressing: float
    other_probability_suppressing: float
    changed: bool


class ComparisonOnCandidates(TypedDict):
    """Two models side by side on the candidates that were sent."""

    model: str
    other: str
    rows: int
    compared: int
    changed: int
    largest_change: float
    labels: dict[str, int]
    other_labels: dict[str, int]
    remarks: list[str]
    errors: list[RowError]
    results: list[Compared]


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


class LabShare(TypedDict):
    """How many of the findings are the laboratory's own: unpublished, or of papers that it added to the shipped ones."""

    recorded: bool
    findings: int
    unpublished: int
    papers: int
    by_field: dict[str, dict[str, int]]


class Section(TypedDict):
    """A part of a card or datasheet: questions or items, each with its text."""

    title: str
    doi: str
    items: dict[str, str]


class ModelCard(TypedDict):
    """A model card, after Mitchell et al., the DOME recommendations and the OECD principles, from the figures of the training."""

    model: str
    created: str
    seconds: float
    code: str
    seed: int
    fingerprints: dict[str, str]
    libraries: dict[str, str]
    trained_on: dict[str, int]
    composition: dict[str, object]
    lab: LabShare | None
    sections: list[Section]
    figures: dict[str, object]


class DescribedValue(TypedDict):
    """The findings that have one value in a field."""

    value: str
    findings: int
    papers: int
    suppressing: int
    promoting: int


class OneEffect(TypedDict):
    """A source cell in a state of the cargo of which at least 5 findings report one effect only."""

    source_cell: str
    cargo_state: str
    effect: str
    findings: int


class Gaps(TypedDict):
    """What the findings lack."""

    absent: dict[str, list[str]]
    few: dict[str, dict[str, int]]
    one_effect: list[OneEffect]


class Datasheet(TypedDict):
    """The datasheet of the findings that a model was trained on, after Gebru et al. (doi:10.1145/3458723)."""

    model: str
    data: str
    findings: int
    papers: int
    suppressing: int
    promoting: int
    identified: int
    lab: LabShare
    by_field: dict[str, list[DescribedValue]]
    evidence: dict[str, int]
    grades: dict[str, int]
    years: dict[str, int]
    stated: dict[str, int]
    gaps: Gaps
    sections: list[Section]


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


class CompareModelsOnQuery(TypedDict):
    """The query of compare_models_on."""

    to: NotRequired[str]
    sheet: NotRequired[str]
    format: NotRequired[Literal["json", "csv"]]


class GetScorecardQuery(TypedDict):
    """The query of get_scorecard."""

    cargos: NotRequired[bool]
    format: NotRequired[Literal["json", "tsv"]]


class GetCardQuery(TypedDict):
    """The query of get_card."""

    format: NotRequired[Literal["json", "markdown", "html"]]


class GetDatasheetQuery(TypedDict):
    """The query of get_datasheet."""

    format: NotRequired[Literal["json", "markdown", "html"]]
