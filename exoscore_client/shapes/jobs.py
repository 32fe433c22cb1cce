"""Shapes of jobs. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from exoscore_client.shapes.batches import JobResult


class TrainingRequest(TypedDict):
    """What to train. Everything has a default: the findings of the store, the seed 0, no promotion."""

    seed: NotRequired[int]
    promote: NotRequired[bool]
    force: NotRequired[bool]
    reason: NotRequired[str]


class Job(TypedDict):
    """A job."""

    id: str
    kind: Literal["training", "comparison", "batch"]
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


class Jobs(TypedDict):
    """A page of jobs, the newest first."""

    jobs: list[Job]
    next: str | None


class ListJobsQuery(TypedDict):
    """The query of list_jobs."""

    kind: NotRequired[Literal["training", "comparison", "batch"]]
    state: NotRequired[Literal["queued", "running", "done", "failed", "cancelled"]]
    limit: NotRequired[int]
    cursor: NotRequired[str]
