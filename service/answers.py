"""Scores as the documents that people and programs get: one shape, and one place that writes it, for every door."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from models.artifact import Bundle
from models.candidate import Given, ReadColumns, Reading, Reads
from models.errors import CandidateError, Fault
from models.judgements import Judgements
from models.memo import Memo
from models.scorer import Scorer
from service import problems
from service.counted import Counted, Sums
from service.errors import CandidatesError
from service.fragments import decode, encode
from service.given import read_given
from service.members import Members, chosen
from service.remembered import Document, Remembered

# A document, or why there is none.
Written = Document | CandidateError

ALL = chosen()


class Answer(NamedTuple):
    """The body of an answer, and what is counted of the candidates that it scores."""

    body: bytes
    counted: Sums


class Answers:
    """Writes what one scorer says as JSON, in UTF-8. `told` are the members of each document, as `chosen` orders them."""

    def __init__(self, scorer: Scorer, remembered: Remembered | None = None) -> None:
        """Without `remembered`, every document is written anew."""
        self.scorer = scorer
        self._members = Memo[tuple[str, ...], Members](lambda told: Members(scorer, told))
        self._prefix = Memo[tuple[str, ...], bytes](lambda told: encode((scorer.versions, told)))
        self._remembered = remembered or Remembered(0)
        self._of_model = encode(model(scorer.bundle))

    def answer(self, given: Sequence[object], partial: bool = False, told: tuple[str, ...] = ALL) -> Answer:
        """The answer to a request: the model, and a document for each candidate in order.

        Raises CandidatesError with the faults of every bad candidate, unless `partial`; then a problem stands in its place.
        """
        return self._joined(self._one_by_one(given, told), partial)

    def answer_to_texts(self, texts: Sequence[bytes], partial: bool = False, told: tuple[str, ...] = ALL) -> Answer:
        """The same answer to candidates given as texts of JSON, of which those met last are remembered.

        Raises CandidatesError, and what `decode` raises where a text is no JSON.
        """
        return self._joined(self._written(texts, told), partial)

    def answers_to_texts(self, requests: Sequence[Sequence[bytes]], told: tuple[str, ...] = ALL) -> list[Answer | None]:
        """The same answers to several requests, all of whose candidates are scored together; None where one is bad.

        Raises what `decode` raises where a text is no JSON.
        """
        written = iter(self._written(list(chain.from_iterable(requests)), told))
        by_request = [list(islice(written, len(texts))) for texts in requests]
        return [
            None
            if any(isinstance(one, CandidateError) for one in documents)
            else self._joined(documents, partial=False)
            for documents in by_request
        ]

    def _written(self, texts: Sequence[bytes], told: tuple[str, ...]) -> Sequence[Written]:
        prefix = self._prefix[told]
        keys = [prefix + text for text in texts]
        known = self._remembered.among(keys)
        places = [place for place, key in enumerate(keys) if key not in known]
        fresh = dict(zip(places, self._in_columns([texts[place] for place in places], told), strict=True))
        self._remembered.keep({keys[place]: one for place, one in fresh.items() if isinstance(one, Document)})
        return [known[key] if key in known else fresh[place] for place, key in enumerate(keys)]

    def documents(self, columns: ReadColumns, told: tuple[str, ...] = ALL) -> list[Document]:
        """The documents of candidates that have been understood."""
        found = self.scorer.judge(columns)
        return list(map(Document, self._members[told].write(found), _counted(found)))

    def _joined(self, documents: Sequence[Written], partial: bool) -> Answer:
        faults = {place: one for place, one in enumerate(documents) if isinstance(one, CandidateError)}
        if faults and not partial:
            raise CandidatesError(faults, len(documents))
        texts = [_problem(one) if isinstance(one, CandidateError) else one.text for one in documents]
        return self._answer(b",".join(texts), Sums.of([one.counted for one in documents if isinstance(one, Document)]))

    def _answer(self, documents: bytes, counted: Sums) -> Answer:
        return Answer(b'{"model":%b,"scores":[%b]}' % (self._of_model, documents), counted)

    def _in_columns(self, texts: Sequence[bytes], told: tuple[str, ...]) -> Sequence[Written]:
        """The documents of candidates given as texts, all at once if they can be understood."""
        if not texts:
            return []
        try:
            given: Reads[Sequence[Given]] = Reads(*zip(*(map(astuple, map(read_given, texts))), strict=True))
            return self.documents(self.scorer.reader.read_columns(given), told)
        except (msgspec.ValidationError, CandidateError):
            return self._one_by_one(list(map(decode, texts)), told)

    def _one_by_one(self, given: Sequence[object], told: tuple[str, ...]) -> list[Written]:
        """The documents of candidates, and the faults of those that cannot be understood in their places."""
        found: list[Reading | CandidateError] = []
        for raw in given:
            try:
                found.append(self.scorer.reader.read(_mapping(raw)))
            except CandidateError as error:
                found.append(error)
        understood = [one.reads for one in found if isinstance(one, Reading)]
        written = iter(self.documents(Reads(*zip(*understood, strict=True)), told) if understood else ())
        return [next(written) if isinstance(one, Reading) else one for one in found]


def document(scorer: Scorer, reading: Reading, include: Collection[str] = ()) -> dict[str, Any]:
    """The document of one candidate's score, as Python sees it, with what to `include`."""
    (written,) = Answers(scorer).documents(reading.columns, chosen(include))
    found: dict[str, Any] = decode(written.text)
    return found


def model(bundle: Bundle) -> dict[str, Any]:
    """What an answer says of the model that gave it."""
    manifest = bundle.manifest
    return {"id": bundle.id, **manifest["trained_on"], "created": manifest["created"]}


def _counted(found: Judgements) -> Iterable[Counted]:
    columns = found.columns
    values = zip(
        *(
            [read.value for read in column]
            for column in (
                columns.source_cell,
                columns.source_phenotype,
                columns.cargo_type,
                columns.cargo_state,
                columns.cancer_type,
                columns.engineering,
            )
        ),
        strict=True,
    )
    for (label, because), stated, cargo, one, two, three in zip(
        found.calls, values, columns.cargo_name, *found.parts, strict=True
    ):
        outside = one.outside + two.outside + three.outside if because else ()
        yield Counted(label, because, outside, stated, cargo.cargo.hows)


def _problem(error: CandidateError) -> bytes:
    # What was given may hold what UTF-8 cannot, such as half of a surrogate pair; json escapes it.
    return json.dumps(problems.of_candidate(error), separators=(",", ":")).encode()


def _mapping(raw: object) -> Mapping[str, object]:
    if isinstance(raw, dict):
        return raw
    raise CandidateError([Fault("", "wrong_type", "a candidate is an object with fields such as source_phenotype")])
