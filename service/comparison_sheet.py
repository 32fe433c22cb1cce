"""A comparison as a sheet of CSV: one candidate a row, its fields as they were understood, then its score."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.candidate import FIELD
from service.comparison_query import Entry

SCORE = (
    "label",
    "undetermined_because",
    "probability_suppressing",
    "interval_low",
    "interval_high",
    "prediction_set",
    "confidence",
    "credibility",
    "percentile_of_all",
    "percentile_of_cargo_type",
    "inside_domain",
    "known",
    "agrees",
    "model",
)
FAULTS = "faults"
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(entries: Sequence[Entry], scores: Mapping[int, Mapping[str, Any]], model: str) -> str:
    """The sheet of candidates, `scores` by their numbers. Where one could not be understood, a last column says why, and its
    fields are as they were given.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    faults = (FAULTS,) if any(one.faults for one in entries) else ()
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow((*FIELD, *SCORE, *faults))
    for one in entries:
        score = scores.get(one.number)
        found = {**one.given, FAULTS: "; ".join(map(str, one.faults))} if score is None else _row(score, model)
        rows.writerow([_cell(found.get(name)) for name in (*FIELD, *SCORE, *faults)])
    return file.getvalue()


def _row(score: Mapping[str, Any], model: str) -> dict[str, Any]:
    low, high = score["interval"]
    percentile = {f"percentile_{name}": value for name, value in score["percentile"].items()}
    known = {"known": score["known"]["says"], "agrees": score["known"].get("agrees")}
    inside = {"inside_domain": score["domain"]["inside"]}
    return {
        **score,
        **score["candidate"],
        "interval_low": low,
        "interval_high": high,
        **percentile,
        **inside,
        **known,
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
    return f"'{text}" if text.startswith(_FORMULA) else text
