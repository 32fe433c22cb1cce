"""What would change if a field that was not stated were known: how far the probability moves over its likely values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.candidates.candidate import ParsedCandidate
from models.candidates.parser import CandidateParser
from models.candidates.sources import UNSPECIFIED
from models.errors import CandidateError
from models.estimator.applicability import RARE
from models.evidence.evidence import EvidenceBase

FIELDS = ("source_phenotype", "cargo_state", "cancer_type", "recipient_cell", "polarisation", "species", "engineering")


@dataclass(frozen=True, slots=True)
class LikelyValue:
    """A value that a field might have, and the probability and label that the candidate would have with it."""

    value: str
    probability_suppressing: float
    label: str


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that was not stated: over `values` likely values, those with the lowest and the highest probability of suppressing,
    and all labels that occur."""

    field: str
    values: int
    lowest: LikelyValue
    highest: LikelyValue
    labels: tuple[str, ...]


Predict = Callable[[Sequence[ParsedCandidate]], Sequence[tuple[float, str]]]


def find_missing(
    reading: ParsedCandidate, parser: CandidateParser, evidence: EvidenceBase, predict: Predict
) -> tuple[MissingField, ...]:
    """The fields that were not stated, those first that move the probability most.

    Likely values are those of at least RARE findings, of phenotypes those of findings on the same cell. `predict` gives the
    probability and the label of each of some candidates.
    """
    missing = []
    for field in _not_stated(reading):
        of_cell = reading.candidate.source_cell if field == "source_phenotype" else ""
        values = [
            value
            for value, count in evidence.count_values(field, of_cell).items()
            if count >= RARE and value != UNSPECIFIED
        ]
        variants = list(_variants(reading, field, values, parser))
        if variants:
            predicted = predict([variant for _, variant in variants])
            likely = [LikelyValue(value, *of_value) for (value, _), of_value in zip(variants, predicted, strict=True)]
            ordered = sorted(likely, key=lambda each: (each.probability_suppressing, each.value))
            labels = tuple(sorted({each.label for each in likely}))
            missing.append(MissingField(field, len(likely), ordered[0], ordered[-1], labels))
    return tuple(sorted(missing, key=_spread))


def _not_stated(reading: ParsedCandidate) -> Iterator[str]:
    defaulted = {note.field for note in reading.notes if note.how == "default"}
    not_used = {note.field for note in reading.notes if note.how in ("unknown", "ambiguous")}
    for field in FIELDS:
        value = getattr(reading.candidate, field)
        if not value or value == UNSPECIFIED or field in defaulted or field in not_used:
            yield field


def _variants(
    reading: ParsedCandidate, field: str, values: Sequence[str], parser: CandidateParser
) -> Iterator[tuple[str, ParsedCandidate]]:
    """The candidate with each value, where one can have it."""
    for value in sorted(values):
        try:
            yield value, parser.parse({**reading.candidate.to_dict(), field: value}, require_cargo_name=False)
        except CandidateError:
            # No vesicle has this cargo in this state.
            continue


def _spread(missing: MissingField) -> tuple[float, int]:
    return (
        missing.lowest.probability_suppressing - missing.highest.probability_suppressing,
        FIELDS.index(missing.field),
    )
