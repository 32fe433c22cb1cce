"""Scores candidates by one fitted model: the Python door, and what every other door calls."""

from __future__ import annotations

import platform
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from models.candidates.candidate import Candidate, Normalization, ParsedCandidate, ParsedColumns, columns_of
from models.candidates.names import NameReading, read_name
from models.candidates.warnings import ReadingWarning
from models.designs.request import DEFAULT_LIMIT, DEFAULT_TESTS, DesignRequest
from models.errors import ArtifactError, KnowledgeMismatchError, UnknownModelError
from models.estimator import artifact
from models.estimator.applicability import ApplicabilityDomain, DomainResult
from models.estimator.artifact import Bundle
from models.estimator.features import Features
from models.evidence.evidence import EvidenceBase, LiteratureSupport, Mechanism, Neighbour
from models.evidence.targets import Target, Targets
from models.knowledge.roles import SHIPPED
from models.provenance import code_version
from models.rounding import round_number
from models.scoring.cargo_parts import CargoSet
from models.scoring.compiled import CompiledModel, Prediction, contributions
from models.scoring.counterfactuals import Counterfactual, FlipPrediction, find_counterfactuals
from models.scoring.decisions import Costs, Decision, decide
from models.scoring.missing import MissingField, find_missing
from models.scoring.percentiles import SHARED_FIELDS, Percentiles, ScorePercentiles
from models.scoring.predictions import PredictionBatch
from models.scoring.ranking import Rank, rank_bands
from models.scoring.score_ids import ScoreId

if TYPE_CHECKING:
    from models.designs.designs import Designs
    from models.designs.known import KnownTerms
    from models.designs.ranking import Progress

Frame = TypeVar("Frame")
# A candidate as a mapping of its fields, or as one that has been understood.
AnyCandidate: TypeAlias = Mapping[str, object] | ParsedCandidate


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

    `label` is suppressing, promoting or undetermined; then `undetermined_because` says domain (what it carries was not
    understood, or nothing like it was ever seen), conflict (the papers on this very vesicle contradict each other, or the
    model) or both_possible (neither effect can be ruled out: the 90 % set holds both, or the 90 % band of the probability
    holds a half). `support` grades how well that is supported: strong, moderate, weak (undetermined inside the domain) or none
    (outside of it). `warnings` say what could not be understood as it was written. `interval` is the 90 % band of the
    probability. `percentiles` are the shares of curated findings that score lower. `distance`
    from the nearest curated finding goes from 0 (alike in all that is stated) to 1. `agrees` tells whether model and
    literature point the same way, None where the literature does not point. `validated_targets` are those of an imported
    table, none where there is none. `contributions` and `baseline` are log-odds of
    suppressing that sum to `log_odds`; where several cargos are carried, `cargo_set` has the part of each. `score_id` is
    what `Scorer.replay` takes.
    """

    candidate: Candidate
    normalisation: tuple[Normalization, ...]
    warnings: tuple[ReadingWarning, ...]
    label: str
    undetermined_because: str
    support: str
    probability_suppressing: float
    interval: tuple[float, float]
    log_odds: float
    prediction_set: tuple[str, ...]
    confidence: float
    credibility: float
    percentiles: Percentiles
    domain: DomainResult
    distance: float
    known: LiteratureSupport
    agrees: bool | None
    mechanism: Mechanism
    validated_targets: tuple[Target, ...]
    baseline: float
    contributions: Mapping[str, float]
    cargo_set: CargoSet | None
    summary: str
    score_id: str
    versions: Versions

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from models.scoring.notebook import score_html

        return score_html(self)


class Scorer:
    """A fitted model with the words and the knowledge that it was trained with."""

    def __init__(
        self,
        bundle: Bundle,
        features: Features | None = None,
        targets: Targets | None = None,
        retracted: frozenset[str] = frozenset(),
    ) -> None:
        """`retracted` are the ids of findings that are no evidence any more.

        Raises OtherKnowledgeError where the bundle was trained with another vocabulary or other role tables."""
        self.bundle = bundle
        self.features = features or Features.load()
        self.targets = targets or Targets()
        self.parser = self.features.parser
        words = self.features.fingerprint
        trained_with = bundle.manifest["fingerprints"]
        if trained_with["vocabulary"] != words:
            then, now = bundle.manifest.get("roles", SHIPPED), self.features.roles.named
            if then == now:
                then, now = f"vocabulary {trained_with['vocabulary']}", f"{words}"
            raise KnowledgeMismatchError(bundle.id, bundle.model.papers, then, now)
        self.compiled = CompiledModel(bundle.model, self.features)
        learned = bundle.model.evidence
        self.learned_from = frozenset(finding.finding_id for finding in learned)
        own = {finding.paper for finding in learned if finding.of_lab}
        self.papers = len({finding.paper for finding in learned} - own)
        self.lab_findings = sum(finding.of_lab for finding in learned)
        self.retracted = retracted & self.learned_from
        self.evidence = EvidenceBase(learned, self.parser, self.retracted)
        support = bundle.model.support.with_groups(self.evidence.groups, self.evidence.tested())
        self.domain = ApplicabilityDomain(support, self.features, bundle.model.sets.counts)
        self.classifier = bundle.model.sets
        left_out_by = {name: self.evidence.left_out_by(name) for name in SHARED_FIELDS}
        self.ranks = ScorePercentiles(self.evidence.left_out, left_out_by)
        self.versions = Versions(bundle.id, trained_with["data"], words, code_version(), self.targets.version)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is remembered cannot be sent to another process.
        return Scorer, (self.bundle, self.features, self.targets, self.retracted)

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from models.scoring.notebook import scorer_html

        return scorer_html(self)

    def without(self, retracted: frozenset[str]) -> Scorer:
        """The same model with the findings `retracted`, and no others, out of its evidence. What it learned stays."""
        return Scorer(self.bundle, self.features, self.targets, retracted)

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
        return self.score_reading(self.parser.parse(raw))

    def score_reading(self, reading: ParsedCandidate) -> Score:
        """The score of a candidate that has been understood."""
        predictions = self.predict(reading.columns, [reading.given])
        ((label, because),), (support,) = predictions.calls, predictions.support
        called = Prediction(*(column[0] for column in predictions.called))
        (prediction_set,) = predictions.sets
        return Score(
            candidate=reading.candidate,
            normalisation=reading.notes,
            warnings=self.parser.warnings.find(reading.notes),
            label=label,
            undetermined_because=because,
            support=support,
            probability_suppressing=called.probability,
            interval=(called.low, called.high),
            log_odds=called.log_odds,
            prediction_set=prediction_set.labels,
            confidence=prediction_set.confidence,
            credibility=prediction_set.credibility,
            percentiles=predictions.percentiles[0],
            domain=predictions.domains[0],
            distance=predictions.distances[0],
            known=predictions.known[0],
            agrees=predictions.agrees[0],
            mechanism=predictions.mechanisms[0],
            validated_targets=self.targets.of(reading.cargo),
            baseline=self.bundle.model.baseline,
            contributions=contributions(predictions.carriers[0], called.of_role),
            cargo_set=predictions.cargo_sets[0],
            summary=predictions.summaries[0],
            score_id=predictions.score_ids[0],
            versions=self.versions,
        )

    def decide(self, score: Score, costs: Costs) -> Decision:
        """What stated costs decide of a candidate, by its score of this model."""
        outside = score.undetermined_because == "domain"
        return decide(costs, score.probability_suppressing, score.interval, outside, self.calibration_error)

    @staticmethod
    def rank(scores: Sequence[Score]) -> list[Rank | None]:
        """The rank of each among candidates by their scores, as intervals of places; None outside the domain."""
        return rank_bands([None if each.undetermined_because == "domain" else each.interval for each in scores])

    @property
    def calibration_error(self) -> float | None:
        """How far probabilities were off on average on papers left out, 0 to 1; None where that was not measured."""
        measured = self.bundle.manifest["metrics"]["figures"]["model"].get("ece")
        return round_number(float(measured["mean"])) if measured else None

    def score_frame(
        self,
        frame: Frame,
        columns: Mapping[Hashable, str] | None = None,
        *,
        contributions: bool = False,
        strict: bool = False,
        errors: Literal["keep", "raise"] = "keep",
        costs: Costs | None = None,
        rank: bool = False,
    ) -> Frame:
        """The scores of a frame of candidates: a pandas or Polars DataFrame, a Polars LazyFrame (which is collected) or a
        PyArrow Table. The result is of the same kind, with a row for each row, in their order and with their index.

        Columns are fields by their names or usual headings, as in files; `columns` names the field of further ones, by their
        names in the frame, and goes before headings. Other columns are not read, nor is `id`; a warning names those that look
        like a field. What is missing in any way is not stated, and numbers are read as they are written.

        The columns of the result, and the digits in them, are those that `exoscore batch` writes, but for `id` and `row`;
        `contributions` adds those in log-odds, `costs` what they decide of each row, `rank` the rank of each among all of
        them. A row that is no valid candidate has its message in the column `error`, and
        nothing else; with `errors="raise"` there is one InvalidRowsError for all such rows. Where `strict`, a row with a
        warning is none.

        Raises TableError where the columns are wrong, as for a file, and TypeError where `frame` is no frame.
        """
        from models.columnar.frames import score_frame

        scores: Frame = score_frame(self, frame, columns, contributions, strict, errors, costs, rank)
        return scores

    def replay(self, score_id: str) -> Score:
        """The score that has an id, again. Raises UnknownScoreError where it is no id, UnknownModelError where the score is of
        another model, ChangedScoreError where the prediction is another one now."""
        said = ScoreId.parse(score_id)
        if said.model != self.bundle.id:
            raise UnknownModelError(said.model, [self.bundle.id])
        score = self.score(said.candidate)
        said.check(self.bundle.id, score.label, score.probability_suppressing)
        return score

    def predict(self, columns: ParsedColumns, given: Sequence[Mapping[str, object]] = ()) -> PredictionBatch:
        """What is said of candidates that have been understood, in their order; ids of their scores need what was `given`."""
        parts = (self.compiled, self.domain, self.evidence, self.classifier, self.ranks)
        return PredictionBatch(columns, *parts, self.bundle.id, given)

    def read_name(self, name: str, cargo_type: str = "") -> NameReading:
        """How a name is understood, as a cargo and as a term of each field. Raises CandidateError for an unknown cargo type."""
        return read_name(self.parser, name, cargo_type)

    def nearest(self, candidate: AnyCandidate) -> tuple[Neighbour, ...]:
        """The curated findings most like a candidate, best first. Raises CandidateError, as those below."""
        return self.evidence.nearest(self._read(candidate))

    def counterfactuals(self, candidate: AnyCandidate, label: str = "") -> tuple[Counterfactual, ...]:
        """The smallest changes of a candidate that would change its prediction, which is `label` where that is known already."""
        reading = self._read(candidate)
        label = label or self._counterfactual_prediction(reading).label
        return find_counterfactuals(reading, label, self.features, self._counterfactual_prediction)

    def missing(self, candidate: AnyCandidate) -> tuple[MissingField, ...]:
        """The fields of a candidate that were not stated, with the spread of the probability over their likely values."""
        return find_missing(self._read(candidate), self.parser, self.evidence, self._predict_each)

    def _read(self, candidate: AnyCandidate) -> ParsedCandidate:
        return candidate if isinstance(candidate, ParsedCandidate) else self.parser.parse(candidate)

    def _predict_each(self, readings: Sequence[ParsedCandidate]) -> list[tuple[float, str]]:
        predictions = self.predict(columns_of(readings))
        labels = (label for label, _ in predictions.calls)
        return list(zip(predictions.called.probability, labels, strict=True))

    def _counterfactual_prediction(self, reading: ParsedCandidate) -> FlipPrediction:
        predictions = self.predict(reading.columns)
        ((label, _),), (domain,) = predictions.calls, predictions.domains
        return FlipPrediction(
            label, predictions.called.probability[0], domain.inside, domain.support["stratum"].findings
        )

    def design(
        self,
        vary: Mapping[str, object],
        fixed: Mapping[str, object] | None = None,
        goal: str = "suppressing",
        constraints: Mapping[str, object] | None = None,
        limit: int = DEFAULT_LIMIT,
        test_first: int = DEFAULT_TESTS,
        progress: Progress | None = None,
    ) -> Designs:
        """The best candidates for a goal among all combinations of what may vary, and what to test first.

        `vary` has, by field of a candidate, a list of values or `known`: for `cargo_name` every cargo of the given types that
        reports or findings speak of, for `source_phenotype` those of each cell in findings, for other fields every term.
        `fixed` has one value a field. `constraints` are those of `Constraints`, by name. `progress` is called with how many
        variants of how many were scored. Raises DesignError with every fault.
        """
        # Only here, and below, since most scorers design nothing.
        from models.designs.designs import make_space, propose

        request = DesignRequest.parse(vary, fixed, goal, constraints, limit, test_first)
        return propose(self, request, make_space(self, request), progress or (lambda done, total: None))

    @cached_property
    def known_terms(self) -> KnownTerms:
        """What `known` stands for in designs."""
        from models.designs.known import KnownTerms

        return KnownTerms(self.features, self.bundle.model.support, self.evidence)

    def self_test(self) -> None:
        """Scores the candidate kept in the manifest. Raises ArtifactError unless the score is the one found in training."""
        kept = self.bundle.manifest["self_test"]
        log_odds = self.score(kept["candidate"]).log_odds
        if abs(log_odds - kept["log_odds"]) > 1e-9:
            raise ArtifactError(
                f"model {self.bundle.id} scores its self-test {log_odds!r}, in training {kept['log_odds']!r}"
            )


def library_versions() -> dict[str, Any]:
    """The versions that a fit depends on."""
    names = ("numpy", "scikit-learn", "scipy", "skops")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
