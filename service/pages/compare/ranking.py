"""Candidates side by side: in which order, which of them cannot be told apart, and in what they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.candidates.candidate import FIELDS
from models.estimator.conformal import LABELS

# Candidates that are called suppressing come first, then those that nothing is called, then those called promoting.
_ORDER = (LABELS[0], "undetermined", LABELS[1])


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in its rank: its letter, its score's document, its place among those that are called (None for one that is
    not), whether it shares that with another, and the letters of those that it is indistinguishable from, since their 90 % bands
    overlap."""

    letter: str
    score: Mapping[str, Any]
    place: int | None
    is_tied: bool
    indistinguishable_from: tuple[str, ...]


def rank(scores: Mapping[str, Mapping[str, Any]]) -> list[Ranked]:
    """Candidates, by their letters, in the order of their call, then of their probability of suppressing.

    Equal ones share a place, and keep their order.
    """
    called = [_key(score) for score in scores.values() if score["label"] in LABELS]
    ranked = []
    for letter, score in sorted(scores.items(), key=lambda entry: _key(entry[1])):
        low, high = score["interval"]
        overlapping = (
            other
            for other, beside in scores.items()
            if other != letter and low <= beside["interval"][1] and beside["interval"][0] <= high
        )
        place = 1 + sum(key < _key(score) for key in called) if score["label"] in LABELS else None
        is_tied = called.count(_key(score)) > 1
        ranked.append(Ranked(letter, score, place, is_tied, tuple(overlapping)))
    return ranked


def field_rows(scores: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The values of the fields that any of the candidates states, but for their ids."""
    rows = {field.name: [score["candidate"].get(field.name, "") for score in scores] for field in FIELDS[1:]}
    return {name: values for name, values in rows.items() if any(values)}


def contribution_rows(scores: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """The log-odds of suppressing that each field adds, between the baseline and the sum; fields that add any alone."""
    added = [score["contributions"] for score in scores]
    names = [field.name for field in FIELDS if any(field.name in each["fields"] for each in added)]
    return {
        "baseline": [each["baseline"] for each in added],
        **{name: [each["fields"].get(name, 0.0) for each in added] for name in names},
        "sum": [each["log_odds"] for each in added],
    }


def _key(score: Mapping[str, Any]) -> tuple[int, float]:
    return _ORDER.index(score["label"]), -score["probability_suppressing"]
