"""The registry of models."""

from __future__ import annotations

from exoscore_client.transport import Transport, segment
from exoscore_client.types.jobs import Job
from exoscore_client.types.models import Current, DifferenceBetween, ModelDetail, Models, RegisteredModel


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

    def ask_gate(self, model_id: str) -> Job:
        """Has the gate compare a model with the current one: a job."""
        answer: Job = self._json("POST", _address(model_id, "gate"))
        return answer

    def promote_model(self, model_id: str, *, reason: str = "", force: bool = False) -> Current:
        """Makes a model the current one, if the gate recommends it, or forced with a reason."""
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

    def retire_model(self, model_id: str, *, reason: str = "") -> RegisteredModel:
        """Takes a model out of use; its bundle is kept."""
        answer: RegisteredModel = self._json("POST", _address(model_id, "retire"), body={"reason": reason})
        return answer

    def restore_model(self, model_id: str, *, reason: str = "") -> RegisteredModel:
        """Puts a retired model back into use."""
        answer: RegisteredModel = self._json("POST", _address(model_id, "restore"), body={"reason": reason})
        return answer


def _address(model_id: str, *action: str) -> str:
    return "/".join(["/v1/models", segment(model_id), *action])
