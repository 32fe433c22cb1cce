"""Candidates side by side: their ranks, and in what they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from models.candidates.candidate import FIELDS
from models.scoring.ranking import Rank, not_distinguished, reading_order


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate of a comparison: the letter that names it, the key by which it was passed, its score's document, its rank
    (None outside the domain), and the letters of those that it is not distinguished from."""

    letter: str
    key: int
    score: Mapping[str, Any]
    rank: Rank | None
    not_distinguished_from: tuple[str, ...]


def rank(scores: Mapping[int, Mapping[str, Any]]) -> list[Ranked]:
    """Candidates in the order in which to read them, by documents that have their ranks."""
    documents = list(scores.items())
    ranks = [Rank(score["rank"], score["rank_to"]) if "rank" in score else None for _, score in documents]
    order = reading_order(ranks, [score["probability_suppressing"] for _, score in documents])
    bands = [documents[place][1]["interval"] if ranks[place] else None for place in order]
    return [
        Ranked(ascii_uppercase[at], *documents[place], ranks[place], tuple(ascii_uppercase[other] for other in others))
        for at, (place, others) in enumerate(zip(order, not_distinguished(bands), strict=True))
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
