"""Candidates side by side: in which order, which of them overlap, and in what they differ."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.candidates.candidate import FIELDS
from models.estimator.conformal import LABELS

# Candidates predicted to suppress come first, then undetermined ones, then those predicted to promote.
_ORDER = (LABELS[0], "undetermined", LABELS[1])


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in its rank: its number in that order from 1, the key by which it was passed, its score's document, the
    numbers of those with the same prediction and probability, and of those whose 90 % bands overlap its own."""

    number: int
    key: int
    score: Mapping[str, Any]
    tied_with: tuple[int, ...]
    overlaps_with: tuple[int, ...]


def rank(scores: Mapping[int, Mapping[str, Any]]) -> list[Ranked]:
    """Candidates in the order of their prediction, then of their probability of suppressing. Equal ones keep their order."""
    ordered = sorted(scores.items(), key=lambda entry: _key(entry[1]))

    def numbers(of: int, relation: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]) -> tuple[int, ...]:
        score = ordered[of][1]
        return tuple(at + 1 for at, (_, other) in enumerate(ordered) if at != of and relation(score, other))

    return [
        Ranked(at + 1, key, score, numbers(at, _is_tied), numbers(at, _overlaps))
        for at, (key, score) in enumerate(ordered)
    ]


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


def _is_tied(score: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _key(score) == _key(other)


def _overlaps(score: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    (low, high), (other_low, other_high) = score["interval"], other["interval"]
    return bool(low <= other_high and other_low <= high)


def _key(score: Mapping[str, Any]) -> tuple[int, float]:
    return _ORDER.index(score["label"]), -score["probability_suppressing"]
