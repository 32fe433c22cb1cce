"""Jobs as documents, alone and by the page."""

from typing import Any

from models.errors import FieldError
from service.auth.keys import Principal
from service.db.jobs import JobRepository
from service.db.tables import Job
from service.errors import ParametersError, UnknownJobError
from service.jobs.kinds import BATCH


def document(job: Job) -> dict[str, Any]:
    """A job."""
    columns = ("kind", "state", "author", "request", "done", "log", "result", "failure", "attempt")
    return job.to_document(*columns, "created", "started", "finished", id="job_id", cancelling="cancelled")


def page(
    jobs: JobRepository,
    limit: int,
    kind: str = "",
    state: str = "",
    cursor: str = "",
    viewer: Principal | None = None,
    without: str = "",
) -> dict[str, Any]:
    """A page of jobs, the newest first, and the cursor of the next one: the id of the last job.

    None of the kind `without` is listed.
    Of batches, a `viewer` sees their own: none without a key, and all with the scope admin, as without a viewer. Raises
    ParametersError.
    """
    private = None if viewer is None or "admin" in viewer.scopes else (BATCH, viewer.key_id and viewer.author)
    try:
        listed = jobs.page(limit + 1, kind, state, cursor, private=private, without=without)
    except UnknownJobError as error:
        remedy = "The cursor is not valid. Send the `next` of the previous page, or none for the first page"
        raise ParametersError([FieldError("cursor", "malformed", remedy, cursor)]) from error
    documents = [document(job) for job in listed[:limit]]
    return {"jobs": documents, "next": documents[-1]["id"] if len(listed) > limit else None}
