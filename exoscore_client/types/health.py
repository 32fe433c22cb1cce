"""Types of health. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Health(TypedDict):
    """The process answers."""

    status: str


class Check(TypedDict):
    """One check."""

    state: Literal["ok", "warn", "fail"]
    says: str


class Readiness(TypedDict):
    """Whether requests can be answered, and what each check found."""

    status: Literal["ready", "not ready"]
    model: NotRequired[str]
    checks: dict[str, Check]
