"""Types of drift. Written by `python docs/write.py` from the OpenAPI document."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Category(TypedDict):
    """One category of a field."""

    category: str
    submitted: int
    trained: int
    share_submitted: float
    share_trained: float


class FieldDrift(TypedDict):
    """The drift of one field."""

    field: str
    submitted: int
    trained: int
    verdict: Literal["too few", "none", "little", "some", "much"]
    psi: float | None
    interval: list[float] | None
    by_chance: float | None
    over: list[Category]
    unseen: list[Category]


class Drift(TypedDict):
    """Recent queries compared with the training data of the model in use."""

    model: str
    days: int
    fields: list[FieldDrift]


class DriftQuery(TypedDict):
    """The query of drift."""

    days: NotRequired[int]
