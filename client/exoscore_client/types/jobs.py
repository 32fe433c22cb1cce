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


class Verdict(TypedDict):
    """The promotion check (gate) of a model against the one in use."""

    recommends: bool
    says: list[str]
    margin: float
    on_folds: Trial | None
    shared: Trial | None
    held_out: Trial | None


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
