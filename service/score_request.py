"""A request to `POST /v1/scores` as it comes in: cut into candidates where it is plain, else read by the schemas.

The schemas say what is wrong with a request. What they would refuse is never taken for plain, so there is one set of problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from service.answers import ALL, Answer, Answers
from service.given import NO_JSON, texts_of
from service.members import chosen
from service.openapi import Parser
from service.schemas.candidate import ScoreRequestSchema
from service.schemas.score import ScoreQuerySchema

_PARSER = Parser()
_BODY, _QUERY = ScoreRequestSchema(), ScoreQuerySchema()


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What a request asks for: `told` are the members of each score, `model` pins one, `partial` puts problems in the places of
    bad candidates."""

    request: Request = field(repr=False)
    texts: Sequence[bytes] | None = None
    told: tuple[str, ...] = ALL
    model: str | None = None
    partial: bool = False

    @classmethod
    def read(cls, request: Request) -> ScoreRequest:
        """The request. Raises HTTPException with every fault of the body, else of the query."""
        texts = _texts(request)
        if texts is None:
            _candidates(request)
        if not request.query_string:
            return cls(request, texts)
        if texts is not None:
            # What is wrong with the body is told before what is wrong with the query.
            _candidates(request)
        query: dict[str, Any] = _PARSER.parse(_QUERY, request, location="query")
        told = chosen(query.get("include", ()), query.get("told", ()))
        return cls(request, texts, told, query.get("model"), query["score_the_good"])

    def answered_by(self, writer: Answers) -> Answer:
        """The answer. Raises CandidatesError, and HTTPException where a candidate's text turns out to be no JSON."""
        if self.texts is not None:
            try:
                return writer.answer_to_texts(self.texts, self.partial, self.told)
            except NO_JSON:
                pass
        return writer.answer(_candidates(self.request), self.partial, self.told)


def _texts(request: Request) -> Sequence[bytes] | None:
    return texts_of(request.get_data()) if request.is_json else None


def _candidates(request: Request) -> Sequence[object]:
    """The candidates of a body, by its schema. Raises HTTPException with every fault of the body."""
    body: dict[str, Any] = _PARSER.parse(_BODY, request, location="json")
    found: Sequence[object] = body["candidates"]
    return found
