"""Scores as the documents that people and programs get: one shape, and one place that writes it, for every door."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models.artifact import Bundle
from models.candidate import Reading
from models.compiled import contributions
from models.errors import CandidateError, Fault
from models.evidence import Evidence, Neighbour
from models.flips import Flip
from models.scorer import Judgement, Scorer
from service import problems
from service.errors import CandidatesError
from service.fragments import Fragments, decode, encode
from service.remembered import Remembered

_Written = tuple[dict[int, bytes], dict[int, CandidateError]]

_ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}


_DOCUMENT = (
    b'{"candidate":{%b},"normalisation":[%b],"label":"%b"%b,"probability_suppressing":%b,"interval":%b,%b,'
    b'"domain":{"inside":%b,"reasons":[%b],"support":{%b},"distance":%b},"known":%b,"mechanism":{%b,%b}%b,'
    b'"summary":%b,"versions":%b}'
)


class Answers:
    """Writes what one scorer says as JSON, in UTF-8."""

    def __init__(self, scorer: Scorer, remembered: Remembered | None = None) -> None:
        """Without `remembered`, every document is written anew."""
        self.scorer = scorer
        self._fragments = Fragments(scorer)
        self._remembered = remembered or Remembered(0)
        self._of_model = encode(model(scorer.bundle))

    def answer(self, given: Sequence[object], partial: bool = False, include: Collection[str] = ()) -> bytes:
        """The answer to a request: the model, and a document for each candidate in order.

        Raises CandidatesError with the faults of every bad candidate, unless `partial`; then a problem stands in its place.
        """
        return self._joined(self._written(dict(enumerate(given)), include), len(given), partial)

    def answer_to_texts(self, texts: Sequence[bytes], partial: bool = False, include: Collection[str] = ()) -> bytes:
        """The same answer to candidates given as texts of JSON, of which those met last are remembered.

        Raises CandidatesError, and msgspec.DecodeError where a text is no JSON or holds what UTF-8 cannot.
        """
        prefix = encode((self.scorer.versions, sorted(include)))
        keys = [prefix + text for text in texts]
        known = self._remembered.among(keys)
        fresh = {position: decode(texts[position]) for position, key in enumerate(keys) if key not in known}
        written, faults = self._written(fresh, include)
        self._remembered.keep({keys[position]: document for position, document in written.items()})
        met = {position: known[key] for position, key in enumerate(keys) if key in known}
        return self._joined((written | met, faults), len(texts), partial)

    def document(self, reading: Reading, include: Collection[str] = ()) -> bytes:
        """The document of one candidate's score, with what `include` names."""
        return self._document(reading, self.scorer.judge(reading.reads), include)

    def _joined(self, of: _Written, given: int, partial: bool) -> bytes:
        documents, faults = of
        if faults and not partial:
            raise CandidatesError(faults, given)
        documents |= {position: _problem(error) for position, error in faults.items()}
        return b'{"model":%b,"scores":[%b]}' % (self._of_model, b",".join(map(documents.__getitem__, range(given))))

    def _written(self, given: Mapping[int, object], include: Collection[str]) -> _Written:
        """The documents of candidates, and the faults of those that cannot be understood, by their positions."""
        readings: dict[int, Reading] = {}
        faults: dict[int, CandidateError] = {}
        for position, raw in given.items():
            try:
                readings[position] = self.scorer.reader.read(_mapping(raw))
            except CandidateError as error:
                faults[position] = error
        judged = self.scorer.judge_all([reading.reads for reading in readings.values()])
        documents = {
            position: self._document(reading, found, include)
            for (position, reading), found in zip(readings.items(), judged, strict=True)
        }
        return documents, faults

    def _document(self, reading: Reading, found: Judgement, include: Collection[str]) -> bytes:
        pieces, called = self._fragments, found.called
        _, cell, phenotype, stimuli, species, kind, cargo, state, engineering, tumour, recipients = told = [
            piece(read) for piece, read in zip(pieces.fields, reading.reads, strict=True)
        ]
        notes = [cell, stimuli, species, kind, state, engineering, tumour, recipients, phenotype, cargo]
        source, of_cargo, of_tumour = [pieces.grounds(part) for part in found.domain]
        reasons = source.never + source.rarely + of_tumour.rarely + of_cargo.never + of_tumour.never
        support = source.support + of_cargo.support + source.state + of_tumour.support + source.together
        return _DOCUMENT % (
            b"".join([one.member for one in told])[1:],
            b"".join([one.notes for one in notes])[1:],
            found.label.encode(),
            b',"undetermined_because":"%b"' % found.because.encode() if found.because else b"",
            encode(called.probability),
            encode((called.low, called.high)),
            pieces.standing(found.standing),
            b"true" if found.inside else b"false",
            reasons[1:],
            support[1:],
            encode(found.distance),
            pieces.known(found.known, found.agrees),
            pieces.observed(found.mechanism),
            pieces.validated(reading.carried),
            self._included(reading, found, include) if include else b"",
            encode(found.summary),
            pieces.versions,
        )

    def _included(self, reading: Reading, found: Judgement, include: Collection[str]) -> bytes:
        """What is only told on request, after a comma."""
        called = found.called
        told: dict[str, object] = {}
        if "contributions" in include:
            told["contributions"] = {
                "baseline": self.scorer.bundle.model.baseline,
                "fields": contributions(found.carrier, called),
                "log_odds": called.log_odds,
            }
        if "evidence" in include:
            told["evidence"] = [_neighbour(neighbour) for neighbour in self.scorer.nearest(reading)]
        if "flips" in include:
            told["flips"] = [_flip(flip) for flip in self.scorer.flips(reading, found.label)]
        return b",%b" % encode(told)[1:-1] if told else b""


def document(scorer: Scorer, reading: Reading, include: Collection[str] = ()) -> dict[str, Any]:
    """The document of one candidate's score, as Python sees it."""
    found: dict[str, Any] = decode(Answers(scorer).document(reading, include))
    return found


def model(bundle: Bundle) -> dict[str, Any]:
    """What an answer says of the model that gave it."""
    manifest = bundle.manifest
    return {"id": bundle.id, **manifest["trained_on"], "created": manifest["created"]}


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


def _problem(error: CandidateError) -> bytes:
    # What was given may hold what UTF-8 cannot, such as half of a surrogate pair; json escapes it.
    return json.dumps(problems.of_candidate(error), separators=(",", ":")).encode()


def _mapping(raw: object) -> Mapping[str, object]:
    if isinstance(raw, dict):
        return raw
    raise CandidateError([Fault("", "wrong_type", "a candidate is an object with fields such as source_phenotype")])
