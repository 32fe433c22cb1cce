"""Scores, reports, words, and the drift of what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, overload

from exoscore_client.transport import Transport
from exoscore_client.types.drift import Drift
from exoscore_client.types.reports import Report
from exoscore_client.types.scores import Candidate, Model, Score, ScoreResponse
from exoscore_client.types.vocabulary import Name, Vocabulary

Include = Literal["evidence", "contributions", "flips"]


class ScoreResult(TypedDict):
    """The model and the scores of candidates that were all good."""

    model: Model
    scores: list[Score]


class ScoringApi(Transport):
    """What is asked of a model."""

    @overload
    def score(
        self, candidates: Sequence[Candidate], *, include: Sequence[Include] = (), model: str | None = None
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
    ) -> ScoreResult | ScoreResponse:
        """The scores of up to 10,000 candidates, in their order, or only `fields` of them.

        With `partial`, a problem stands in place of each bad one's. With `strict`, what would only be warned of is a fault.
        """
        named = {"include": ",".join(include) or None, "fields": ",".join(fields) or None}
        query = {**named, "model": model, "partial": partial or None, "strict": strict or None}
        body = {"candidates": list(candidates)}
        answer: ScoreResponse = self._json("POST", "/v1/scores", query=query, body=body, repeatable=True)
        return answer

    def report(self, candidate: Candidate, *, model: str | None = None) -> Report:
        """The prediction report of one candidate."""
        answer: Report = self._json("GET", "/v1/reports", query=_reported(candidate, model, "json"))
        return answer

    def report_page(self, candidate: Candidate, *, model: str | None = None) -> str:
        """The same report as a page."""
        return self._request("GET", "/v1/reports", query=_reported(candidate, model, "html")).text

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


def _reported(candidate: Candidate, model: str | None, form: str) -> dict[str, object]:
    # A term with a comma in it ends in ; so that it is not taken for several.
    terms = {
        name: [f"{part};" if "," in part else part for part in value] if isinstance(value, list) else value
        for name, value in candidate.items()
    }
    return {**terms, "model": model, "format": form}
