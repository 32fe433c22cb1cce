"""Types of health. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Health(TypedDict):
    """The process responds."""

    status: str


class Check(TypedDict):
    """One check."""

    state: Literal["ok", "warn", "fail"]
    says: str


class Readiness(TypedDict):
    """Whether requests can be served, and the result of each check."""

    status: Literal["ready", "not ready"]
    model: NotRequired[str]
    checks: dict[str, Check]
