"""What the service refuses, as exceptions."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

import httpx

from exoscore_client.types.jobs import Job
from exoscore_client.types.scores import Fault, Problem

_KIND = "application/problem+json"


class ProblemError(Exception):
    """An answer that is an error: its RFC 9457 document, its first `errors`, and how many of them it leaves out, by code.

    Where something between client and service answered instead, the document is made from the status alone.
    """

    def __init__(self, document: Problem) -> None:
        self.document = document
        self.status = document["status"]
        self.type = document["type"]
        self.errors: list[Fault] = document.get("errors", [])
        self.errors_left_out: dict[str, int] = document.get("errors_left_out", {})
        more = [f"  and {count} more of the kind {code}" for code, count in self.errors_left_out.items()]
        super().__init__("\n".join([f"{document['title']}: {document['detail']}", *map(_line, self.errors), *more]))

    @classmethod
    def of(cls, response: httpx.Response) -> ProblemError:
        """The problem that an answer tells."""
        if response.headers.get("Content-Type", "").partition(";")[0] == _KIND:
            return cls(cast(Problem, response.json()))
        known = response.status_code in {status.value for status in HTTPStatus}
        title = HTTPStatus(response.status_code).phrase if known else "Unknown status"
        detail = f"{response.request.method} {response.request.url} was answered {response.status_code}"
        return cls({"type": "about:blank", "title": title, "status": response.status_code, "detail": detail})


class JobError(Exception):
    """A job that failed or was cancelled, as it was last seen."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(f"{job['id']} is {job['state']}{': ' if job['failure'] else ''}{job['failure']}")


def _line(fault: Fault) -> str:
    where = fault.get("pointer") or fault.get("parameter") or fault.get("column") or ""
    return f"  {where}: {fault['detail']}" if where else f"  {fault['detail']}"
