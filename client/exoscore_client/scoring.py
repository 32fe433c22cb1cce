"""Scores, reports, words, and the drift of what is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypedDict, Unpack, overload

from exoscore_client.errors import ProblemError
from exoscore_client.transport import Transport, segment
from exoscore_client.types.drift import Drift
from exoscore_client.types.reports import Report
from exoscore_client.types.scores import Candidate, Model, Problem, Score, ScorePart, ScoreResponse
from exoscore_client.types.vocabulary import Name, Vocabulary

Include = Literal["evidence", "contributions", "flips"]


class Costs(TypedDict, total=False):
    """What decisions cost, in one unit; the first two are needed together."""

    cost_wrong_suppressing: float
    cost_wrong_promoting: float
    cost_undetermined: float


class ScoreResult(TypedDict):
    """The model and the scores of candidates that were all good."""

    model: Model
    scores: list[Score]


class ScoringApi(Transport):
    """What is asked of a model."""

    @overload
    def score(
        self,
        candidates: Sequence[Candidate],
        *,
        include: Sequence[Include] = (),
        model: str | None = None,
        store: bool = ...,
        rank: bool = ...,
        **costs: Unpack[Costs],
    ) -> ScoreResult: ...

    @overload
    def score(
        self,
        candidates: Sequence[Candidate],
        *,
        include: Sequence[Include] = (),
        model: str | None = None,
        partial: bool = ...,
        strict: bool = ...,
        fields: Sequence[str] = ...,
        store: bool = ...,
        rank: bool = ...,
        **costs: Unpack[Costs],
    ) -> ScoreResponse: ...

    def score(
        self,
        candidates: Sequence[Candidate],
        *,
        include: Sequence[Include] = (),
        model: str | None = None,
        partial: bool = False,
        strict: bool = False,
        fields: Sequence[str] = (),
        store: bool = True,
        rank: bool = False,
        **costs: Unpack[Costs],
    ) -> ScoreResult | ScoreResponse:
        """The scores of up to 10,000 candidates, in their order, or only `fields` of them.

        With `partial`, a problem stands in place of each bad one's. With `strict`, what would only be warned of is a fault.
        With `rank`, each has its rank among them, and with `costs` the decision that costs least. Unless `store`, the service
        counts nothing of them.
        """
        named = _scored(include, fields, model, strict, store)
        query = {**named, "partial": partial or None, "rank": rank or None, **costs}
        body = {"candidates": list(candidates)}
        answer: ScoreResponse = self._json("POST", "/v1/scores", query=query, body=body, repeatable=True)
        return answer

    def score_lines(
        self,
        candidates: Iterable[Candidate],
        *,
        include: Sequence[Include] = (),
        model: str | None = None,
        strict: bool = False,
        fields: Sequence[str] = (),
        store: bool = True,
        **costs: Unpack[Costs],
    ) -> Iterator[Score | ScorePart | Problem]:
        """The scores of any number of candidates, in their order; a problem stands in place of each bad one's.

        Neither they nor the candidates are held in memory. All candidates are sent before the first score comes. With `costs`
        each has the decision that costs least.
        """
        lines = (json.dumps(candidate).encode() + b"\n" for candidate in candidates)
        named = {name: value for name, value in _scored(include, fields, model, strict, store).items() if value}
        numbers = {name: cost for name, cost in costs.items() if isinstance(cost, int | float)}
        headers = {"Content-Type": "application/x-ndjson"}
        with self._http.stream(
            "POST", "/v1/scores", params={**named, **numbers}, content=lines, headers=headers
        ) as answer:
            if not answer.is_success:
                answer.read()
                raise ProblemError.of(answer)
            for line in answer.iter_lines():
                yield json.loads(line)

    def get_score(self, score_id: str, *, include: Sequence[Include] = (), fields: Sequence[str] = ()) -> Score:
        """A score again by its id, from the same model, or only `fields` of it."""
        query = {"include": ",".join(include) or None, "fields": ",".join(fields) or None}
        answer: Score = self._json("GET", f"/v1/scores/{segment(score_id)}", query=query)
        return answer

    def report(self, candidate: Candidate, *, model: str | None = None, **costs: Unpack[Costs]) -> Report:
        """The prediction report of one candidate, with `costs` the decision that costs least too."""
        answer: Report = self._json("GET", "/v1/reports", query=_reported(candidate, model, "json") | costs)
        return answer

    def report_page(self, candidate: Candidate, *, model: str | None = None, **costs: Unpack[Costs]) -> str:
        """The same report as a page."""
        return self._request("GET", "/v1/reports", query=_reported(candidate, model, "html") | costs).text

    def vocabulary(self, field: str | None = None) -> Vocabulary:
        """The terms of every field, or of one."""
        answer: Vocabulary = self._json("GET", "/v1/vocabulary", query={"field": field})
        return answer

    def read_name(self, q: str, *, cargo_type: str | None = None) -> Name:
        """How a name is understood, as a cargo and as a term of each field."""
        answer: Name = self._json("GET", "/v1/names", query={"q": q, "cargo_type": cargo_type})
        return answer

    def drift(self, days: int = 30) -> Drift:
        """The candidates of the last days against the training table of the current model."""
        answer: Drift = self._json("GET", "/v1/drift", query={"days": days})
        return answer


def _scored(
    include: Sequence[str], fields: Sequence[str], model: str | None, strict: bool, store: bool
) -> Mapping[str, str | None]:
    return {
        "include": ",".join(include) or None,
        "fields": ",".join(fields) or None,
        "model": model,
        "strict": "true" if strict else None,
        "store": None if store else "false",
    }


def _reported(candidate: Candidate, model: str | None, form: str) -> dict[str, object]:
    # A term with a comma in it ends in ; so that it is not taken for several.
    terms = {
        name: [f"{part};" if "," in part else part for part in value] if isinstance(value, list) else value
        for name, value in candidate.items()
    }
    return {**terms, "model": model, "format": form}
