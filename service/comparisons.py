"""Candidates side by side: in which order, which of them cannot be told apart, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.candidate import FIELDS
from models.conformal import LABELS

# Candidates that are called suppressing come first, then those that nothing is called, then those called promoting.
_ORDER = (LABELS[0], "undetermined", LABELS[1])


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in its rank: its letter, its score's document, its place among those that are called (None for one that is
    not), and the letters of those that it cannot be told apart from, since their 90 % bands overlap."""

    letter: str
    score: Mapping[str, Any]
    place: int | None
    like: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that candidates can differ in: a field, or what a field adds to the score; one value for each."""

    name: str
    values: tuple[Any, ...]


def ranked(letters: Sequence[str], scores: Sequence[Mapping[str, Any]]) -> list[Ranked]:
    """Candidates by their call, then by their probability of suppressing; equal ones share a place, and keep their order."""
    order = sorted(range(len(scores)), key=lambda index: (_key(scores[index]), index))
    called = [_key(score) for score in scores if score["label"] in LABELS]
    return [
        Ranked(
            letters[index],
            scores[index],
            1 + sum(key < _key(scores[index]) for key in called) if scores[index]["label"] in LABELS else None,
            tuple(
                letters[other]
                for other in range(len(scores))
                if other != index and _overlap(scores[index]["interval"], scores[other]["interval"])
            ),
        )
        for index in order
    ]


def of_fields(scores: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The fields that any of the candidates states, but for their ids."""
    rows = [Row(one.name, tuple(score["candidate"].get(one.name, "") for score in scores)) for one in FIELDS[1:]]
    return [row for row in rows if any(row.values)]


def of_contributions(scores: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The log-odds of suppressing that the fields add, for those that add any; the baseline and the sum go before and after."""
    found = [score["contributions"] for score in scores]
    names = [one.name for one in FIELDS if any(one.name in each["fields"] for each in found)]
    return [
        Row("baseline", tuple(each["baseline"] for each in found)),
        *(Row(name, tuple(each["fields"].get(name, 0.0) for each in found)) for name in names),
        Row("sum", tuple(each["log_odds"] for each in found)),
    ]


def _key(score: Mapping[str, Any]) -> tuple[int, float]:
    return _ORDER.index(score["label"]), -score["probability_suppressing"]


def _overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
