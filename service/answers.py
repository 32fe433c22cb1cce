"""Scores as the documents that people and programs get: one shape, and one place that writes it, for every door."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Annotated, Any

import msgspec
from msgspec.structs import astuple

from models.artifact import Bundle
from models.candidate import FIELDS, MAX_LIST, MAX_TEXT, Given, ReadColumns, Reading, Reads, cargo_of
from models.compiled import contributions
from models.errors import CandidateError, Fault
from models.evidence import Evidence, Neighbour
from models.flips import Flip
from models.memo import Memo
from models.scorer import Judgements, Scorer
from service import problems
from service.errors import CandidatesError
from service.fragments import Fragments, Grounds, decode, encode
from service.remembered import Remembered

# A document, or why there is none.
Written = bytes | CandidateError

_ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}


_DOCUMENT = (
    b'{"candidate":{%b},"normalisation":[%b],%b,"probability_suppressing":%b,"interval":%b,%b,'
    b'"domain":{"inside":%b,"reasons":[%b],"support":{%b},"distance":%b},"known":%b,"mechanism":{%b,%b}%b,'
    b'"summary":%b,"versions":%b}'
)


_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
_Texts = _Text | Annotated[tuple[_Text, ...], msgspec.Meta(max_length=MAX_LIST)]


_Given = msgspec.defstruct(
    "Given",
    [(one.name, (_Texts if one.many else _Text) | None, None) for one in FIELDS],
    forbid_unknown_fields=True,
)
_read_given = msgspec.json.Decoder(_Given).decode


class Answers:
    """Writes what one scorer says as JSON, in UTF-8."""

    def __init__(self, scorer: Scorer, remembered: Remembered | None = None) -> None:
        """Without `remembered`, every document is written anew."""
        self.scorer = scorer
        self._fragments = Fragments(scorer)
        self._remembered = remembered or Remembered(0)
        self._of_model = encode(model(scorer.bundle))
        self._prefix = Memo(self._distinguished)

    def answer(self, given: Sequence[object], partial: bool = False, include: Collection[str] = ()) -> bytes:
        """The answer to a request: the model, and a document for each candidate in order.

        Raises CandidatesError with the faults of every bad candidate, unless `partial`; then a problem stands in its place.
        """
        return self._joined(self._one_by_one(given, include), partial)

    def answer_to_texts(self, texts: Sequence[bytes], partial: bool = False, include: Collection[str] = ()) -> bytes:
        """The same answer to candidates given as texts of JSON, of which those met last are remembered.

        Raises CandidatesError, and what `decode` raises where a text is no JSON.
        """
        prefix = self._prefix[tuple(include)]
        keys = [prefix + text for text in texts]
        known = self._remembered.among(keys)
        places = [place for place, key in enumerate(keys) if key not in known]
        fresh = dict(zip(places, self._in_columns([texts[place] for place in places], include), strict=True))
        self._remembered.keep({keys[place]: one for place, one in fresh.items() if isinstance(one, bytes)})
        return self._joined([known[key] if key in known else fresh[place] for place, key in enumerate(keys)], partial)

    def documents(self, columns: ReadColumns, include: Collection[str] = ()) -> list[bytes]:
        """The documents of candidates that have been understood, with what `include` names."""
        found = self.scorer.judge(columns)
        pieces = self._fragments
        members = [
            [piece(read) for piece, read in zip(pieces.members, row, strict=True)] for row in zip(*columns, strict=True)
        ]
        # The phenotype, which depends on the cell, and the cargo, which depends on its type, are noted last.
        _, cell, phenotype, stimuli, species, cargo_type, cargo, *rest = columns
        noted = zip(cell, stimuli, species, cargo_type, *rest, phenotype, cargo, strict=True)
        domains = list(map(_domain, *map(pieces.grounds.of_all, found.parts)))
        written = (
            [b"".join(row)[1:] for row in members],
            [b"".join([pieces.notes[read] for read in row if read.notes])[1:] for row in noted],
            pieces.call.of_all(found.calls),
            list(map(encode, found.called.probability)),
            list(map(encode, zip(found.called.low, found.called.high, strict=True))),
            pieces.standing.of_all(found.standings),
            list(map(encode, found.inside)),
            [reasons for reasons, _ in domains],
            [support for _, support in domains],
            list(map(encode, found.distances)),
            pieces.known.of_all(zip(found.known, found.agrees, strict=True)),
            pieces.observed.of_all(found.mechanisms),
            pieces.validated.of_all(map(cargo_of, cargo)),
            self._included(columns, found, include) if include else repeat(b"", len(domains)),
            list(map(encode, found.summaries())),
            repeat(pieces.versions, len(domains)),
        )
        return list(map(_DOCUMENT.__mod__, zip(*written, strict=True)))

    def _distinguished(self, include: tuple[str, ...]) -> bytes:
        """What sets the documents of this scorer apart from those of others, and from those with more or less in them."""
        return encode((self.scorer.versions, sorted(include)))

    def _joined(self, documents: Sequence[Written], partial: bool) -> bytes:
        faults = {place: one for place, one in enumerate(documents) if isinstance(one, CandidateError)}
        if faults and not partial:
            raise CandidatesError(faults, len(documents))
        written = (_problem(one) if isinstance(one, CandidateError) else one for one in documents)
        return b'{"model":%b,"scores":[%b]}' % (self._of_model, b",".join(written))

    def _in_columns(self, texts: Sequence[bytes], include: Collection[str]) -> Sequence[Written]:
        """The documents of candidates given as texts, all at once if they can be understood."""
        if not texts:
            return []
        try:
            given: Reads[Sequence[Given]] = Reads(*zip(*(map(astuple, map(_read_given, texts))), strict=True))
            return self.documents(self.scorer.reader.read_columns(given), include)
        except (msgspec.ValidationError, CandidateError):
            return self._one_by_one(list(map(decode, texts)), include)

    def _one_by_one(self, given: Sequence[object], include: Collection[str]) -> list[Written]:
        """The documents of candidates, and the faults of those that cannot be understood in their places."""
        found: list[Reading | CandidateError] = []
        for raw in given:
            try:
                found.append(self.scorer.reader.read(_mapping(raw)))
            except CandidateError as error:
                found.append(error)
        understood = [one.reads for one in found if isinstance(one, Reading)]
        written = iter(self.documents(Reads(*zip(*understood, strict=True)), include) if understood else ())
        return [next(written) if isinstance(one, Reading) else one for one in found]

    def _included(self, columns: ReadColumns, found: Judgements, include: Collection[str]) -> Iterator[bytes]:
        """What is only told on request, after a comma."""
        scorer, called = self.scorer, found.called
        rows = zip(*columns, strict=True)
        numbers = zip(found.carriers, called.of_role, called.log_odds, found.calls, strict=True)
        for row, (carrier, of_role, log_odds, (label, _)) in zip(rows, numbers, strict=True):
            reading = Reading(Reads(*row))
            told: dict[str, object] = {}
            if "contributions" in include:
                told["contributions"] = {
                    "baseline": scorer.bundle.model.baseline,
                    "fields": contributions(carrier, of_role),
                    "log_odds": log_odds,
                }
            if "evidence" in include:
                told["evidence"] = [_neighbour(neighbour) for neighbour in scorer.nearest(reading)]
            if "flips" in include:
                told["flips"] = [_flip(flip) for flip in scorer.flips(reading, label)]
            yield b",%b" % encode(told)[1:-1] if told else b""


def document(scorer: Scorer, reading: Reading, include: Collection[str] = ()) -> dict[str, Any]:
    """The document of one candidate's score, as Python sees it."""
    (written,) = Answers(scorer).documents(reading.columns, include)
    found: dict[str, Any] = decode(written)
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


def _domain(source: Grounds, cargo: Grounds, tumour: Grounds) -> tuple[bytes, bytes]:
    """The reasons and the support of one domain, each in its order."""
    reasons = source.never + source.rarely + tumour.rarely + cargo.never + tumour.never
    support = source.support + cargo.support + source.state + tumour.support + source.together
    return reasons[1:], support[1:]


def _problem(error: CandidateError) -> bytes:
    # What was given may hold what UTF-8 cannot, such as half of a surrogate pair; json escapes it.
    return json.dumps(problems.of_candidate(error), separators=(",", ":")).encode()


def _mapping(raw: object) -> Mapping[str, object]:
    if isinstance(raw, dict):
        return raw
    raise CandidateError([Fault("", "wrong_type", "a candidate is an object with fields such as source_phenotype")])
