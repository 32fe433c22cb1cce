"""Shapes of batches. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class BatchRequested(TypedDict):
    """What was asked of a batch."""

    source: Literal["csv", "tsv", "jsonl", "parquet"]
    target: Literal["csv", "tsv", "jsonl", "parquet"]
    include: list[str]
    keep: bool
    bad_rows: str
    partial: bool
    model: str


class Measured(TypedDict):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    mean: float
    low: NotRequired[float]
    high: NotRequired[float]
    interval: list[float] | None


class Trial(TypedDict):
    """Challenger and champion on the same findings."""

    findings: int
    papers: int
    challenger: dict[str, float | None]
    champion: dict[str, float | None]
    difference: dict[str, Measured | None]


class Verdict(TypedDict):
    """What the gate says of a model against the current one."""

    recommends: bool
    says: list[str]
    margin: float
    on_folds: Trial | None
    shared: Trial | None
    held_out: Trial | None


class JobResult(TypedDict):
    """What a job came to; which members there are depends on its kind."""

    model: NotRequired[str]
    replaces: NotRequired[str | None]
    gate: NotRequired[Verdict | None]
    figures: NotRequired[dict[str, Measured | None]]
    fingerprints: NotRequired[dict[str, str]]
    promoted: NotRequired[bool]
    not_promoted_because: NotRequired[str]
    rows: NotRequired[int]
    scored: NotRequired[int]
    bad: NotRequired[int]
    labels: NotRequired[dict[str, int]]
    seconds: NotRequired[float]
    rows_per_second: NotRequired[int]
    resumed_after_rows: NotRequired[int]


class BatchLinks(TypedDict):
    """Where the parts of a batch are."""

    self: str
    job: str
    result: str
    errors: str


class Batch(TypedDict):
    """A batch."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: float
    request: BatchRequested
    counts: JobResult
    failure: str
    created: str
    finished: str | None
    expires: str | None
    removed: bool
    links: BatchLinks


class SendBatchQuery(TypedDict):
    """The query of send_batch."""

    include: NotRequired[list[Literal["contributions", "evidence"]]]
    keep: NotRequired[bool]
    format: NotRequired[Literal["csv", "tsv", "jsonl", "parquet"]]
    model: NotRequired[str]
    partial: NotRequired[bool]
    bad_rows: NotRequired[Literal["drop", "keep"]]
