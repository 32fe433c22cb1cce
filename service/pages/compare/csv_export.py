"""A comparison as CSV: one candidate a row, its fields as they were understood, then its score."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME
from models.formulas import mark_formulas
from models.scoring.percentiles import Percentiles
from service.pages.compare.query import Entry

_PERCENTILES = tuple(f"percentile_{among}" for among in Percentiles._fields)
SCORE = (
    "label",
    "undetermined_because",
    "support",
    "probability_suppressing",
    "interval_low",
    "interval_high",
    "prediction_set",
    "confidence",
    "credibility",
    *_PERCENTILES,
    "inside_domain",
    "known",
    "agrees",
    "model",
)
ERRORS = "errors"


def to_csv(entries: Sequence[Entry], scores: Mapping[int, Mapping[str, Any]], model: str) -> str:
    """The table of candidates, `scores` by their numbers. Where one could not be understood, a last column says why, and its
    fields are as they were given.

    Formulas are marked.
    """
    columns = (*FIELD_BY_NAME, *SCORE, *((ERRORS,) if any(entry.faults for entry in entries) else ()))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for entry in entries:
        score = scores.get(entry.number)
        row = {**entry.given, ERRORS: "; ".join(map(str, entry.faults))} if score is None else _row(score, model)
        writer.writerow([_cell(row.get(name)) for name in columns])
    return file.getvalue()


def _row(score: Mapping[str, Any], model: str) -> dict[str, Any]:
    return {
        **score,
        **score["candidate"],
        "interval_low": score["interval"][0],
        "interval_high": score["interval"][1],
        **{f"percentile_{among}": percentile for among, percentile in score["percentile"].items()},
        "inside_domain": score["domain"]["inside"],
        "known": score["known"]["says"],
        "agrees": score["known"].get("agrees"),
        "model": model,
    }


def _cell(value: object) -> str:
    """A value as batches write it: lists joined by `;`, numbers with every digit, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    text = ";".join(map(str, value)) if isinstance(value, list) else str(value)
    return mark_formulas(text)
