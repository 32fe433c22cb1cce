"""Types of jobs. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.types.batches import WarnedRows
from exoscore_client.types.reports import Measured


class TrainingRequest(TypedDict):
    """The options of a training. By default: all stored findings, the seed 0, no promotion."""

    seed: NotRequired[int]
    name: NotRequired[str]
    promote: NotRequired[bool]
    force: NotRequired[bool]
    reason: NotRequired[str]


class Trial(TypedDict):
    """Challenger and champion on the same findings."""

    findings: int
    papers: int
    challenger: dict[str, float | None]
    champion: dict[str, float | None]
    difference: dict[str, Measured | None]


class ChangedPaper(TypedDict):
    """A paper with findings that changed, and what they change alone: the model is trained again without them."""

    paper: str
    added: list[str]
    corrected: list[str]
    gone: list[str]
    largest_effect: float | None
    candidate: dict[str, object] | None


class Traced(TypedDict):
    """The paper that moved a candidate furthest, and how far its changed findings do so alone."""

    paper: str
    change: float


class ChangedPrediction(TypedDict):
    """A curated candidate for which the model predicts otherwise than the one before (`other_`)."""

    candidate: dict[str, object]
    label: str
    other_label: str
    probability_suppressing: float
    other_probability_suppressing: float
    traced_to: Traced | None


class ChangedWeight(TypedDict):
    """A weight, in log-odds, before and after."""

    field: str
    level: str
    before: float
    after: float
    findings: int


class ChangedStratum(TypedDict):
    """A stratum of curated candidates, and how far their probabilities moved on average."""

    source_cell: str
    source_phenotype: str
    cargo_state: str
    candidates: int
    mean_change: float


class Changes(TypedDict):
    """What findings changed that are new, corrected or gone since the model before; figures are in `on_folds`."""

    previous: str
    added: int
    corrected: int
    retracted: int
    removed: int
    reproduced: bool
    candidates: int
    changed: int
    largest_change: float
    papers: list[ChangedPaper]
    predictions: list[ChangedPrediction]
    weights: list[ChangedWeight]
    strata: list[ChangedStratum]
    says: list[str]


class Verdict(TypedDict):
    """The promotion check (gate) of a model against the one in use."""

    recommends: bool
    says: list[str]
    margin: float
    on_folds: Trial | None
    shared: Trial | None
    held_out: Trial | None
    changes: NotRequired[Changes]


class JobResult(TypedDict):
    """The result of a job. Its members depend on the kind of job."""

    rows: NotRequired[int]
    scored: NotRequired[int]
    bad: NotRequired[int]
    labels: NotRequired[dict[str, int]]
    warned: NotRequired[int]
    warnings: NotRequired[list[WarnedRows]]
    seconds: NotRequired[float]
    rows_per_second: NotRequired[int]
    remarks: NotRequired[list[str]]
    resumed_after_rows: NotRequired[int]
    variants: NotRequired[int]
    model: NotRequired[str]
    replaces: NotRequired[str | None]
    gate: NotRequired[Verdict | None]
    figures: NotRequired[dict[str, Measured | None]]
    fingerprints: NotRequired[dict[str, str]]
    promoted: NotRequired[bool]
    not_promoted_because: NotRequired[str]
    advice: NotRequired[dict[str, object]]


class Job(TypedDict):
    """A job."""

    id: str
    kind: Literal["training", "comparison", "batch", "design", "advice"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    author: str
    request: dict[str, object]
    done: float
    log: list[str]
    result: JobResult
    failure: str
    cancelling: bool
    attempt: int
    trace_id: str
    created: str
    started: str | None
    finished: str | None


class AdviceRequest(TypedDict):
    """The options of advice."""

    seed: NotRequired[int]
    top: NotRequired[int]


class Jobs(TypedDict):
    """A page of jobs, the newest first."""

    jobs: list[Job]
    next: str | None


class ListJobsQuery(TypedDict):
    """The query of list_jobs."""

    kind: NotRequired[Literal["training", "comparison", "batch", "design", "advice"]]
    state: NotRequired[Literal["queued", "running", "done", "failed", "cancelled"]]
    limit: NotRequired[int]
    cursor: NotRequired[str]
