"""The curated findings beside a score: what was published of the very same vesicle, the nearest findings, and what they say
happens in the recipient cell. It never changes the probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from models.candidate import Candidate, Reader, Reading
from models.naming import CargoName
from models.vocabulary import MACROPHAGE_LINEAGE, Vocabulary

Floats = NDArray[np.float64]

# How much each field counts towards the likeness of two candidates; a whole match on all of them is likeness 1.
LIKENESS = {
    "cargo_name": 4.0,
    "source_cell": 2.0,
    "source_phenotype": 2.0,
    "cargo_state": 2.0,
    "cancer_type": 2.0,
    "cargo_type": 1.0,
    "recipient_cell": 0.5,
    "engineering": 0.5,
}
SEED_FAMILY, BROADER_TUMOUR = 0.4, 0.5
NEAREST = 5

# How far one finding is believed by itself, by convention: how directly its text states it, and how it was tested.
GRADE_BELIEF = {"A": 0.8, "B": 0.6, "C": 0.4}
EVIDENCE_BELIEF = {"both": 1.0, "clinical": 1.0, "in_vivo": 0.95, "in_vitro": 0.8}
UNSTATED_BELIEF = 0.7
# An effect is taken for known where it is believed this far, and this many times as far as the other one.
BELIEVED, CLEAR = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One curated finding: the fields of its candidate, its effect, what was observed, where it was published, and the
    log-odds that folds without its paper gave it (`left_out`)."""

    finding_id: str
    paper: str
    candidate: Mapping[str, str | list[str]]
    effect: str
    observed: Mapping[str, str]
    citation: Mapping[str, str]
    left_out: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A near finding: how alike it is, from 0 to 1, and the fields that match (each with how far)."""

    evidence: Evidence
    likeness: float
    matched: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Tally:
    """Findings, and papers, each way, and how far each way is believed: positive x (1 - negative)."""

    suppressing_findings: int
    suppressing_papers: int
    promoting_findings: int
    promoting_papers: int
    belief_suppressing: float
    belief_promoting: float

    @property
    def says(self) -> str:
        """suppressing or promoting where that is believed, and twice as far as the other; else contradictory, or nothing."""
        if not self.suppressing_papers + self.promoting_papers:
            return "nothing"
        if max(self.belief_suppressing, self.belief_promoting) < BELIEVED:
            return "contradictory"
        if self.belief_suppressing >= CLEAR * self.belief_promoting:
            return "suppressing"
        return "promoting" if self.belief_promoting >= CLEAR * self.belief_suppressing else "contradictory"


@dataclass(frozen=True, slots=True)
class Known:
    """What was published of the same source and cargo, over all tumours and in this one (None where none is stated)."""

    anywhere: Tally
    in_this_cancer: Tally | None
    findings: tuple[str, ...]

    @property
    def says(self) -> str:
        """The word of the narrowest tally that says anything."""
        if self.in_this_cancer and self.in_this_cancer.says != "nothing":
            return self.in_this_cancer.says
        return self.anywhere.says


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What findings of the same or nearest cargo saw in the recipient, most often seen first, with the finding ids."""

    post_transcriptional_targets: Mapping[str, tuple[str, ...]]
    other_targets: Mapping[str, tuple[str, ...]]
    pathways: Mapping[str, tuple[str, ...]]
    processes: Mapping[str, tuple[str, ...]]


class EvidenceBase:
    """The findings a model learned from, indexed. Immutable once built."""

    def __init__(self, evidence: Sequence[Evidence], reader: Reader) -> None:
        self.evidence = tuple(evidence)
        self._vocabulary: Vocabulary = reader.vocabulary
        self._readings = [
            reader.read({name: value for name, value in one.candidate.items() if name != "id"}, named=False)
            for one in self.evidence
        ]
        self._same: dict[tuple[str, frozenset[str]], list[int]] = {}
        for row, reading in enumerate(self._readings):
            self._same.setdefault(_vesicle(reading), []).append(row)
        self._likeness: dict[tuple[str, str], Floats] = {}

    @cached_property
    def left_out(self) -> Floats:
        """The left-out log-odds of all findings, in rising order."""
        return np.sort(np.array([one.left_out for one in self.evidence]))

    @cached_property
    def _left_out_of_type(self) -> dict[str, Floats]:
        of_type: dict[str, list[float]] = {}
        for one, reading in zip(self.evidence, self._readings, strict=True):
            of_type.setdefault(reading.candidate.cargo_type, []).append(one.left_out)
        return {cargo_type: np.sort(np.array(values)) for cargo_type, values in of_type.items()}

    def percentiles(self, log_odds: float, cargo_type: str) -> tuple[float, float | None]:
        """The share, in percent, of findings that score lower: among all, and among those of the same cargo type."""
        of_type = self._left_out_of_type.get(cargo_type)
        return _percentile(self.left_out, log_odds), None if of_type is None else _percentile(of_type, log_odds)

    def known(self, reading: Reading) -> Known:
        """What was published of this very source and cargo, told as if in the candidate's own cargo state.

        A finding on depleted cargo speaks of the cargo the other way round.
        """
        rows = self._same.get(_vesicle(reading), [])
        depleted = reading.candidate.cargo_state == "depleted"
        told = [(self.evidence[row], self._told(row, depleted)) for row in rows]
        cancer = reading.candidate.cancer_type
        here = [pair for row, pair in zip(rows, told, strict=True) if self._within(row, cancer)] if cancer else None
        return Known(_tally(told), None if here is None else _tally(here), tuple(one.finding_id for one, _ in told))

    def nearest(self, reading: Reading, count: int = NEAREST) -> tuple[Neighbour, ...]:
        """The most alike findings, best first; ties in the order of their ids."""
        by_field = self._by_field(reading)
        total = np.zeros(len(self.evidence))
        for name, likeness in by_field.items():
            total += LIKENESS[name] * likeness
        whole = sum(LIKENESS[name] for name in self._stated(reading.candidate))
        order = sorted(np.argsort(-total, kind="stable")[: 4 * count], key=lambda row: (-total[row], self._id(row)))
        return tuple(
            Neighbour(
                self.evidence[row],
                float(total[row]) / whole,
                {name: float(part[row]) for name, part in by_field.items() if part[row]},
            )
            for row in order[:count]
        )

    def mechanism(self, reading: Reading) -> Mechanism:
        """What findings that share a cargo saw; where none does, what the nearest findings saw."""
        rows = np.flatnonzero(self._by_field(reading).get("cargo_name", np.zeros(len(self.evidence))) == 1.0).tolist()
        if not rows:
            near = {neighbour.evidence.finding_id for neighbour in self.nearest(reading)}
            rows = [row for row, one in enumerate(self.evidence) if one.finding_id in near]
        seen = [self.evidence[row] for row in rows]
        post = [one for one in seen if "post_transcriptional" in one.observed.get("mechanism", "").split(";")]
        rest = [one for one in seen if one not in post]
        return Mechanism(
            _gather(post, "targets"), _gather(rest, "targets"), _gather(seen, "pathways"), _gather(seen, "processes")
        )

    def _told(self, row: int, depleted: bool) -> str:
        effect = self.evidence[row].effect
        if (self._readings[row].candidate.cargo_state == "depleted") == depleted:
            return effect
        return "promoting" if effect == "suppressing" else "suppressing"

    def _within(self, row: int, cancer: str) -> bool:
        return cancer in self._vocabulary.lineage("cancer_type", self._readings[row].candidate.cancer_type)

    def _id(self, row: int) -> str:
        return self.evidence[row].finding_id

    @staticmethod
    def _stated(one: Candidate) -> list[str]:
        return [name for name in LIKENESS if getattr(one, name)]

    def _by_field(self, reading: Reading) -> dict[str, Floats]:
        one = reading.candidate
        found: dict[str, Floats] = {}
        for name in self._stated(one):
            values = getattr(one, name)
            if name == "cargo_name":
                parts = [
                    self._remembered(name, _key(cargo), partial(self._cargo_likeness, cargo)) for cargo in reading.cargo
                ]
            elif isinstance(values, tuple):
                parts = [self._remembered(name, value, partial(self._has, name, value)) for value in values]
            else:
                parts = [self._remembered(name, values, partial(self._field_likeness, name, values))]
            found[name] = parts[0] if len(parts) == 1 else np.maximum.reduce(parts)
        return found

    def _remembered(self, name: str, value: str, likeness: Callable[[], Floats]) -> Floats:
        """The likeness of every finding to one value; kept, where any finding is like it, for the next candidate."""
        found = self._likeness.get((name, value))
        if found is None:
            found = likeness()
            if found.any():
                self._likeness[name, value] = found
        return found

    def _field_likeness(self, name: str, value: str) -> Floats:
        own = [getattr(reading.candidate, name) for reading in self._readings]
        equal = np.array([each == value for each in own], dtype=float)
        if name != "cancer_type":
            return equal
        line = set(self._vocabulary.lineage("cancer_type", value)) - {"cancer"}
        related = [bool(line & set(self._vocabulary.lineage("cancer_type", each))) for each in own]
        found: Floats = np.maximum(equal, BROADER_TUMOUR * np.array(related, dtype=float))
        return found

    def _has(self, name: str, value: str) -> Floats:
        return np.array([value in getattr(reading.candidate, name) for reading in self._readings], dtype=float)

    def _cargo_likeness(self, cargo: CargoName) -> Floats:
        def like(other: CargoName) -> float:
            if _key(other) == _key(cargo):
                return 1.0
            return SEED_FAMILY if cargo.seed and other.seed == cargo.seed else 0.0

        return np.array([max(map(like, reading.cargo), default=0.0) for reading in self._readings])


def _key(cargo: CargoName) -> str:
    return f"{cargo.kind}:{cargo.stem}"


def _vesicle(reading: Reading) -> tuple[str, frozenset[str]]:
    """The source and cargo that make two candidates the same vesicle.

    The source is the cell, with its phenotype in the macrophage lineage and where no cargo is named; the cargo is all that
    is carried, by stem.
    """
    one = reading.candidate
    cargo = frozenset(_key(name) for name in reading.cargo)
    if cargo and one.source_cell not in MACROPHAGE_LINEAGE:
        return one.source_cell, cargo
    return f"{one.source_cell}/{one.source_phenotype}", cargo or frozenset([one.cargo_type])


def _tally(told: Iterable[tuple[Evidence, str]]) -> Tally:
    findings: Counter[str] = Counter()
    believed: dict[str, dict[str, float]] = {"suppressing": {}, "promoting": {}}
    for one, effect in told:
        findings[effect] += 1
        weight = GRADE_BELIEF.get(one.observed.get("grade", ""), GRADE_BELIEF["C"])
        weight *= EVIDENCE_BELIEF.get(one.observed.get("evidence", ""), UNSTATED_BELIEF)
        # A paper's several findings are one voice, as loud as its best.
        believed[effect][one.paper] = max(weight, believed[effect].get(one.paper, 0.0))
    positive = {
        effect: 1.0 - float(np.prod([1.0 - weight for weight in papers.values()]))
        for effect, papers in believed.items()
    }
    return Tally(
        findings["suppressing"],
        len(believed["suppressing"]),
        findings["promoting"],
        len(believed["promoting"]),
        positive["suppressing"] * (1.0 - positive["promoting"]),
        positive["promoting"] * (1.0 - positive["suppressing"]),
    )


def _gather(findings: Iterable[Evidence], column: str) -> dict[str, tuple[str, ...]]:
    seen: dict[str, list[str]] = {}
    for one in findings:
        for value in filter(None, one.observed.get(column, "").split(";")):
            seen.setdefault(value, []).append(one.finding_id)
    return {value: tuple(ids) for value, ids in sorted(seen.items(), key=lambda item: (-len(item[1]), item[0]))}


def _percentile(rising: Floats, log_odds: float) -> float:
    below = np.searchsorted(rising, log_odds, side="left")
    up_to = np.searchsorted(rising, log_odds, side="right")
    return float(50.0 * (below + up_to) / len(rising))
