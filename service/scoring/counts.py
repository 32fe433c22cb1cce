"""What is counted of scored candidates: labels, what put them outside the domain, and the terms that they were described by."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from models.scoring.predictions import PredictionBatch

Thing = TypeVar("Thing", bound=Hashable)

# One term, several, or not stated.
Value = str | tuple[str, ...] | None
# The fields whose terms are counted; of a cargo it is whether its name is known, never the name itself.
FIELDS = ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "cancer_type", "engineering")
NOT_STATED = "(not stated)"
CARGO_RECOGNITION = (NOT_STATED, "known", "unknown")
_UNRECOGNISED = frozenset(("unknown", "ambiguous"))


class ScoreCounts(NamedTuple):
    """How often each thing occurs among scored candidates: labels with the reason of undetermined ones, fields that put a
    candidate outside the domain, terms by field, and which of CARGO_RECOGNITION the cargos are."""

    labels: Mapping[tuple[str, str], int]
    outside: Mapping[str, int]
    values: Mapping[tuple[str, Value], int]
    cargos: Mapping[str, int]

    @classmethod
    def from_predictions(cls, predictions: PredictionBatch) -> ScoreCounts:
        """The counts of candidates that were scored together."""
        columns = predictions.columns
        return cls(
            labels=_count(predictions.calls),
            outside=_count(field for fields in predictions.outside for field in fields),
            values=_count((field, parsed.value) for field in FIELDS for parsed in getattr(columns, field)),
            cargos=_count(classify_cargo(parsed.cargo.match_kinds) for parsed in columns.cargo_name),
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
