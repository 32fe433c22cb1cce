"""The registry of models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, overload

from exoscore_client.batches import KINDS
from exoscore_client.transport import Transport, segment
from exoscore_client.types.jobs import Job
from exoscore_client.types.models import (
    ComparisonOnCandidates,
    Current,
    Datasheet,
    DifferenceBetween,
    ModelCard,
    ModelDetail,
    Models,
    RegisteredModel,
    Scorecard,
)
from exoscore_client.types.scores import Candidate


class Registry(Transport):
    """The models that are kept, and which of them is the current one."""

    def list_models(self) -> Models:
        """The models and the moves of the pointer to the current one."""
        answer: Models = self._json("GET", "/v1/models")
        return answer

    def get_model(self, model_id: str) -> ModelDetail:
        """A model with its figures."""
        answer: ModelDetail = self._json("GET", _address(model_id))
        return answer

    def compare_models(self, model_id: str, to: str | None = None) -> DifferenceBetween:
        """What two models say of the curated candidates; by default the other is the current one."""
        answer: DifferenceBetween = self._json("GET", _address(model_id, "difference"), query={"to": to})
        return answer

    @overload
    def compare_models_on(
        self,
        model_id: str,
        candidates: Sequence[Candidate] | Path,
        to: str | None = None,
        *,
        sheet: str | None = None,
        format: Literal["json"] = "json",
    ) -> ComparisonOnCandidates: ...

    @overload
    def compare_models_on(
        self,
        model_id: str,
        candidates: Sequence[Candidate] | Path,
        to: str | None = None,
        *,
        sheet: str | None = None,
        format: Literal["csv"],
    ) -> str: ...

    def compare_models_on(
        self,
        model_id: str,
        candidates: Sequence[Candidate] | Path,
        to: str | None = None,
        *,
        sheet: str | None = None,
        format: Literal["json", "csv"] = "json",  # noqa: A002 (the name of the parameter)
    ) -> ComparisonOnCandidates | str:
        """What two models predict of candidates, or of the rows of a file (a Path), and where they differ; by default the other
        is the current one. As a table with format="csv". Raises KeyError where the suffix of the file is none that is read."""
        query = {"to": to, "sheet": sheet, "format": format}
        address = _address(model_id, "difference")
        if isinstance(candidates, Path):
            headers = {"Content-Type": KINDS[candidates.suffix.lower()]}
            content = candidates.read_bytes()
            response = self._request("POST", address, query=query, content=content, headers=headers, repeatable=True)
        else:
            body = {"candidates": list(candidates)}
            response = self._request("POST", address, query=query, body=body, repeatable=True)
        if format == "csv":
            return response.text
        answer: ComparisonOnCandidates = response.json()
        return answer

    @overload
    def get_scorecard(self, model_id: str, *, cargos: bool = False, format: Literal["json"] = "json") -> Scorecard: ...

    @overload
    def get_scorecard(self, model_id: str, *, cargos: bool = False, format: Literal["tsv"]) -> str: ...

    def get_scorecard(
        self,
        model_id: str,
        *,
        cargos: bool = False,
        format: Literal["json", "tsv"] = "json",  # noqa: A002 (the name of the parameter)
    ) -> Scorecard | str:
        """The points that a score of a model is the sum of, with those of every cargo if wanted; as a table with format="tsv"."""
        response = self._request("GET", _address(model_id, "scorecard"), query={"cargos": cargos, "format": format})
        if format == "tsv":
            return response.text
        answer: Scorecard = response.json()
        return answer

    @overload
    def get_card(self, model_id: str, *, format: Literal["json"] = "json") -> ModelCard: ...

    @overload
    def get_card(self, model_id: str, *, format: Literal["markdown", "html"]) -> str: ...

    def get_card(
        self,
        model_id: str,
        *,
        format: Literal["json", "markdown", "html"] = "json",  # noqa: A002 (the name of the parameter)
    ) -> ModelCard | str:
        """The card of a model: what it is for, what it was trained on, and how good it is; as a text with another format."""
        answer: ModelCard | str = self._sheet(model_id, "card", format)
        return answer

    @overload
    def get_datasheet(self, model_id: str, *, format: Literal["json"] = "json") -> Datasheet: ...

    @overload
    def get_datasheet(self, model_id: str, *, format: Literal["markdown", "html"]) -> str: ...

    def get_datasheet(
        self,
        model_id: str,
        *,
        format: Literal["json", "markdown", "html"] = "json",  # noqa: A002 (the name of the parameter)
    ) -> Datasheet | str:
        """The datasheet of the findings that a model was trained on; as a text with another format."""
        answer: Datasheet | str = self._sheet(model_id, "datasheet", format)
        return answer

    def _sheet(self, model_id: str, name: str, form: str) -> Any:
        """A document of a model as JSON, or as the text of another format."""
        response = self._request("GET", _address(model_id, name), query={"format": form})
        return response.json() if form == "json" else response.text

    def ask_gate(self, model_id: str) -> Job:
        """Has the gate compare a model with the current one: a job."""
        answer: Job = self._json("POST", _address(model_id, "gate"))
        return answer

    def promote_model(self, model_id: str, *, reason: str, force: bool = False) -> Current:
        """Makes a model the current one, if the gate recommends it, or forced."""
        body = {"force": force, "reason": reason}
        answer: Current = self._json("POST", _address(model_id, "promote"), body=body)
        return answer

    def roll_back(self, *, reason: str) -> Current:
        """Makes the model current again that was so before the current one."""
        answer: Current = self._json("POST", "/v1/models/rollback", body={"reason": reason})
        return answer

    def roll_back_from(self, model_id: str, *, reason: str) -> Current:
        """Rolls back from a model, if it is the current one."""
        answer: Current = self._json("POST", _address(model_id, "rollback"), body={"reason": reason})
        return answer

    def retire_model(self, model_id: str, *, reason: str) -> RegisteredModel:
        """Takes a model out of use; its bundle is kept."""
        answer: RegisteredModel = self._json("POST", _address(model_id, "retire"), body={"reason": reason})
        return answer

    def restore_model(self, model_id: str, *, reason: str) -> RegisteredModel:
        """Puts a retired model back into use."""
        answer: RegisteredModel = self._json("POST", _address(model_id, "restore"), body={"reason": reason})
        return answer


def _address(model_id: str, *action: str) -> str:
    return "/".join(["/v1/models", segment(model_id), *action])
