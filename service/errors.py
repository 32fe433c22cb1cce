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
