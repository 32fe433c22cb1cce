"""Scores as the documents that people and programs get: one shape for the API and the command line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from models.artifact import Bundle
from models.candidate import Note, Reading
from models.errors import CandidateError, Fault
from models.evidence import Evidence, Mechanism, Neighbour
from models.flips import Flip
from models.scorer import Score, Scorer, Versions
from models.targets import Target
from service import problems
from service.errors import CandidatesError

_ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}


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
            documents.append(document(scorer, scorer.reader.read(_mapping(raw)), include))
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


def document(scorer: Scorer, reading: Reading, include: Collection[str] = ()) -> dict[str, Any]:
    """The document of one candidate's score, with what `include` names."""
    score = scorer.score_reading(reading)
    found: dict[str, Any] = {
        "candidate": score.candidate.stated(),
        "normalisation": [_note(note) for note in score.normalisation],
        "label": score.label,
    }
    if score.undetermined_because:
        found["undetermined_because"] = score.undetermined_because
    found |= {
        "probability_suppressing": score.probability_suppressing,
        "interval": list(score.interval),
        "prediction_set": list(score.prediction_set),
        "confidence": score.confidence,
        "credibility": score.credibility,
        "percentile": _percentile(score),
        "domain": _domain(score),
        "known": _known(score),
        "mechanism": _mechanism(score.mechanism, score.validated_targets),
    }
    if "contributions" in include:
        found["contributions"] = {
            "baseline": score.baseline,
            "fields": dict(score.contributions),
            "log_odds": score.log_odds,
        }
    if "evidence" in include:
        found["evidence"] = [_neighbour(neighbour) for neighbour in scorer.nearest(reading)]
    if "flips" in include:
        found["flips"] = [_flip(flip) for flip in scorer.flips(reading, score.label)]
    return found | {"summary": score.summary, "versions": _versions(score.versions)}


def _note(note: Note) -> dict[str, Any]:
    found: dict[str, Any] = {"field": note.field, "given": note.given, "used": note.used, "how": note.how}
    if note.identifier:
        found["identifier"] = note.identifier
    if note.alternatives:
        found["alternatives"] = list(note.alternatives)
    return found


def _percentile(score: Score) -> dict[str, float]:
    found = {"of_all": score.percentile}
    if score.percentile_of_type is not None:
        found["of_cargo_type"] = score.percentile_of_type
    return found


def _domain(score: Score) -> dict[str, Any]:
    return {
        "inside": score.domain.inside,
        "reasons": [asdict(reason) for reason in score.domain.reasons],
        "support": {field: asdict(count) for field, count in score.domain.support.items()},
        "distance": score.distance,
    }


def _known(score: Score) -> dict[str, Any]:
    found: dict[str, Any] = {"says": score.known.says}
    if score.agrees is not None:
        found["agrees"] = score.agrees
    found["anywhere"] = asdict(score.known.anywhere)
    if score.known.in_this_cancer is not None:
        found["in_this_cancer"] = asdict(score.known.in_this_cancer)
    return found | {"findings": list(score.known.findings)}


def _mechanism(mechanism: Mechanism, validated: Sequence[Target]) -> dict[str, Any]:
    found = {
        name: [{"name": value, "findings": list(ids)} for value, ids in getattr(mechanism, name).items()]
        for name in ("post_transcriptional_targets", "other_targets", "pathways", "processes")
    }
    return found | {"validated_targets": [asdict(target) for target in validated]}


def _versions(versions: Versions) -> dict[str, str]:
    return {name: version for name, version in asdict(versions).items() if version}


def _neighbour(neighbour: Neighbour) -> dict[str, Any]:
    one = neighbour.evidence
    return {
        "finding_id": one.finding_id,
        "effect": one.effect,
        "likeness": neighbour.likeness,
        "matched": dict(neighbour.matched),
        "candidate": dict(one.candidate),
        "observed": dict(one.observed),
        "citation": citation(one),
    }


def citation(one: Evidence) -> dict[str, Any]:
    """Where a finding was published, and where that can be read."""
    return {**one.citation, "paper": one.paper, "links": _links(one.citation)}


def _links(citation: Mapping[str, str]) -> list[str]:
    """Where the paper can be read."""
    return [form.format(citation[name]) for name, form in _ADDRESSES.items() if citation.get(name)]


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "changes": [{"field": field, "from": before, "to": after} for field, before, after in flip.changes],
        "label": flip.label,
        "probability_suppressing": flip.probability_suppressing,
        "inside_domain": flip.inside_domain,
        "support": flip.support,
        "candidate": flip.candidate.stated(),
    }


def _mapping(raw: object) -> Mapping[str, object]:
    if isinstance(raw, dict):
        return raw
    raise CandidateError([Fault("", "wrong_type", "a candidate is an object with fields such as source_phenotype")])
