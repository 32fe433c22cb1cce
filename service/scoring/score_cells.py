"""A score as the cells of one row of a table: the columns of a batch, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.candidates.warnings import ReadingWarning
from models.formulas import mark_formulas
from models.scoring.percentiles import Percentiles

SCORE_COLUMNS = (
    "label",
    "undetermined_because",
    "support",
    "probability_suppressing",
    "interval_low",
    "interval_high",
    "prediction_set",
    "confidence",
    "credibility",
    *(f"percentile_{among}" for among in Percentiles._fields),
    "inside_domain",
    "known",
    "agrees",
    "warnings",
    "model",
)


def cells_of(score: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a score without its parts: its candidate, and the values that a batch has columns for."""
    return {
        **score,
        **score["candidate"],
        "interval_low": score["interval"][0],
        "interval_high": score["interval"][1],
        **{f"percentile_{among}": percentile for among, percentile in score["percentile"].items()},
        "inside_domain": score["domain"]["inside"],
        "known": score["known"]["says"],
        "agrees": score["known"].get("agrees"),
        "warnings": "; ".join(str(ReadingWarning(**warning)) for warning in score["warnings"]),
        "model": score["versions"]["model"],
    }


def as_text(value: object) -> str:
    """A value as batches write it: lists joined by `;`, numbers with every digit, nothing where there is none. Formulas are
    marked."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    return mark_formulas(joined(value))


def joined(value: object) -> str:
    """A text, or several in one."""
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
