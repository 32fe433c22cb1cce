"""Errors that only the service knows."""

from __future__ import annotations

from collections.abc import Mapping

from models.errors import CandidateError, ExoscoreError


class CandidatesError(ExoscoreError):
    """A request with candidates that cannot be understood: their faults by position, and how many were given."""

    def __init__(self, faults: Mapping[int, CandidateError], given: int) -> None:
        self.faults = dict(faults)
        self.given = given
        super().__init__(f"{len(self.faults)} of {given} candidates cannot be understood")


class RetiredModelError(ExoscoreError):
    """A model that is kept but was taken out of use."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        super().__init__(f"model {model_id} was retired; it can be put back with `exoscore models restore {model_id}`")


class PromotionError(ExoscoreError):
    """The pointer to the current model cannot be moved as asked; it stays where it is."""
