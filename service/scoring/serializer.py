"""Writes what a model says of candidates as documents: one way, for the API, the command line, pages and files."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from itertools import starmap
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from msgspec import UNSET, UnsetType

from models.candidates.candidate import (
    FIELD_BY_NAME,
    ParsedCandidate,
    ParsedFields,
    ParsedValue,
    cargo_of,
    columns_of,
)
from models.candidates.cargo import Cargo
from models.candidates.warnings import ReadingWarning
from models.errors import MAX_FAULTS, CandidateError
from models.estimator import applicability
from models.evidence import evidence
from models.evidence.reporting import ITEMS, completeness
from models.rounding import round_number, round_probability
from models.scorer import Scorer
from models.scoring.cargo_parts import CargoSet
from models.scoring.compiled import contributions
from models.scoring.counterfactuals import Counterfactual
from models.scoring.decisions import Costs, Decision, decide
from models.scoring.missing import MissingField
from models.scoring.predictions import PredictionBatch
from models.scoring.ranking import rank_bands
from models.scoring.score_ids import ScoreId
from service import problems
from service.errors import CandidatesError
from service.scoring import documents
from service.scoring.counts import ScoreCounts
from service.scoring.documents import COMPANIONS, DEFAULT_FIELDS, Score, ScorePart
from service.scoring.parsing import parse_candidates
from training.data.citation import addresses

Column = Iterable[Any]
Value = TypeVar("Value")
Observed = list[documents.Observed]

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
_encode_lines: Callable[[Iterable[object]], bytes] = msgspec.json.Encoder().encode_lines
decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
CACHED_PARTS = 2048


class ScoreResponse(NamedTuple):
    """The body of an answer to a request for scores, and what is counted of its candidates."""

    body: bytes
    counts: ScoreCounts


class ScoreSerializer:
    """Writes the documents of one scorer for one request: what is sought in vain is sought MAX_FAULTS times at most."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self._shown = self._suggested = 0
        versions = scorer.versions
        self.versions = documents.Versions(
            versions.model, versions.data, versions.vocabulary, versions.code, versions.targets or UNSET
        )

    def respond(
        self,
        raws: Sequence[object],
        partial: bool = False,
        fields: Sequence[str] = DEFAULT_FIELDS,
        strict: bool = False,
        costs: Costs | None = None,
        rank: bool = False,
        lines: Sequence[int] = (),
    ) -> ScoreResponse:
        """The answer to a request: the model, and a document for each candidate in order.

        Raises CandidatesError with the faults of every bad candidate before anything is scored, unless `partial`; then a
        problem stands in the place of each. Where `strict`, a candidate with warnings is a bad one. By `costs` each has a
        decision; where `rank`, each has its rank among those of the request. Of candidates that stand on `lines` of a body
        each document is a line, without the model, and each problem names its line.
        """
        readings: list[ParsedCandidate] = []
        errors: dict[int, CandidateError] = {}
        refused: dict[int, msgspec.Raw] = {}
        for place, parsed in enumerate(parse_candidates(raws, self.scorer.parser, strict)):
            if isinstance(parsed, ParsedCandidate):
                readings.append(parsed)
                continue
            # What was meant takes long to find, and many faults are large to keep.
            shown = self._shown < MAX_FAULTS
            self._shown += len(parsed.faults)
            if partial:
                refused[place] = _problem(parsed, shown, {"line": lines[place]} if lines else {})
            else:
                errors[place] = parsed if shown else parsed.counted()
        if errors:
            raise CandidatesError(errors, len(raws))
        predictions = self.predict(readings)
        scores: Iterable[Score | msgspec.Raw] = self.serialize(predictions, fields, costs, rank)
        if refused:
            scored = iter(scores)
            scores = [refused.get(place) or next(scored) for place in range(len(raws))]
        body = _encode_lines(scores) if lines else encode({"model": model_document(self.scorer), "scores": scores})
        return ScoreResponse(body, ScoreCounts.from_predictions(predictions, self.versions.model))

    def predict(self, readings: Sequence[ParsedCandidate]) -> PredictionBatch:
        """What the model says of candidates that were understood."""
        return self.scorer.predict(columns_of(readings), [reading.given for reading in readings])

    def replay(self, said: ScoreId, fields: Sequence[str] = DEFAULT_FIELDS) -> bytes:
        """The document of the score that an id says. Raises ChangedScoreError where it is another one now."""
        predictions = self.predict([self.scorer.parser.parse(said.candidate)])
        ((label, _),), (probability,) = predictions.calls, predictions.called.probability
        said.check(self.scorer.bundle.id, label, probability)
        return encode(*self.serialize(predictions, fields))

    def serialize(
        self,
        predictions: PredictionBatch,
        fields: Sequence[str] = DEFAULT_FIELDS,
        costs: Costs | None = None,
        rank: bool = False,
    ) -> list[Score]:
        """The document of each candidate, with those of its fields that are named, and where wanted its decision and rank."""
        if not predictions.columns.id:
            return []
        names = [*fields, *(companion for name, companion in COMPANIONS.items() if name in fields)]
        columns = [_COLUMNS[name](self, predictions) for name in names]
        if costs:
            names = [*names, "decision"]
            columns.append(self._decisions(predictions, costs))
        if rank:
            names = [*names, "rank", "rank_to"]
            columns += zip(*_ranks(predictions), strict=True)
        document: Callable[..., Any] = Score if set(fields) >= set(DEFAULT_FIELDS) else ScorePart
        return [document(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]

    def _warnings(self, predictions: PredictionBatch) -> Iterable[list[documents.ReadingWarning]]:
        for reading in _readings(predictions):
            warnings = self.scorer.parser.warnings.find(reading.notes, suggest=self._suggested < MAX_FAULTS)
            self._suggested += sum(note.how == "unknown" for note in reading.notes)
            yield list(map(warning_document, warnings))

    def _mechanism(self, mechanism: evidence.Mechanism, cargo: Cargo) -> documents.Mechanism:
        validated = [documents.Target(**asdict(target)) for target in self.scorer.targets.of(cargo.names)]
        neighbours = mechanism.neighbours
        near = documents.Observations(*_observed(neighbours)) if neighbours else UNSET
        return documents.Mechanism(*_observed(mechanism), validated, near)

    def _decisions(self, predictions: PredictionBatch, costs: Costs) -> Iterable[documents.Decision]:
        called, error = predictions.called, self.scorer.calibration_error
        bands = zip(called.low, called.high, strict=True)
        for (_, because), probability, band in zip(predictions.calls, called.probability, bands, strict=True):
            yield _decision(decide(costs, probability, band, because == "domain", error))

    def _contributions(self, predictions: PredictionBatch) -> Iterable[documents.Contributions]:
        baseline = round_number(self.scorer.bundle.model.baseline)
        called = predictions.called
        for source, role, log_odds in zip(predictions.carriers, called.of_role, called.log_odds, strict=True):
            by_field = {field: round_number(value) for field, value in contributions(source, role).items()}
            yield documents.Contributions(baseline, by_field, round_number(log_odds))


def score_document(
    scorer: Scorer, reading: ParsedCandidate, fields: Sequence[str] = DEFAULT_FIELDS, costs: Costs | None = None
) -> dict[str, Any]:
    """The document of one candidate as Python reads it from JSON."""
    serializer = ScoreSerializer(scorer)
    (document,) = serializer.serialize(serializer.predict([reading]), fields, costs)
    return cast(dict[str, Any], decode(encode(document)))


def warning_document(warning: ReadingWarning) -> documents.ReadingWarning:
    """One thing that could not be understood as it was written."""
    assumed = warning.is_assumption or UNSET
    return documents.ReadingWarning(warning.field, warning.given, warning.done, warning.nearest, assumed)


def model_document(scorer: Scorer) -> documents.Model:
    """What an answer says of the model that gave it."""
    return documents.Model(
        id=scorer.bundle.id,
        findings=len(scorer.learned_from),
        papers=scorer.papers,
        lab_findings=scorer.lab_findings,
        retracted=len(scorer.retracted),
        created=scorer.bundle.manifest["created"],
    )


def citation(finding: evidence.Evidence) -> documents.Citation:
    """Where a finding was published, and where that can be read."""
    return documents.Citation(paper=finding.paper, links=addresses(finding.citation), **finding.citation)


def completeness_document(cells: Mapping[str, Any]) -> documents.Completeness:
    """How completely a finding, by its columns, records what studies are to report."""
    counted = completeness(cells)
    if not counted.recorded:
        return documents.Completeness(False, len(ITEMS))
    return documents.Completeness(True, len(ITEMS), len(counted.stated), counted.missing)


def neighbour(near: evidence.Neighbour) -> documents.Neighbour:
    """One of the findings nearest to a candidate."""
    finding = near.evidence
    return documents.Neighbour(
        finding_id=finding.finding_id,
        origin=finding.origin,
        effect=finding.effect,
        likeness=round_number(near.likeness),
        matched={field: round_number(share) for field, share in near.matched.items()},
        candidate=dict(finding.candidate),
        observed=dict(finding.observed),
        function=near.function,
        completeness=completeness_document({**finding.candidate, **finding.observed}),
        citation=citation(finding),
    )


def _readings(predictions: PredictionBatch) -> Iterable[ParsedCandidate]:
    return (ParsedCandidate(ParsedFields(*row)) for row in zip(*predictions.columns, strict=True))


def _candidate(row: tuple[ParsedValue, ...]) -> dict[str, Any]:
    return {name: read.value for name, read in zip(FIELD_BY_NAME, row, strict=True) if read.value}


def _notes(row: tuple[ParsedValue, ...]) -> list[documents.Note]:
    return [
        documents.Note(
            note.field,
            note.given,
            note.used,
            note.how,
            note.identifier or UNSET,
            note.alternatives or UNSET,
            note.remark or UNSET,
        )
        for note in ParsedCandidate(ParsedFields(*row)).notes
    ]


def _percentile(of_all: float, *shared: float | None) -> documents.Percentile:
    return documents.Percentile(
        round_number(of_all), *(UNSET if each is None else round_number(each) for each in shared)
    )


def _domain(result: applicability.DomainResult, distance: float) -> documents.Domain:
    reasons = [documents.Reason(reason.field, reason.says, reason.outside) for reason in result.reasons]
    support = {field: _count(count) for field, count in result.support.items()}
    return documents.Domain(result.inside, reasons, support, round_number(distance))


def _count(count: applicability.Count) -> documents.Count:
    return documents.Count(count.findings, count.papers, count.groups, count.papers - count.attributed)


def _cargo_set(carried: CargoSet | None) -> documents.CargoSet | UnsetType:
    if carried is None:
        return UNSET
    parts = [
        documents.CargoPart(
            type=part.cargo_type,
            name=part.name,
            state=part.state,
            weight=UNSET if part.weight is None else part.weight,
            share=round_number(part.share),
            contribution=round_number(part.contribution),
        )
        for part in carried.parts
    ]
    return documents.CargoSet(carried.rule, parts)


@lru_cache(CACHED_PARTS)
def _known(known: evidence.LiteratureSupport, agrees: bool | None) -> documents.Known:
    return documents.Known(
        consensus=known.says,
        agrees=UNSET if agrees is None else agrees,
        anywhere=_tally(known.anywhere),
        in_this_cancer=UNSET if known.in_this_cancer is None else _tally(known.in_this_cancer),
        findings=known.findings,
    )


def _tally(tally: evidence.EvidenceTally) -> documents.Tally:
    return documents.Tally(
        tally.suppressing_findings,
        tally.suppressing_papers,
        tally.promoting_findings,
        tally.promoting_papers,
        round_number(tally.belief_suppressing),
        round_number(tally.belief_promoting),
        tally.suppressing_lab_findings,
        tally.promoting_lab_findings,
        tally.suppressing_turned,
        tally.promoting_turned,
        tally.suppressing_lab_turned,
        tally.promoting_lab_turned,
        tally.groups,
        tally.papers_without_author,
        [documents.FunctionCount(*map(test.__getattribute__, test.__slots__)) for test in tally.tests],
        tally.loss_of_function,
    )


@lru_cache(CACHED_PARTS)
def _observed(mechanism: evidence.Mechanism) -> tuple[Observed, Observed, Observed, Observed]:
    return (
        _observations(mechanism.post_transcriptional_targets),
        _observations(mechanism.other_targets),
        _observations(mechanism.pathways),
        _observations(mechanism.processes),
    )


def _observations(findings_by_name: Mapping[str, Sequence[str]]) -> Observed:
    return [documents.Observed(name, findings) for name, findings in findings_by_name.items()]


def _flip(flip: Counterfactual) -> documents.Flip:
    return documents.Flip(
        changes=[documents.Change(*change) for change in flip.changes],
        label=flip.label,
        probability_suppressing=round_probability(flip.probability_suppressing),
        inside_domain=flip.inside_domain,
        support=flip.support,
        candidate=flip.candidate.to_dict(),
    )


def _missing(missing: MissingField) -> documents.MissingField:
    lowest, highest = (
        documents.LikelyValue(likely.value, round_probability(likely.probability_suppressing), likely.label)
        for likely in (missing.lowest, missing.highest)
    )
    return documents.MissingField(missing.field, missing.values, lowest, highest, missing.labels)


def _decision(decision: Decision) -> documents.Decision:
    costs, expected = decision.costs, decision.expected
    return documents.Decision(
        choice=decision.choice,
        because=decision.because,
        cost=_or_unset(decision.cost),
        expected_costs=documents.ExpectedCosts(**expected) if expected else UNSET,
        thresholds=documents.Thresholds(costs.suppressing_above, costs.promoting_below),
        sure=_or_unset(decision.is_sure),
        calibration_error=_or_unset(decision.calibration_error),
        costs=documents.StatedCosts(costs.wrong_suppressing, costs.wrong_promoting, _or_unset(costs.undetermined)),
        rests_on=decision.rests_on,
    )


def _or_unset(value: Value | None) -> Value | UnsetType:
    return UNSET if value is None else value


def _ranks(predictions: PredictionBatch) -> Iterable[tuple[int | UnsetType, int | UnsetType]]:
    bands = zip(predictions.calls, predictions.called.low, predictions.called.high, strict=True)
    ranks = rank_bands([None if because == "domain" else (low, high) for (_, because), low, high in bands])
    return [rank or (UNSET, UNSET) for rank in ranks]


def _problem(error: CandidateError, suggest: bool, place: Mapping[str, int]) -> msgspec.Raw:
    # A value that was sent may hold what UTF-8 cannot, such as half of a surrogate pair; json escapes it.
    document = {**place, **problems.of_candidate(error, suggest)}
    return msgspec.Raw(json.dumps(document, separators=(",", ":")).encode())


# The column of each field of a score. No part of the serializer, which would keep itself alive until a collector comes.
_COLUMNS: Mapping[str, Callable[[ScoreSerializer, PredictionBatch], Column]] = {
    "candidate": lambda own, predictions: map(_candidate, zip(*predictions.columns, strict=True)),
    "normalisation": lambda own, predictions: map(_notes, zip(*predictions.columns, strict=True)),
    "warnings": ScoreSerializer._warnings,
    "label": lambda own, predictions: (label for label, _ in predictions.calls),
    "undetermined_because": lambda own, predictions: (reason or UNSET for _, reason in predictions.calls),
    "support": lambda own, predictions: predictions.support,
    "probability_suppressing": lambda own, predictions: map(round_probability, predictions.called.probability),
    "interval": lambda own, predictions: zip(
        map(round_probability, predictions.called.low),
        map(round_probability, predictions.called.high),
        strict=True,
    ),
    "prediction_set": lambda own, predictions: (each.labels for each in predictions.sets),
    "confidence": lambda own, predictions: (round_number(each.confidence) for each in predictions.sets),
    "credibility": lambda own, predictions: (round_number(each.credibility) for each in predictions.sets),
    "percentile": lambda own, predictions: starmap(_percentile, predictions.percentiles),
    "domain": lambda own, predictions: map(_domain, predictions.domains, predictions.distances),
    "known": lambda own, predictions: map(_known, predictions.known, predictions.agrees),
    "mechanism": lambda own, predictions: map(
        own._mechanism, predictions.mechanisms, map(cargo_of, predictions.columns.cargo_name)
    ),
    "cargo_set": lambda own, predictions: map(_cargo_set, predictions.cargo_sets),
    "contributions": ScoreSerializer._contributions,
    "evidence": lambda own, predictions: (
        list(map(neighbour, own.scorer.nearest(reading))) for reading in _readings(predictions)
    ),
    "flips": lambda own, predictions: (
        list(map(_flip, own.scorer.counterfactuals(reading, label)))
        for reading, (label, _) in zip(_readings(predictions), predictions.calls, strict=True)
    ),
    "missing": lambda own, predictions: (
        list(map(_missing, own.scorer.missing(reading))) for reading in _readings(predictions)
    ),
    "summary": lambda own, predictions: predictions.summaries,
    "score_id": lambda own, predictions: predictions.score_ids,
    "versions": lambda own, predictions: [own.versions] * len(predictions.columns.id),
}
