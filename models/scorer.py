"""Scores candidates by one fitted model: the Python door, and what every other door calls."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models import artifact
from models.artifact import Bundle
from models.candidate import Candidate, Note, Reading
from models.conformal import LabelSet
from models.domain import Domain
from models.errors import ArtifactError
from models.features import Features
from models.fitted import probability

UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Versions:
    """What made an answer: with these four the answer can be replayed."""

    model: str
    data: str
    vocabulary: str
    code: str


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one candidate.

    `label` is suppressing, promoting or undetermined; then `undetermined_because` says domain (the candidate is outside
    what was seen) or thin_data (neither label can be ruled out at 90 %). `contributions` and `baseline` are log-odds of
    suppressing that sum to `log_odds`.
    """

    candidate: Candidate
    normalisation: tuple[Note, ...]
    label: str
    undetermined_because: str
    probability_suppressing: float
    log_odds: float
    prediction_set: tuple[str, ...]
    confidence: float
    credibility: float
    domain: Domain
    baseline: float
    contributions: Mapping[str, float]
    summary: str
    versions: Versions


class Scorer:
    """A fitted model with the words and the knowledge that it was trained with."""

    def __init__(self, bundle: Bundle, features: Features | None = None) -> None:
        """Raises ArtifactError where the bundle was trained with another vocabulary or knowledge, or fails its self-test."""
        self.bundle = bundle
        self.features = features or Features.load()
        self.reader = self.features.reader
        words = self.features.fingerprint
        trained_with = bundle.manifest["fingerprints"]
        if trained_with["vocabulary"] != words:
            raise ArtifactError(
                f"model {bundle.id} was trained with vocabulary {trained_with['vocabulary']}, this is {words}: train anew"
            )
        self.versions = Versions(bundle.id, trained_with["data"], words, version("exoscore"))

    @classmethod
    def load(cls, path: str | Path, key: bytes | None = None) -> Scorer:
        """The scorer of the bundle at `path`.

        `key` is the one that signed it; by default the `signing.key` kept with the bundles. Raises ArtifactError where
        the bundle is not what that key signed, OSError where a file is missing.
        """
        path = Path(path)
        if key is None:
            key = (path.parent / "signing.key").read_bytes()
        return cls(artifact.load(path.read_bytes(), key))

    def score(self, raw: Mapping[str, object]) -> Score:
        """The score of one candidate, given as a mapping of its fields. Raises CandidateError with every fault."""
        return self.score_reading(self.reader.read(raw))

    def score_all(self, raws: Iterable[Mapping[str, object]]) -> list[Score]:
        """The scores of several candidates, in order. Raises CandidateError at the first that cannot be understood."""
        return [self.score(raw) for raw in raws]

    def score_reading(self, reading: Reading) -> Score:
        """The score of a candidate that has been understood."""
        log_odds = self.bundle.model.log_odds(self.features.of(reading))
        chance = probability(log_odds.total)
        sets = self.bundle.model.sets.of(log_odds.total)
        domain = self.bundle.model.support.check(reading, self.features.roles)
        label, because = _call(sets, domain)
        return Score(
            candidate=reading.candidate,
            normalisation=reading.notes,
            label=label,
            undetermined_because=because,
            probability_suppressing=chance,
            log_odds=log_odds.total,
            prediction_set=sets.labels,
            confidence=sets.confidence,
            credibility=sets.credibility,
            domain=domain,
            baseline=log_odds.baseline,
            contributions=log_odds.contributions,
            summary=_summary(label, because, chance, domain),
            versions=self.versions,
        )

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


def _call(sets: LabelSet, domain: Domain) -> tuple[str, str]:
    if not domain.inside:
        return UNDETERMINED, "domain"
    if len(sets.labels) == 1:
        return sets.labels[0], ""
    return UNDETERMINED, "thin_data" if sets.labels else "domain"


def _summary(label: str, because: str, chance: float, domain: Domain) -> str:
    if label != UNDETERMINED:
        share = chance if label == "suppressing" else 1 - chance
        return f"Likely tumour-{label}: {_in_a_hundred(share)} candidates scored like this one were {label}."
    if because == "domain" and domain.reasons:
        reasons = "; ".join(reason.says for reason in domain.reasons if reason.outside)
        return f"Undetermined: outside what the model has seen ({reasons or 'unlike any finding of either effect'})."
    if because == "domain":
        return "Undetermined: unlike the findings of either effect."
    odds = f"{_in_a_hundred(chance)} candidates scored like this one were suppressing"
    return f"Undetermined: the findings allow either effect ({odds})."


def _in_a_hundred(share: float) -> str:
    whole = round(100 * share)
    if whole == 100:
        return "more than 99 in 100"
    return f"about {whole} in 100" if whole else "fewer than 1 in 100"
