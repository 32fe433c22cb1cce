"""Types of reports. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.scores import Candidate, Citation, Completeness, Model, Score, ScoreRequest


class Property(TypedDict):
    """QPRF 3.1 and 3.2: what is predicted, and how."""

    name: str
    values: dict[str, str]
    algorithm: str


class Columns(TypedDict):
    """How many findings of each effect score between two edges."""

    suppressing: list[int]
    promoting: list[int]


class Position(TypedDict):
    """Curated findings as scored by folds that left their paper out."""

    edges: list[float]
    of_all: Columns
    of_cargo_type: NotRequired[Columns]


class Reference(TypedDict):
    """A finding that the report names."""

    finding_id: str
    origin: Literal["corpus", "published", "lab"]
    effect: Literal["suppressing", "promoting"]
    is_opposite: bool
    candidate: Candidate
    observed: dict[str, str]
    function: Literal["gain", "loss", "gain_and_loss", "as_found"]
    completeness: Completeness
    citation: Citation


class FlipReport(TypedDict):
    """How to get the report of a changed candidate."""

    command: str
    report: str


class Measured(TypedDict):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    mean: float
    low: NotRequired[float]
    high: NotRequired[float]
    interval: list[float] | None


class SupportGrade(TypedDict):
    """How many findings of papers left out have a grade of support, and how much of them was right."""

    grade: Literal["none", "weak", "moderate", "strong"]
    findings: float
    share: float
    right: Measured | None


class Within(TypedDict):
    """A figure with its interval."""

    mean: float
    interval: list[float] | None


class Calibration(TypedDict):
    """How predictions of one cargo type were calibrated on papers not used for training."""

    cargo_type: str
    findings: int
    papers: int
    predicted: float | None
    observed: Within | None
    difference: Within | None
    says: str


class Performance(TypedDict):
    """QPRF 3.4: the performance of the model on papers not used for training."""

    protocol: str
    findings: int
    papers: int
    figures: dict[str, Measured | None]
    support: list[SupportGrade]
    calibration: Calibration


class Adequacy(TypedDict):
    """QPRF 4: intended use and limits."""

    intended_use: str
    limits: list[str]


class Request(TypedDict):
    """A request that gives the same response."""

    method: str
    path: str
    body: ScoreRequest


class Replay(TypedDict):
    """How to reproduce the response exactly."""

    command: str
    request: Request
    score: str
    report: str


class Report(TypedDict):
    """The prediction report of one candidate, after the QSAR Prediction Reporting Format (QPRF)."""

    format: str
    property: Property
    model: Model
    score: Score
    position: Position
    contribution_of_cancer_type: float
    references: list[Reference]
    flips: list[FlipReport]
    performance: Performance
    adequacy: Adequacy
    replay: Replay


class ReportQuery(TypedDict):
    """The query of report."""

    id: NotRequired[str]
    source_cell: NotRequired[str]
    source_phenotype: NotRequired[str]
    polarisation: NotRequired[list[str]]
    species: NotRequired[list[str]]
    cargo_type: NotRequired[str]
    cargo_name: NotRequired[str]
    cargo_state: NotRequired[str]
    engineering: NotRequired[list[str]]
    cancer_type: NotRequired[str]
    recipient_cell: NotRequired[list[str]]
    model: NotRequired[str]
    format: NotRequired[Literal["html", "json"]]
    cost_wrong_suppressing: NotRequired[float]
    cost_wrong_promoting: NotRequired[float]
    cost_undetermined: NotRequired[float]
