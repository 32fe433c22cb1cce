"""Types of batches. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class BatchRequested(TypedDict):
    """The options of a batch."""

    source: Literal["csv", "tsv", "jsonl", "parquet"]
    target: Literal["csv", "tsv", "jsonl", "parquet"]
    include: list[str]
    keep: bool
    bad_rows: str
    strict: bool
    columns: list[str]
    constants: dict[str, str]
    partial: bool
    model: str
    sheet: str


class WarnedRows(TypedDict):
    """A warning, and how many rows have it."""

    field: NotRequired[str]
    given: NotRequired[str]
    done: NotRequired[str]
    nearest: NotRequired[list[str]]
    rows: NotRequired[int]


class BatchCounts(TypedDict):
    """The counts of a batch, once it runs."""

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


class BatchLinks(TypedDict):
    """Where the parts of a batch are."""

    self: str
    job: str
    result: str
    errors: str


class Batch(TypedDict):
    """A batch."""

    duplicate: NotRequired[bool]
    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: float
    request: BatchRequested
    counts: BatchCounts
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
    sheet: NotRequired[str]
    partial: NotRequired[bool]
    bad_rows: NotRequired[Literal["drop", "keep"]]
    strict: NotRequired[bool]
    columns: NotRequired[list[str]]
    set: NotRequired[list[str]]
    again: NotRequired[bool]
