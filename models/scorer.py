"""Scores candidates by one fitted model: the Python door, and what every other door calls."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from models import artifact
from models.artifact import Bundle
from models.candidate import Candidate, Note, Reading, Reads
from models.compiled import Called, Carrier, CompiledModel, contributions
from models.conformal import LABELS, LabelSet
from models.domain import Domain, DomainCheck, Part, Reason, reasons, united
from models.errors import ArtifactError, OtherKnowledgeError
from models.evidence import EvidenceBase, Known, Mechanism, Neighbour
from models.features import Features
from models.flips import Flip, Turned, flips
from models.likeness import whole
from models.roles import SHIPPED
from models.standing import Standing, Standings
from models.summary import UNDETERMINED, summary
from models.targets import Target, Targets

# From this many candidates on, columns are faster than one after another.
IN_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Versions:
    """What made an answer: with these the answer can be replayed. `targets` is empty where no table of them is in use."""

    model: str
    data: str
    vocabulary: str
    code: str
    targets: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one candidate.

    `label` is suppressing, promoting or undetermined; then `undetermined_because` says domain (the candidate is outside
    what was seen), conflict (the papers on this very vesicle contradict each other) or thin_data (neither label can be ruled
    out at 90 %). `interval` is the 90 % band of the probability. `percentile` is the share, in percent, of curated findings
    that score lower, `percentile_of_type` the same among those of the cargo's type (None where there is none). `distance`
    from the nearest curated finding goes from 0 (alike in all that is stated) to 1. `agrees` tells whether model and
    literature point the same way, None where the literature does not point. `validated_targets` are those of an imported
    table, none where there is none. `contributions` and `baseline` are log-odds of
    suppressing that sum to `log_odds`.
    """

    candidate: Candidate
    normalisation: tuple[Note, ...]
    label: str
    undetermined_because: str
    probability_suppressing: float
    interval: tuple[float, float]
    log_odds: float
    prediction_set: tuple[str, ...]
    confidence: float
    credibility: float
    percentile: float
    percentile_of_type: float | None
    domain: Domain
    distance: float
    known: Known
    agrees: bool | None
    mechanism: Mechanism
    validated_targets: tuple[Target, ...]
    baseline: float
    contributions: Mapping[str, float]
    summary: str
    versions: Versions


class Judgement(NamedTuple):
    """All that is said of one candidate, in parts that candidates share: what a `Score`, and every document, is made of."""

    carrier: Carrier
    called: Called[float]
    standing: Standing
    domain: tuple[Part, Part, Part]
    distance: float
    known: Known
    mechanism: Mechanism
    label: str
    because: str

    @property
    def inside(self) -> bool:
        """Whether the model has seen enough to speak of the candidate."""
        return all(part.inside for part in self.domain)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What the domain check says of it."""
        return reasons(*self.domain)

    @property
    def summary(self) -> str:
        """The call and the literature in plain words."""
        return summary(self.label, self.because, self.called.probability, self.reasons, self.known)

    @property
    def agrees(self) -> bool | None:
        """Whether model and literature point the same way, None where the literature does not point."""
        if self.known.says not in LABELS:
            return None
        return (self.called.probability > 0.5) == (self.known.says == "suppressing")


class Scorer:
    """A fitted model with the words and the knowledge that it was trained with."""

    def __init__(self, bundle: Bundle, features: Features | None = None, targets: Targets | None = None) -> None:
        """Raises OtherKnowledgeError where the bundle was trained with another vocabulary or other role tables."""
        self.bundle = bundle
        self.features = features or Features.load()
        self.targets = targets or Targets()
        self.reader = self.features.reader
        words = self.features.fingerprint
        trained_with = bundle.manifest["fingerprints"]
        if trained_with["vocabulary"] != words:
            then, now = bundle.manifest.get("roles", SHIPPED), self.features.roles.named
            if then == now:
                then, now = f"vocabulary {trained_with['vocabulary']}", f"{words}"
            raise OtherKnowledgeError(bundle.id, bundle.model.papers, then, now)
        self.compiled = CompiledModel(bundle.model, self.features)
        self.domain = DomainCheck(bundle.model.support, self.features)
        self.evidence = EvidenceBase(bundle.model.evidence, self.reader)
        self.standings = Standings(bundle.model.sets, self.evidence)
        self.versions = Versions(bundle.id, trained_with["data"], words, version("exoscore"), self.targets.version)

    @classmethod
    def load(cls, path: str | Path, key: bytes | None = None, imported: Path | None = None) -> Scorer:
        """The scorer of the bundle at `path`.

        `key` is the one that signed it; by default that in the file of the same name with `.key` added, which `exoscore
        models export` writes beside it. `imported` is the folder of the lab's own tables, if it has any. Raises
        ArtifactError where the bundle is not what that key signed or learned with other tables, KnowledgeError where one of
        those cannot be read, OSError where a file is missing.
        """
        path = Path(path)
        if key is None:
            key = path.with_name(f"{path.name}.key").read_bytes()
        return cls(artifact.load(path.read_bytes(), key), Features.load(imported), Targets.load(imported))

    def score(self, raw: Mapping[str, object]) -> Score:
        """The score of one candidate, given as a mapping of its fields. Raises CandidateError with every fault."""
        return self.score_reading(self.reader.read(raw))

    def score_all(self, raws: Iterable[Mapping[str, object]]) -> list[Score]:
        """The scores of several candidates, in order. Raises CandidateError at the first that cannot be understood."""
        return [self.score(raw) for raw in raws]

    def score_reading(self, reading: Reading) -> Score:
        """The score of a candidate that has been understood."""
        found = self.judge(reading.reads)
        called, sets = found.called, found.standing.sets
        domain = united(*found.domain)
        return Score(
            candidate=reading.candidate,
            normalisation=reading.notes,
            label=found.label,
            undetermined_because=found.because,
            probability_suppressing=called.probability,
            interval=(called.low, called.high),
            log_odds=called.log_odds,
            prediction_set=sets.labels,
            confidence=sets.confidence,
            credibility=sets.credibility,
            percentile=found.standing.percentile,
            percentile_of_type=found.standing.percentile_of_type,
            domain=domain,
            distance=found.distance,
            known=found.known,
            agrees=found.agrees,
            mechanism=found.mechanism,
            validated_targets=self.targets.of(reading.cargo),
            baseline=self.bundle.model.baseline,
            contributions=contributions(found.carrier, called),
            summary=found.summary,
            versions=self.versions,
        )

    def judge(self, reads: Reads) -> Judgement:
        """What is said of one candidate."""
        points = self.evidence.likeness.of(reads)
        carrier = self.compiled.carrier_of(reads)
        called = self.compiled.call(carrier, self.compiled.role_of(reads))
        mechanism = self.evidence.mechanism(reads.cargo_name.cargo, points)
        return self._judgement(reads, carrier, called, int(points.max()), mechanism)

    def judge_all(self, candidates: Sequence[Reads]) -> list[Judgement]:
        """What is said of many candidates, in order: the same as of each alone, worked out in columns."""
        if len(candidates) < IN_COLUMNS:
            return [self.judge(reads) for reads in candidates]
        compiled, evidence = self.compiled, self.evidence
        carriers = [compiled.carrier_of(reads) for reads in candidates]
        columns = compiled.call_all(carriers, [compiled.role_of(reads) for reads in candidates])
        points = evidence.likeness.of_all(candidates)
        rows = zip(
            candidates,
            carriers,
            map(Called, *(column.tolist() for column in columns)),
            points.max(axis=1).tolist(),
            evidence.mechanisms([reads.cargo_name.cargo for reads in candidates], points),
            strict=True,
        )
        return [self._judgement(*row) for row in rows]

    def _judgement(
        self, reads: Reads, carrier: Carrier, called: Called[float], likest: int, mechanism: Mechanism
    ) -> Judgement:
        standing = self.standings.of(called.log_odds, reads.cargo_type.value)
        domain = self.domain.parts(reads)
        known = self.evidence.known(reads)
        label, because = _call(standing.sets, all(part.inside for part in domain), known)
        distance = 1.0 - likest / whole(reads)
        return Judgement(carrier, called, standing, domain, distance, known, mechanism, label, because)

    def nearest(self, reading: Reading) -> tuple[Neighbour, ...]:
        """The curated findings most like a candidate, best first."""
        return self.evidence.nearest(reading)

    def flips(self, reading: Reading, label: str) -> tuple[Flip, ...]:
        """The smallest changes of a candidate that turn its call `label`."""
        return flips(reading, label, self.features, self._turned)

    def _turned(self, reading: Reading) -> Turned:
        found = self.judge(reading.reads)
        source, _, _ = found.domain
        return Turned(found.label, found.called.probability, found.inside, source.support["stratum"].findings)

    def self_test(self) -> None:
        """Scores the candidate kept in the manifest. Raises ArtifactError unless the score is the one found in training."""
        kept = self.bundle.manifest["self_test"]
        found = self.score(kept["candidate"]).log_odds
        if abs(found - kept["log_odds"]) > 1e-9:
            raise ArtifactError(
                f"model {self.bundle.id} scores its self-test {found!r}, in training {kept['log_odds']!r}"
            )


def libraries() -> dict[str, Any]:
    """The versions that a fit depends on."""
    names = ("numpy", "scikit-learn", "scipy", "skops")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _call(sets: LabelSet, inside: bool, known: Known) -> tuple[str, str]:
    if not inside:
        return UNDETERMINED, "domain"
    if known.says == "contradictory":
        return UNDETERMINED, "conflict"
    if len(sets.labels) == 1:
        return sets.labels[0], ""
    return UNDETERMINED, "thin_data" if sets.labels else "domain"
