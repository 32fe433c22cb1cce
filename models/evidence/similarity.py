"""How alike curated findings are to a candidate: points for each field that they share with it.

Points are whole numbers, so sums of them are exact in any order; those of a whole match fit into a byte.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.candidates.candidate import ParsedCandidate, ParsedColumns, cargo_of, value_of
from models.candidates.cargo import Cargo, terms_in
from models.vocabulary.vocabulary import Vocabulary

SimilarityPoints = NDArray[np.uint8]

# What a whole match on each field counts.
POINTS = {
    "cargo_name": 40,
    "source_cell": 20,
    "source_phenotype": 20,
    "cargo_state": 20,
    "cancer_type": 20,
    "cargo_type": 10,
    "recipient_cell": 5,
    "engineering": 5,
}
# What half a match counts: a cargo of the same seed family, a tumour that shares a broader term.
SEED_FAMILY, BROADER_TUMOUR = 16, 10
SOURCE_FIELDS = ("source_cell", "source_phenotype", "cargo_state")
LIST_FIELDS = ("recipient_cell", "engineering")
MAY_LACK = ("cargo_name", "cancer_type", *LIST_FIELDS)
_MAX_POINTS = sum(POINTS.values())
# Of how many sources, cargos and so on the points of all findings are remembered.
MAX_REMEMBERED = 4096


class SimilarityIndex:
    """The findings of a corpus, indexed by what they share with candidates. Immutable once built."""

    def __init__(self, readings: Sequence[ParsedCandidate], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._findings = len(readings)
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row, reading in enumerate(readings):
            for field, value in _indexed(reading, vocabulary):
                self._rows.setdefault((field, value), []).append(row)
        self._of_source = lru_cache(MAX_REMEMBERED)(self._source)
        self._of_cargo = lru_cache(MAX_REMEMBERED)(self._cargo)
        self._of_tumour = lru_cache(MAX_REMEMBERED)(self._tumour)
        self._of_values = lru_cache(MAX_REMEMBERED)(self._shared)

    def of(self, columns: ParsedColumns) -> SimilarityPoints:
        """The points of every finding for every candidate, shape (candidates, findings)."""
        sources = (map(value_of, getattr(columns, field)) for field in SOURCE_FIELDS)
        points = [
            of_source + of_cargo + of_tumour
            for of_source, of_cargo, of_tumour in zip(
                map(self._of_source, *sources),
                map(self._of_cargo, map(cargo_of, columns.cargo_name)),
                map(self._of_tumour, map(value_of, columns.cancer_type)),
                strict=True,
            )
        ]
        for field in LIST_FIELDS:
            for row, read in enumerate(getattr(columns, field)):
                if read.value:
                    points[row] += self._of_values(field, read.value)
        return np.array(points)

    def by_field(self, reading: ParsedCandidate) -> dict[str, SimilarityPoints]:
        """The points of every finding for each field that the candidate states, shape (findings,) each."""
        candidate = reading.candidate
        by_field: dict[str, SimilarityPoints] = {}
        for field in (name for name in POINTS if getattr(candidate, name)):
            if field == "cargo_name":
                of_name = self._cargo_name(reading.carried)
                by_field[field] = self._none() if of_name is None else of_name
            elif field == "cancer_type":
                by_field[field] = self._of_tumour(candidate.cancer_type)
            elif field in LIST_FIELDS:
                by_field[field] = self._of_values(field, getattr(candidate, field))
            else:
                by_field[field] = self._of_values(field, tuple(terms_in(getattr(candidate, field))))
        return by_field

    def of_same_cargo(self, cargo: Cargo) -> tuple[int, ...]:
        """The findings that carry one of the cargos."""
        rows = {row for key in cargo.keys for row in self._rows.get(("cargo_name", key), ())}
        return tuple(sorted(rows)) if rows else ()

    def _source(self, cell: str, phenotype: str, state: str) -> SimilarityPoints:
        of_cell, of_phenotype, of_state = (
            self._of_values(field, tuple(terms_in(value)))
            for field, value in zip(SOURCE_FIELDS, (cell, phenotype, state), strict=True)
        )
        return of_cell + of_phenotype + of_state

    def _cargo(self, cargo: Cargo) -> SimilarityPoints:
        of_type = self._of_values("cargo_type", tuple(terms_in(cargo.cargo_type)))
        of_name = self._cargo_name(cargo)
        return of_type if of_name is None else of_type + of_name

    def _cargo_name(self, cargo: Cargo) -> SimilarityPoints | None:
        """The points for what is carried; None where no finding has any."""
        same = self.of_same_cargo(cargo)
        related = [row for name in cargo.names if name.seed for row in self._rows.get(("seed", name.seed), ())]
        if not (same or related):
            return None
        points = self._none()
        points[related] = SEED_FAMILY
        points[list(same)] = POINTS["cargo_name"]
        if cargo.is_assumed:
            # A finding with only some cargos of such a set is no whole match.
            whole = set.intersection(*(set(self._rows.get(("cargo_name", key), ())) for key in cargo.keys))
            points[[row for row in same if row not in whole]] = SEED_FAMILY
        return points

    def _tumour(self, cancer_type: str) -> SimilarityPoints:
        points = self._none()
        if not cancer_type:
            return points
        for broader in self._vocabulary.lineage("cancer_type", cancer_type):
            points[self._rows.get(("tumour", broader), [])] = BROADER_TUMOUR
        points[self._rows.get(("cancer_type", cancer_type), [])] = POINTS["cancer_type"]
        return points

    def _shared(self, field: str, values: tuple[str, ...]) -> SimilarityPoints:
        """The points of findings that have one of some values in a field."""
        points = self._none()
        for value in values:
            points[self._rows.get((field, value), [])] = POINTS[field]
        return points

    def _none(self) -> SimilarityPoints:
        return np.zeros(self._findings, dtype=np.uint8)


def max_points(columns: ParsedColumns) -> list[int]:
    """The points of a finding that is alike in all that a candidate states, for every candidate."""
    most = [_MAX_POINTS] * len(columns.id)
    for field in MAY_LACK:
        for row, read in enumerate(getattr(columns, field)):
            if not read.value:
                most[row] -= POINTS[field]
    return most


def _indexed(reading: ParsedCandidate, vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """What a finding can share with a candidate: a field, and a value in it."""
    candidate = reading.candidate
    for field in ("source_cell", "source_phenotype", "cargo_state", "cargo_type", "cancer_type"):
        yield field, getattr(candidate, field)
    for field in LIST_FIELDS:
        yield from ((field, value) for value in getattr(candidate, field))
    # Every tumour is a cancer, so that says nothing.
    yield from (
        ("tumour", broader)
        for broader in vocabulary.lineage("cancer_type", candidate.cancer_type)
        if broader != "cancer"
    )
    for name, key in zip(reading.cargo, reading.carried.keys, strict=True):
        yield "cargo_name", key
        if name.seed:
            yield "seed", name.seed
