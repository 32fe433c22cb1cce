"""Scores as the documents that people and programs get: one shape for the API and the command line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from models.artifact import Bundle
from models.candidate import Note
from models.domain import Domain
from models.errors import CandidateError, Fault
from models.scorer import Score, Scorer
from service import problems
from service.errors import CandidatesError


def score_all(
    scorer: Scorer, given: Sequence[object], partial: bool = False, include: Collection[str] = ()
) -> dict[str, Any]:
    """The answer to a request: the model, and a document for each candidate in order.

    Raises CandidatesError with the faults of every bad candidate, unless `partial`; then a problem stands in its place.
    """
    documents: list[dict[str, Any]] = []
    faults: dict[int, CandidateError] = {}
    for position, raw in enumerate(given):
        try:
            documents.append(document(scorer.score(_mapping(raw)), include))
        except CandidateError as error:
            faults[position] = error
            documents.append(problems.of_candidate(error))
    if faults and not partial:
        raise CandidatesError(faults, len(given))
    return {"model": model(scorer.bundle), "scores": documents}


def model(bundle: Bundle) -> dict[str, Any]:
    """What an answer says of the model that gave it."""
    manifest = bundle.manifest
    return {"id": bundle.id, **manifest["trained_on"], "created": manifest["created"]}


def document(score: Score, include: Collection[str] = ()) -> dict[str, Any]:
    """The document of one score."""
    found: dict[str, Any] = {
        "candidate": score.candidate.stated(),
        "normalisation": [_note(note) for note in score.normalisation],
        "label": score.label,
    }
    if score.undetermined_because:
        found["undetermined_because"] = score.undetermined_because
    found |= {
        "probability_suppressing": score.probability_suppressing,
        "prediction_set": list(score.prediction_set),
        "confidence": score.confidence,
        "credibility": score.credibility,
        "domain": _domain(score.domain),
    }
    if "contributions" in include:
        found["contributions"] = {
            "baseline": score.baseline,
            "fields": dict(score.contributions),
            "log_odds": score.log_odds,
        }
    return found | {"summary": score.summary, "versions": asdict(score.versions)}


def _note(note: Note) -> dict[str, Any]:
    found: dict[str, Any] = {"field": note.field, "given": note.given, "used": note.used, "how": note.how}
    if note.identifier:
        found["identifier"] = note.identifier
    if note.alternatives:
        found["alternatives"] = list(note.alternatives)
    return found


def _domain(domain: Domain) -> dict[str, Any]:
    return {
        "inside": domain.inside,
        "reasons": [asdict(reason) for reason in domain.reasons],
        "support": {field: asdict(count) for field, count in domain.support.items()},
    }


def _mapping(raw: object) -> Mapping[str, object]:
    if isinstance(raw, dict):
        return raw
    raise CandidateError([Fault("", "wrong_type", "a candidate is an object with fields such as source_phenotype")])
