"""Designs: a small space is ranked at once, a large one by a job, which keeps its designs with it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from models.designs.designs import make_space, propose
from service.auth.keys import Principal
from service.db.idempotency import IdempotentRequest
from service.db.jobs import add_job
from service.db.tables import Job, now
from service.errors import UnfinishedDesignError, UnknownDesignError, UnknownJobError
from service.installation import Installation
from service.jobs import serializers
from service.jobs.batch import REPORT_SECONDS, Report
from service.jobs.batch_uploads import find_job
from service.jobs.kinds import DESIGN
from service.jobs.serializers import DESIGNS
from service.scoring.design_documents import encode_designs
from service.scoring.design_requests import PinnedRequest

# These take a third of a second, during which the worker answers nobody else.
MAX_AT_ONCE = 100_000


def create(
    installation: Installation, requested: PinnedRequest, author: str, idempotency_key: str = ""
) -> bytes | dict[str, Any]:
    """The designs for a request as JSON or, where there are many variants, the document of the job that was submitted.

    Sent again with the same Idempotency-Key it is the same job. Raises DesignError, IdempotencyError, and as
    ModelRegistry.scorer does.
    """
    scorer = installation.registry.scorer(requested.model or None)
    request = replace(requested, model=scorer.bundle.id).as_dict()
    idempotent = IdempotentRequest(author, idempotency_key, hashlib.sha256(json.dumps(request).encode()).hexdigest())
    space = make_space(scorer, requested.request)
    if len(space) <= MAX_AT_ONCE:
        return encode_designs(scorer, propose(scorer, requested.request, space))
    details = {"goal": request["goal"], "variants": len(space), "model": request["model"]}
    oldest = now() - timedelta(days=installation.settings.batch_days)
    with installation.database.write() as session:
        session.execute(delete(Job).where(Job.kind == DESIGN, Job.finished < oldest))
        return idempotent.run(
            session,
            lambda: serializers.document(add_job(session, DESIGN, request, author, details=details)),
        )


def propose_designs(installation: Installation, job: Job, report: Report) -> Mapping[str, Any]:
    """Ranks the space of a job's request, and returns the designs as its result."""
    requested = PinnedRequest.parse(job.request)
    scorer = installation.registry.scorer(requested.model)
    reported = time.monotonic()

    def report_progress(done: int, total: int) -> None:
        nonlocal reported
        if time.monotonic() - reported >= REPORT_SECONDS:
            reported = time.monotonic()
            report(done / total, f"{done:,} of {total:,} variants", {"variants": total})

    designs = propose(scorer, requested.request, make_space(scorer, requested.request), report_progress)
    counts = {"variants": designs.variants, "scored": designs.scored, "labels": dict(designs.of_label)}
    # As text, since PostgreSQL does not keep the order of members.
    return {**counts, DESIGNS: encode_designs(scorer, designs).decode()}


def result(installation: Installation, design_id: str, viewer: Principal) -> bytes:
    """The designs that a job made, as JSON. Raises UnknownDesignError, also where they are not there for the viewer, and
    UnfinishedDesignError."""
    try:
        job = find_job(installation, design_id, viewer)
    except UnknownJobError as error:
        raise UnknownDesignError(design_id) from error
    if job.kind != DESIGN:
        raise UnknownDesignError(design_id)
    if job.state != "done":
        why = f" {job.failure}" if job.failure else ""
        raise UnfinishedDesignError(f"Design {design_id} is {job.state}, {job.done:.0%} done.{why}")
    text: str = job.result[DESIGNS]
    return text.encode()
