"""Errors that only the service knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.errors import CandidateError, ExoscoreError, Fault


class CandidatesError(ExoscoreError):
    """A request with candidates that cannot be understood: their faults by position, and how many were given."""

    def __init__(self, faults: Mapping[int, CandidateError], given: int) -> None:
        self.faults = dict(faults)
        self.given = given
        super().__init__(f"{len(self.faults)} of {given} candidates cannot be understood")


class ParametersError(ExoscoreError):
    """A query that cannot be understood, with every fault of every parameter (the `field` of each)."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))
