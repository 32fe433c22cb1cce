"""Scores of columns of candidates: each field as codes into its distinct values, each score a few look-ups in arrays.

The scores are those of `Scorer` to the last bit. What a value means is asked of the same reader and the same functions, once
for each distinct value or combination of values; rows only look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.candidate import Given, Reading, Reads
from models.compiled import contributions
from models.errors import CandidateError
from models.scorer import Scorer

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

LABELS = ("suppressing", "promoting", "undetermined")
BECAUSE = ("", "domain", "conflict", "thin_data")
SETS = ("", "suppressing", "promoting", "suppressing;promoting")
SAYS = ("nothing", "suppressing", "promoting", "contradictory")
AGREES = ("", "false", "true")


class Coded(NamedTuple):
    """One field of many candidates: its distinct values as given (None where not stated), and which one each candidate has."""

    values: Sequence[Given]
    codes: Codes


@dataclass(frozen=True)
class ScoredColumns:
    """The scores of the candidates that could be understood, in their order, and the faults of the others.

    `good` are the places of the former, shape (good,), as of every array; `bad` are the latter by place. `label`, `because`,
    `prediction_set`, `known` and `agrees` are codes into LABELS, BECAUSE, SETS, SAYS and AGREES. `percentile_of_type` is NaN
    where there is no finding of the type. `contributions` are log-odds by field, zero where a field adds nothing.
    """

    good: NDArray[np.intp]
    bad: Mapping[int, CandidateError]
    label: NDArray[np.int8]
    because: NDArray[np.int8]
    probability: Floats
    low: Floats
    high: Floats
    log_odds: Floats
    prediction_set: NDArray[np.int8]
    confidence: Floats
    credibility: Floats
    percentile: Floats
    percentile_of_type: Floats
    inside: NDArray[np.bool_]
    known: NDArray[np.int8]
    agrees: NDArray[np.int8]
    baseline: float
    contributions: Mapping[str, Floats]


class ColumnScorer:
    """Scores columns by one scorer. What it worked out for some columns serves the next ones."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def score(self, columns: Mapping[str, Coded]) -> ScoredColumns:
        """The scores of candidates given in columns of one length, by field; a field without a column is stated by none.

        `id` is not read here. Raises KeyError where a column is no field of a candidate.
        """
        count = len(next(iter(columns.values())).codes)
        bad: dict[int, CandidateError] = {}
        good: list[int] = []
        readings: list[Reading] = []
        for place in range(count):
            raw = {name: one.values[one.codes[place]] for name, one in columns.items()}
            try:
                readings.append(self.scorer.reader.read(raw))
                good.append(place)
            except CandidateError as error:
                bad[place] = error
        found = self.scorer.judge(Reads(*zip(*(reading.reads for reading in readings), strict=True)))
        fields = [contributions(*each) for each in zip(found.carriers, found.called.of_role, strict=True)]
        nan = float("nan")
        return ScoredColumns(
            good=np.array(good, dtype=np.intp),
            bad=bad,
            label=_codes(LABELS, (label for label, _ in found.calls)),
            because=_codes(BECAUSE, (because for _, because in found.calls)),
            probability=np.array(found.called.probability),
            low=np.array(found.called.low),
            high=np.array(found.called.high),
            log_odds=np.array(found.called.log_odds),
            prediction_set=_codes(SETS, (";".join(each.sets.labels) for each in found.standings)),
            confidence=np.array([each.sets.confidence for each in found.standings]),
            credibility=np.array([each.sets.credibility for each in found.standings]),
            percentile=np.array([each.percentile for each in found.standings]),
            percentile_of_type=np.array(
                [nan if each.percentile_of_type is None else each.percentile_of_type for each in found.standings]
            ),
            inside=np.array(found.inside),
            known=_codes(SAYS, (each.says for each in found.known)),
            agrees=_codes(AGREES, ("" if each is None else str(each).lower() for each in found.agrees)),
            baseline=self.scorer.bundle.model.baseline,
            contributions={
                name: np.array([each.get(name, 0.0) for each in fields])
                for name in ("source_cell", "source_phenotype", "cargo_state", "cargo_name")
            },
        )


def _codes(terms: Sequence[str], values: Iterable[str]) -> NDArray[np.int8]:
    return np.array([terms.index(value) for value in values], dtype=np.int8)
