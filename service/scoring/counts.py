"""What is counted of scored candidates: labels, what put them outside the domain, and the terms that they were described by."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from models.scoring.predictions import PredictionBatch

Thing = TypeVar("Thing", bound=Hashable)

# One term, several, or not stated.
Value = str | tuple[str, ...] | None
# The fields whose terms are counted; of a cargo it is whether its name is known, never the name itself.
FIELDS = ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type", "engineering")
NOT_STATED = "(not stated)"
# The upper ends of the buckets in which probabilities of suppressing are counted.
PROBABILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CARGO_RECOGNITION = (NOT_STATED, "known", "unknown")
_UNRECOGNISED = frozenset(("unknown", "ambiguous"))


class ScoreCounts(NamedTuple):
    """How often each thing occurs among scored candidates: labels with the reason of undetermined ones, fields that put a
    candidate outside the domain, terms by field, and which of CARGO_RECOGNITION the cargos are; the id of the `model`, how many
    probabilities of suppressing end in each bucket of PROBABILITIES, one beyond the last, and their sum."""

    labels: Mapping[tuple[str, str], int]
    outside: Mapping[str, int]
    values: Mapping[tuple[str, Value], int]
    cargos: Mapping[str, int]
    model: str = ""
    probabilities: Sequence[int] = (0,) * (len(PROBABILITIES) + 1)
    probability_sum: float = 0.0

    @classmethod
    def from_predictions(cls, predictions: PredictionBatch, model: str) -> ScoreCounts:
        """The counts of candidates that the model of that id scored together."""
        columns, probabilities = predictions.columns, predictions.called.probability
        buckets = [0] * (len(PROBABILITIES) + 1)
        for probability in probabilities:
            buckets[bisect_left(PROBABILITIES, probability)] += 1
        return cls(
            labels=_count(predictions.calls),
            outside=_count(field for fields in predictions.outside for field in fields),
            values=_count((field, parsed.value) for field in FIELDS for parsed in getattr(columns, field)),
            cargos=_count(classify_cargo(parsed.cargo.match_kinds) for parsed in columns.cargo_name),
            model=model,
            probabilities=buckets,
            probability_sum=sum(probabilities),
        )


def _count(things: Iterable[Thing]) -> dict[Thing, int]:
    # For the few things of one candidate, a Counter takes several times as long.
    counts: dict[Thing, int] = {}
    for thing in things:
        counts[thing] = counts.get(thing, 0) + 1
    return counts


def classify_cargo(match_types: Collection[str]) -> str:
    """Which of CARGO_RECOGNITION a cargo is, by how each of its names was matched."""
    if not match_types:
        return NOT_STATED
    return "known" if _UNRECOGNISED.isdisjoint(match_types) else "unknown"
