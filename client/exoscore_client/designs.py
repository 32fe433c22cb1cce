"""Designs: candidates proposed for a goal, at once or by a job."""

from __future__ import annotations

import uuid
from typing import Literal, Unpack, overload

import httpx

from exoscore_client.jobs import Jobs
from exoscore_client.transport import segment
from exoscore_client.types.designs import DesignRequest, Designs

ACCEPTED = 202
Table = Literal["csv", "xlsx"]


class DesignsApi(Jobs):
    """What is proposed."""

    @overload
    def create_design(self, *, seconds: float = ..., **request: Unpack[DesignRequest]) -> Designs: ...

    @overload
    def create_design(self, *, format: Table, seconds: float = ..., **request: Unpack[DesignRequest]) -> bytes: ...

    def create_design(
        self,
        *,
        format: Table | None = None,  # noqa: A002 (the name of the parameter)
        seconds: float = 600.0,
        **request: Unpack[DesignRequest],
    ) -> Designs | bytes:
        """The best candidates of a space, and what to test first; in a `format`, a table.

        Where the space is large, it waits up to so many `seconds` for the job that ranks it. Raises as `wait_for_job`.
        """
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        response = self._request(
            "POST", "/v1/designs", query={"format": format}, body=request, headers=headers, repeatable=True
        )
        if response.status_code == ACCEPTED:
            job = self.wait_for_job(response.json()["id"], seconds=seconds)
            return self.get_design(job["id"], format=format) if format else self.get_design(job["id"])
        return response.content if format else _read(response)

    @overload
    def get_design(self, design_id: str) -> Designs: ...

    @overload
    def get_design(self, design_id: str, *, format: Table) -> bytes: ...

    def get_design(
        self,
        design_id: str,
        *,
        format: Table | None = None,  # noqa: A002 (the name of the parameter)
    ) -> Designs | bytes:
        """The candidates that a job proposed, once it is done; in a `format`, a table."""
        response = self._request("GET", f"/v1/designs/{segment(design_id)}", query={"format": format})
        return response.content if format else _read(response)


def _read(response: httpx.Response) -> Designs:
    answer: Designs = response.json()
    return answer
