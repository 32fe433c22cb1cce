"""Jobs as documents, alone and by the page."""

from collections.abc import Collection
from typing import Any

from models.errors import FieldError
from service.auth.keys import Principal
from service.db.jobs import JobRepository
from service.db.tables import Job
from service.errors import ParametersError, UnknownJobError
from service.jobs.kinds import PRIVATE
from service.trace_context import TraceContext

# The member of a job's result that holds designs.
DESIGNS = "designs"


def document(job: Job) -> dict[str, Any]:
    """A job. The designs that it made have an address of their own."""
    columns = (
        "kind",
        "state",
        "author",
        "request",
        "done",
        "log",
        "failure",
        "attempt",
        "created",
        "started",
        "finished",
    )
    result = {name: value for name, value in job.result.items() if name != DESIGNS}
    trace = TraceContext.read(job.trace)
    named = {"trace_id": trace.trace_id if trace else "", "result": result}
    return job.to_document(*columns, id="job_id", cancelling="cancelled") | named


def page(
    jobs: JobRepository,
    limit: int,
    kind: str = "",
    state: str = "",
    cursor: str = "",
    viewer: Principal | None = None,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """A page of jobs, the newest first, and the cursor of the next one: the id of the last job.

    None of the kinds `without` is listed.
    Of batches and designs, a `viewer` sees their own: none without a key, and all with the scope admin, as without a viewer.
    Raises ParametersError.
    """
    private = None if viewer is None or "admin" in viewer.scopes else (PRIVATE, viewer.key_id and viewer.author)
    try:
        listed = jobs.page(limit + 1, kind, state, cursor, private=private, without=without)
    except UnknownJobError as error:
        remedy = "The cursor is not valid. Send the `next` of the previous page, or none for the first page"
        raise ParametersError([FieldError("cursor", "malformed", remedy, cursor)]) from error
    documents = [document(job) for job in listed[:limit]]
    return {"jobs": documents, "next": documents[-1]["id"] if len(listed) > limit else None}
