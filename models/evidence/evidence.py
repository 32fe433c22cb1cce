"""The curated findings beside a score: what was published of the very same vesicle, the nearest findings, and what they say
happens in the recipient cell. It never changes the probability."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from models.candidates.candidate import ParsedCandidate, ParsedColumns, cargo_of, value_of
from models.candidates.cargo import AS_FOUND, FUNCTIONS, GAIN, LOSS, Cargo, cargo_function, state_sign
from models.candidates.parser import CandidateParser
from models.evidence.similarity import POINTS, SimilarityIndex, SimilarityPoints, max_points
from models.vocabulary.normalize import plain
from models.vocabulary.vocabulary import MACROPHAGE_LINEAGE

Floats = NDArray[np.float64]
VesicleKey = tuple[str, frozenset[str]]

NEAREST = 5
# How many tallies and mechanisms are remembered.
MAX_REMEMBERED = 1024
# The identifiers of published papers, and how the key of what a laboratory found itself begins.
IDENTIFIERS = ("pmid", "doi", "pmcid")
OF_LAB = "lab:"
_OPPOSITE = {"suppressing": "promoting", "promoting": "suppressing", "+": "-", "-": "+"}
_EFFECTS = ("suppressing", "promoting")
# How findings say that the effect was tested; where one does not, that is counted too.
SETTINGS = ("in_vitro", "in_vivo", "both", "clinical", "not_stated")
# What findings on vesicles without a cargo, or that silence it, say beside those with it.
LOSS_AGREEMENTS = ("not_tested", "alone", "agrees", "in_part", "disagrees")
# What the literature can say of a vesicle.
CONSENSUS = ("nothing", "suppressing", "promoting", "contradictory")

# How far one finding is believed by itself, by convention: how directly its text states it, and how it was tested.
GRADE_BELIEF = {"A": 0.8, "B": 0.6, "C": 0.4}
EVIDENCE_BELIEF = {"both": 1.0, "clinical": 1.0, "in_vivo": 0.95, "in_vitro": 0.8}
UNSTATED_BELIEF = 0.7
# An effect is taken for known where it is believed this far, and this many times as far as the other one.
BELIEVED, CLEAR = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One curated finding: the fields of its candidate, its effect, what was observed, where it was published, and the
    log-odds that folds without its paper gave it (`left_out`). `kept_as` is corpus where it was shipped, else lab; empty
    where that is not known."""

    finding_id: str
    paper: str
    candidate: Mapping[str, str | list[str]]
    effect: str
    observed: Mapping[str, str]
    citation: Mapping[str, str]
    left_out: float
    kept_as: str = ""

    @property
    def of_lab(self) -> bool:
        """Whether it is what the laboratory found itself, and nobody published."""
        return is_of_lab(self.paper, self.citation)

    @property
    def origin(self) -> str:
        """Whose it is: corpus (shipped), published (a paper that was added here) or lab (the laboratory's own)."""
        if self.of_lab:
            return "lab"
        return "corpus" if self.kept_as == "corpus" else "published"


def is_of_lab(paper: str, citation: Mapping[str, str]) -> bool:
    """Whether a finding is a laboratory's own: the key of its paper says so, and it has no identifier of a published one."""
    return paper.startswith(OF_LAB) and not any(citation.get(name) for name in IDENTIFIERS)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A near finding: how alike it is, from 0 to 1, the fields that match (each with how far), and its `cargo_function`."""

    evidence: Evidence
    likeness: float
    matched: Mapping[str, float]
    function: str


@dataclass(frozen=True, slots=True)
class FunctionCount:
    """How many published papers, and findings of a laboratory, each way, tested one function (see `cargo_function`) of the
    cargo in one of the SETTINGS."""

    function: str
    setting: str
    suppressing_papers: int = 0
    promoting_papers: int = 0
    suppressing_lab_findings: int = 0
    promoting_lab_findings: int = 0


@dataclass(frozen=True)
class EvidenceTally:
    """Findings, and published papers, each way, and how far each way is believed: positive x (1 - negative).

    Those of the findings that are a laboratory's own are counted apart from papers. Of papers and of those, the `turned` ones
    tested only the opposite vesicle, one that brings what this one lacks or silences, or the other way round, so that what
    they saw counts as the opposite effect. `groups` counts the research groups of the papers by their last authors, where
    those are stated; `papers_without_author` are the others. `tests` crosses gain and loss of function with the setting.
    """

    suppressing_findings: int
    suppressing_papers: int
    promoting_findings: int
    promoting_papers: int
    belief_suppressing: float
    belief_promoting: float
    suppressing_lab_findings: int = 0
    promoting_lab_findings: int = 0
    suppressing_turned: int = 0
    promoting_turned: int = 0
    suppressing_lab_turned: int = 0
    promoting_lab_turned: int = 0
    _: KW_ONLY
    groups: int = 0
    papers_without_author: int = 0
    tests: tuple[FunctionCount, ...] = field(default=(), hash=False)
    loss_of_function: str = "not_tested"

    @cached_property
    def says(self) -> str:
        """suppressing or promoting where that is believed, and twice as far as the other; else contradictory, or nothing."""
        if not self.suppressing_findings + self.promoting_findings:
            return "nothing"
        if max(self.belief_suppressing, self.belief_promoting) < BELIEVED:
            return "contradictory"
        if self.belief_suppressing >= CLEAR * self.belief_promoting:
            return "suppressing"
        return "promoting" if self.belief_promoting >= CLEAR * self.belief_suppressing else "contradictory"


@dataclass(frozen=True)
class LiteratureSupport:
    """What was published of the same source and cargo, over all tumours and in this one (None where none is stated)."""

    anywhere: EvidenceTally
    in_this_cancer: EvidenceTally | None
    findings: tuple[str, ...]

    @cached_property
    def says(self) -> str:
        """The word of the narrowest tally that says anything."""
        if self.in_this_cancer and self.in_this_cancer.says != "nothing":
            return self.in_this_cancer.says
        return self.anywhere.says


@dataclass(frozen=True)
class Mechanism:
    """What findings of this cargo saw in the recipient, as this vesicle would do it, most often seen first, with the finding ids.

    Where none is of this cargo, `neighbours` says what the nearest findings saw, which are of other cargos.
    """

    post_transcriptional_targets: Mapping[str, tuple[str, ...]]
    other_targets: Mapping[str, tuple[str, ...]]
    pathways: Mapping[str, tuple[str, ...]]
    processes: Mapping[str, tuple[str, ...]]
    neighbours: "Mechanism | None" = None

    @cached_property
    def _hash(self) -> int:
        return hash((*self.post_transcriptional_targets, *self.pathways))

    def __hash__(self) -> int:
        return self._hash


class EvidenceBase:
    """The findings a model learned from, indexed. Immutable once built; what was asked of it last is remembered.

    Those that were `retracted` since are no evidence any more: they are neither near nor known, and show no mechanism.
    """

    def __init__(
        self, evidence: Sequence[Evidence], reader: CandidateParser, retracted: Container[str] = frozenset()
    ) -> None:
        self.evidence = tuple(evidence)
        self._readings = [
            reader.parse(
                {name: value for name, value in finding.candidate.items() if name != "id"}, require_cargo_name=False
            )
            for finding in self.evidence
        ]
        # The columns of points stand in the order of the findings' ids, which decides between ties.
        standing = [row for row, finding in enumerate(self.evidence) if finding.finding_id not in retracted]
        by_id = sorted(standing, key=lambda row: self.evidence[row].finding_id)
        self.likeness = SimilarityIndex([self._readings[row] for row in by_id], reader.vocabulary)
        self._row = by_id
        self._same: dict[tuple[str, frozenset[str]], list[int]] = {}
        for row in standing:
            reading = self._readings[row]
            same = vesicle_key(reading.candidate.source_cell, reading.candidate.source_phenotype, reading.carried)
            self._same.setdefault(same, []).append(row)
        self._lineages = [
            reader.vocabulary.lineage("cancer_type", reading.candidate.cancer_type) for reading in self._readings
        ]
        self.functions = [cargo_function(reading.carried, reading.candidate.cargo_state) for reading in self._readings]
        self.groups = groups_of_papers(self.evidence)
        self._observed = [_observed(finding) for finding in self.evidence]
        nothing = _tally([], {})
        self._nothing_known = LiteratureSupport(nothing, None, ()), LiteratureSupport(nothing, nothing, ())
        # How many findings have each value of a field, all or those on one source cell.
        self.count_values = lru_cache(MAX_REMEMBERED)(self._count_values)
        self._known_of_same = lru_cache(MAX_REMEMBERED)(self._known)
        self._mechanism_of_rows = lru_cache(MAX_REMEMBERED)(self._mechanism)
        self._mechanism_of_neighbours = lru_cache(MAX_REMEMBERED)(self._neighbours)

    def tested(self) -> Iterator[tuple[str, ParsedCandidate]]:
        """All findings that were learned from, retracted or not: the paper and the candidate of each."""
        return zip((finding.paper for finding in self.evidence), self._readings, strict=True)

    @cached_property
    def left_out(self) -> Floats:
        """The left-out log-odds of all findings, in rising order."""
        return np.sort(np.array([finding.left_out for finding in self.evidence]))

    def left_out_by(self, field: str) -> dict[str, Floats]:
        """The left-out log-odds of the findings with each value of a field, in rising order."""
        of_value: dict[str, list[float]] = {}
        for finding, reading in zip(self.evidence, self._readings, strict=True):
            if value := getattr(reading.candidate, field):
                of_value.setdefault(value, []).append(finding.left_out)
        return {value: np.sort(np.array(log_odds)) for value, log_odds in of_value.items()}

    def _count_values(self, field: str, source_cell: str) -> Mapping[str, int]:
        counts = Counter[str]()
        for reading in self._readings:
            if source_cell in ("", reading.candidate.source_cell):
                value = getattr(reading.candidate, field)
                counts.update(value if isinstance(value, tuple) else filter(None, (value,)))
        return counts

    def known(self, columns: ParsedColumns) -> list[LiteratureSupport]:
        """What was published of the very source and cargo of every candidate, as this vesicle would do it.

        A finding on a vesicle that does the opposite, by lacking or silencing the cargo, speaks of it the other way round.
        """
        vesicles = map(
            vesicle_key,
            map(value_of, columns.source_cell),
            map(value_of, columns.source_phenotype),
            map(cargo_of, columns.cargo_name),
        )
        signs = map(vesicle_sign, map(cargo_of, columns.cargo_name), map(value_of, columns.cargo_state))
        return list(map(self.known_of, vesicles, signs, map(value_of, columns.cancer_type)))

    def known_of(self, same: VesicleKey, sign: int, cancer_type: str) -> LiteratureSupport:
        """What was published of one vesicle, as `known`; `sign` is its `vesicle_sign`."""
        if same not in self._same:
            return self._nothing_known[bool(cancer_type)]
        return self._known_of_same(same, sign, cancer_type)

    def opposites(self, reading: ParsedCandidate) -> frozenset[str]:
        """The ids of the findings of `known` that are on a vesicle which does the opposite, and so count the other way round."""
        cell, phenotype, carried, state = (
            reading.reads.source_cell.value,
            reading.reads.source_phenotype.value,
            reading.carried,
            reading.reads.cargo_state.value,
        )
        rows, sign = self._same.get(vesicle_key(cell, phenotype, carried), ()), vesicle_sign(carried, state)
        tested = ((row, self._readings[row]) for row in rows)
        return frozenset(
            self.evidence[row].finding_id
            for row, other in tested
            if vesicle_sign(other.carried, other.candidate.cargo_state) != sign
        )

    @property
    def vesicles(self) -> Container[VesicleKey]:
        """The vesicles that findings are of."""
        return self._same

    @cached_property
    def sources(self) -> frozenset[str]:
        """The sources of all findings, as in `vesicle_key`."""
        return frozenset(source for source, _ in self._same)

    @cached_property
    def alikes(self) -> frozenset[frozenset[str]]:
        """All that is carried in any finding, as in `vesicle_key`."""
        return frozenset(alike for _, alike in self._same)

    def nearest(self, reading: ParsedCandidate, count: int = NEAREST) -> tuple[Neighbour, ...]:
        """The most alike findings, best first; ties in the order of their ids."""
        by_field = self.likeness.by_field(reading)
        points = self.likeness.of(reading.columns)
        (most,) = max_points(reading.columns)
        return tuple(
            Neighbour(
                self.evidence[self._row[place]],
                int(points[0, place]) / most,
                {name: int(part[place]) / POINTS[name] for name, part in by_field.items() if part[place]},
                self.functions[self._row[place]],
            )
            for place in _best(points, count)[0].tolist()
        )

    def mechanisms(self, columns: ParsedColumns, points: Callable[[], SimilarityPoints]) -> list[Mechanism]:
        """What findings that share a cargo saw, for every candidate; where none does, what the findings with most points saw.

        `points` gives them where they are needed, shape (candidates, findings).
        """
        shared = list(
            map(self._same_cargo, map(cargo_of, columns.cargo_name), map(value_of, columns.cargo_state)),
        )
        mechanisms = list(map(self._mechanism_of_rows, shared))
        lone = [place for place, rows in enumerate(shared) if not rows]
        if lone:
            for place, near in zip(lone, _best(points()[lone], NEAREST).tolist(), strict=True):
                mechanisms[place] = self._mechanism_of_neighbours(tuple(sorted(self._row[each] for each in near)))
        return mechanisms

    def _same_cargo(self, cargo: Cargo, state: str) -> tuple[tuple[int, bool], ...]:
        """The findings that carry one of the cargos, and whether they do the opposite with it."""
        same = self.likeness.of_same_cargo(cargo)
        brought = _signs(cargo, state) if same else {}
        pairs = []
        for row in sorted(self._row[place] for place in same):
            tested = _signs(self._readings[row].carried, self._readings[row].candidate.cargo_state)
            opposite = {tested[key] != sign for key, sign in brought.items() if key in tested}
            # Nothing can be told of one that does the opposite with one cargo and the same with another.
            if len(opposite) == 1:
                pairs.append((row, opposite.pop()))
        return tuple(pairs)

    def _mechanism(self, rows: Iterable[tuple[int, bool]]) -> Mechanism:
        seen: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
        for row, opposite in rows:
            for kind, value in self._observed[row]:
                seen[kind].setdefault(_turned(value) if opposite else value, []).append(self.evidence[row].finding_id)
        targets, other_targets, pathways, processes = map(_most_seen, seen)
        return Mechanism(targets, other_targets, pathways, processes)

    def _neighbours(self, rows: Iterable[int]) -> Mechanism:
        return Mechanism({}, {}, {}, {}, self._mechanism((row, False) for row in rows))

    def _known(self, same: VesicleKey, sign: int, cancer_type: str) -> LiteratureSupport:
        rows = self._same[same]
        here = [row for row in rows if cancer_type in self._lineages[row]]
        return LiteratureSupport(
            self._tally(rows, sign),
            self._tally(here, sign) if cancer_type else None,
            tuple(self.evidence[row].finding_id for row in rows),
        )

    def _tally(self, rows: Iterable[int], sign: int) -> EvidenceTally:
        tested = ((row, self._readings[row]) for row in rows)
        return _tally(
            [
                (
                    self.evidence[row],
                    vesicle_sign(reading.carried, reading.candidate.cargo_state) != sign,
                    self.functions[row],
                )
                for row, reading in tested
            ],
            self.groups,
        )


def vesicle_key(cell: str, phenotype: str, cargo: Cargo) -> VesicleKey:
    """The source and cargo that make two candidates the same vesicle.

    The source is the cell, with its phenotype in the macrophage lineage and where no cargo is named; the cargo is all that
    is carried, by stem.
    """
    of_cell, of_phenotype = sources_of(cell, phenotype)
    return of_cell if cargo.names and cell not in MACROPHAGE_LINEAGE else of_phenotype, cargo.identity_key


def vesicle_sign(cargo: Cargo, state: str) -> int:
    """Of two vesicles of one `vesicle_key` that bring, lack or silence the same cargo, whether they do the same: 1 or -1."""
    return cargo.sign * state_sign(state)


def sources_of(cell: str, phenotype: str) -> tuple[str, str]:
    """What a cell in a state can stand for as the source of a `vesicle_key`: itself, and itself in that state."""
    return cell, f"{cell}/{phenotype}"


def groups_of_papers(evidence: Iterable[Evidence]) -> dict[str, str]:
    """The last author of each published paper of which a finding states one, so that papers of one author share a text.

    Names are compared without case and accents. Of two that findings of a paper state, the first in the alphabet counts.
    """
    groups: dict[str, str] = {}
    for finding in evidence:
        if (author := finding.citation.get("last_author", "")) and not finding.of_lab:
            spelled = unicodedata.normalize("NFKD", author)
            name = plain("".join(letter for letter in spelled if not unicodedata.combining(letter)))
            groups[finding.paper] = min(name, groups.get(finding.paper, name))
    return groups


def _tests(findings_of_same: Iterable[tuple[Evidence, bool, str]]) -> tuple[FunctionCount, ...]:
    """How many papers and findings of a laboratory tested each function of the cargo in each setting, each way."""
    seen: dict[tuple[str, str], dict[str, set[str]]] = {}
    for finding, opposite, function in findings_of_same:
        effect = _OPPOSITE[finding.effect] if opposite else finding.effect
        setting = finding.observed.get("evidence") or "not_stated"
        counted = seen.setdefault((function, setting), {})
        kind, key = ("lab_findings", finding.finding_id) if finding.of_lab else ("papers", finding.paper)
        counted.setdefault(f"{effect}_{kind}", set()).add(key)
    return tuple(
        FunctionCount(function, setting, **{name: len(keys) for name, keys in seen[function, setting].items()})
        for function in FUNCTIONS
        for setting in SETTINGS
        if (function, setting) in seen
    )


def _loss_agreement(tests: Iterable[FunctionCount]) -> str:
    """Whether vesicles without the cargo, or that silence it, say the same of it as those with it: of LOSS_AGREEMENTS."""
    effects: dict[str, set[str]] = {}
    for test in tests:
        said = effects.setdefault(test.function, set())
        if test.suppressing_papers + test.suppressing_lab_findings:
            said.add("suppressing")
        if test.promoting_papers + test.promoting_lab_findings:
            said.add("promoting")
    without = effects.get(LOSS, set())
    with_it = effects.get(GAIN, set()) | effects.get(AS_FOUND, set())
    if not (with_it and without):
        return "alone" if without else "not_tested"
    if with_it == without and len(without) == 1:
        return "agrees"
    return "in_part" if with_it & without else "disagrees"


def _tally(
    findings_of_same: Sequence[tuple[Evidence, bool, str]], groups_of_papers: Mapping[str, str]
) -> EvidenceTally:
    """The tally of findings, each with whether its vesicle does the opposite and its `cargo_function`."""
    findings: Counter[str] = Counter()
    of_lab: Counter[str] = Counter()
    of_lab_turned: Counter[str] = Counter()
    published: dict[str, set[str]] = {effect: set() for effect in _EFFECTS}
    believed: dict[str, dict[str, float]] = {effect: {} for effect in _EFFECTS}
    direct: dict[str, set[str]] = {effect: set() for effect in _EFFECTS}
    for finding, opposite, _ in findings_of_same:
        effect = _OPPOSITE[finding.effect] if opposite else finding.effect
        findings[effect] += 1
        if finding.of_lab:
            of_lab[effect] += 1
            of_lab_turned[effect] += opposite
        else:
            published[effect].add(finding.paper)
            if not opposite:
                direct[effect].add(finding.paper)
        weight = GRADE_BELIEF.get(finding.observed.get("grade", ""), GRADE_BELIEF["C"])
        weight *= EVIDENCE_BELIEF.get(finding.observed.get("evidence", ""), UNSTATED_BELIEF)
        # A paper's several findings are one voice, as loud as its best.
        believed[effect][finding.paper] = max(weight, believed[effect].get(finding.paper, 0.0))
    papers = published["suppressing"] | published["promoting"]
    tests = _tests(findings_of_same)
    positive = {effect: 1.0 - prod(1.0 - weight for weight in weights.values()) for effect, weights in believed.items()}
    return EvidenceTally(
        findings["suppressing"],
        len(published["suppressing"]),
        findings["promoting"],
        len(published["promoting"]),
        positive["suppressing"] * (1.0 - positive["promoting"]),
        positive["promoting"] * (1.0 - positive["suppressing"]),
        *(of_lab[effect] for effect in _EFFECTS),
        *(len(published[effect] - direct[effect]) for effect in _EFFECTS),
        *(of_lab_turned[effect] for effect in _EFFECTS),
        groups=len({groups_of_papers[paper] for paper in papers & groups_of_papers.keys()}),
        papers_without_author=len(papers - groups_of_papers.keys()),
        tests=tests,
        loss_of_function=_loss_agreement(tests),
    )


def _signs(cargo: Cargo, state: str) -> dict[str, int]:
    """Of each cargo by its key, whether the vesicle brings it, or lacks or silences it."""
    return {key: sign * state_sign(state) for key, sign in zip(cargo.keys, cargo.signs, strict=True)}


def _turned(value: str) -> str:
    """What a vesicle that does the opposite would be seen to do: raise what this one lowers."""
    return value[:-1] + _OPPOSITE[value[-1]] if value[-1] in _OPPOSITE else value


def _post_transcriptional(finding: Evidence) -> bool:
    return "post_transcriptional" in finding.observed.get("mechanism", "").split(";")


def _observed(finding: Evidence) -> list[tuple[int, str]]:
    """What a finding saw, each with its place among the fields of a Mechanism."""
    columns = (0 if _post_transcriptional(finding) else 1, "targets"), (2, "pathways"), (3, "processes")
    return [
        (kind, value) for kind, column in columns for value in filter(None, finding.observed.get(column, "").split(";"))
    ]


def _most_seen(seen: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    if len(seen) < 2:
        return {value: tuple(ids) for value, ids in seen.items()}
    return {value: tuple(ids) for value, ids in sorted(seen.items(), key=lambda item: (-len(item[1]), item[0]))}


def _best(points: SimilarityPoints, count: int) -> NDArray[np.intp]:
    """The places with most points, best first, of equal ones the first, shape (candidates, count)."""
    order: NDArray[np.intp] = np.argsort(~points, axis=1, kind="stable")[:, :count]
    return order
