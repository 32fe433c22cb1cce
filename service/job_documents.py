"""Jobs as documents, alone and by the page."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from models.errors import Fault
from service.errors import ParametersError
from service.store.jobs import Jobs
from service.store.tables import Job


def document(job: Job) -> dict[str, Any]:
    """A job."""
    return {
        "id": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "author": job.author,
        "request": job.request,
        "done": job.done,
        "log": job.log,
        "result": job.result,
        "failure": job.failure,
        "cancelling": job.cancelled,
        "attempt": job.attempt,
        "created": job.created.isoformat(),
        "started": job.started.isoformat() if job.started else None,
        "finished": job.finished.isoformat() if job.finished else None,
    }


def page(jobs: Jobs, limit: int, kind: str = "", state: str = "", cursor: str = "") -> dict[str, Any]:
    """A page of jobs, the newest first, and the cursor of the next one. Raises ParametersError."""
    found = jobs.page(limit + 1, kind, state, _after(cursor) if cursor else None)
    shown = found[:limit]
    return {"jobs": [document(job) for job in shown], "next": _cursor(shown[-1]) if len(found) > limit else None}


def _cursor(job: Job) -> str:
    return base64.urlsafe_b64encode(json.dumps([job.created.isoformat(), job.job_id]).encode()).decode()


def _after(cursor: str) -> tuple[datetime, str]:
    try:
        moment, job_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return datetime.fromisoformat(moment), str(job_id)
    except (ValueError, TypeError, binascii.Error) as error:
        remedy = "this is no cursor of ours: send the `next` of the page before, or none for the first page"
        raise ParametersError([Fault("cursor", "malformed", remedy, cursor)]) from error
