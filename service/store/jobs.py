"""Jobs in the store: claimed by one worker at a time, each claim with a number that fences off whoever held it before.

No clock decides whether a worker lives: it counts `beat` up, and whoever watches sees whether the count moves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, select, tuple_, update
from sqlalchemy.orm import Session

from models.errors import ExoscoreError
from service.store import Store
from service.store.audit import record
from service.store.tables import Job, now

STATES = ("queued", "running", "done", "failed", "cancelled")
OPEN_STATES = ("queued", "running")
# A job whose worker died this often is given up: it is likely what kills them.
MAX_ATTEMPTS = 5
MAX_LOG_LINES = 500


class UnknownJobError(ExoscoreError):
    """No job of that id is kept here."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"no job {job_id!r} is kept here")


class LostJobError(ExoscoreError):
    """The job is no longer this worker's: it was cancelled, or given to another one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job until it is claimed anew."""

    job_id: str
    attempt: int


class Jobs:
    """All jobs of one installation."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def submit(self, kind: str, request: Mapping[str, Any], author: str) -> str:
        """Takes on a job; it is queued from now on, whatever happens to the queue. Returns its id."""
        with self._store.write() as session:
            return add_job(session, kind, request, author)

    def get(self, job_id: str) -> Job:
        """A job. Raises UnknownJobError."""
        with self._store.read() as session:
            return _job(session, job_id)

    def page(
        self, limit: int, kind: str = "", state: str = "", after: tuple[datetime, str] | None = None, author: str = ""
    ) -> list[Job]:
        """Up to `limit` jobs, the newest first, that were created before `after` (moment and id)."""
        chosen = select(Job).order_by(Job.created.desc(), Job.job_id.desc()).limit(limit)
        if kind:
            chosen = chosen.where(Job.kind == kind)
        if state:
            chosen = chosen.where(Job.state == state)
        if author:
            chosen = chosen.where(Job.author == author)
        if after:
            chosen = chosen.where(tuple_(Job.created, Job.job_id) < after)
        with self._store.read() as session:
            return list(session.scalars(chosen))

    def count(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._store.read() as session:
            rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
            found: dict[str, int] = dict(rows.all())
        return {state: found.get(state, 0) for state in STATES}

    def queued(self) -> list[str]:
        """The ids of the jobs that wait, the oldest first."""
        with self._store.read() as session:
            chosen = select(Job.job_id).where(Job.state == "queued").order_by(Job.created, Job.job_id)
            return list(session.scalars(chosen))

    def running(self) -> dict[Claim, int]:
        """The claims that are held, and the beat of each."""
        with self._store.read() as session:
            rows = session.execute(select(Job.job_id, Job.attempt, Job.beat).where(Job.state == "running"))
            return {Claim(job_id, attempt): beat for job_id, attempt, beat in rows}

    def claim(self, job_id: str) -> Claim | None:
        """The right to work on a queued job; None where it is not queued any more."""
        with self._store.write() as session:
            job = session.get(Job, job_id)
            if job is None or job.state != "queued":
                return None
            attempt = job.attempt + 1
            free = update(Job).where(Job.job_id == job_id, Job.attempt == job.attempt, Job.state == "queued")
            taken = session.execute(free.values(state="running", attempt=attempt, started=now()))
            return Claim(job_id, attempt) if _rows(taken) else None

    def beat(self, claim: Claim) -> bool:
        """Says that the worker lives; False where the job is no longer its own, or is to be stopped."""
        with self._store.write() as session:
            alive = update(Job).where(*_held(claim)).values(beat=Job.beat + 1)
            if not _rows(session.execute(alive)):
                return False
            return not _job(session, claim.job_id).cancelled

    def report(self, claim: Claim, done: float, says: str = "", so_far: Mapping[str, Any] | None = None) -> None:
        """Tells how far a job is (0 to 1), with a line for its log and what it came to so far. Raises LostJobError."""
        with self._store.write() as session:
            job = _own(session, claim)
            job.done = done
            if so_far is not None:
                job.result = dict(so_far)
            if says:
                job.log = [*job.log, f"{now():%H:%M:%S} {says}"][-MAX_LOG_LINES:]

    def finish(self, claim: Claim, result: Mapping[str, Any]) -> None:
        """Ends a job well. Raises LostJobError."""
        with self._store.write() as session:
            job = _own(session, claim)
            job.state, job.done, job.result, job.finished = "done", 1.0, dict(result), now()

    def fail(self, claim: Claim, failure: str) -> None:
        """Ends a job that cannot be done, saying why. Raises LostJobError."""
        with self._store.write() as session:
            job = _own(session, claim)
            job.state, job.failure, job.finished = "failed", failure, now()

    def release(self, claim: Claim, reason: str, beat: int | None = None) -> str:
        """Takes a job back from a worker that died or stops; it is queued again, ended where it was to be cancelled, or
        given up after `MAX_ATTEMPTS`. Where `beat` is given, only if the worker has not moved since. Returns its state."""
        with self._store.write() as session:
            job = session.get(Job, claim.job_id)
            if job is None:
                return ""
            moved = beat is not None and job.beat != beat
            if job.state != "running" or job.attempt != claim.attempt or moved:
                return job.state
            job.log = [*job.log, f"{now():%H:%M:%S} {reason}"]
            if job.cancelled:
                job.state, job.finished = "cancelled", now()
            elif job.attempt >= MAX_ATTEMPTS:
                job.state, job.finished = "failed", now()
                job.failure = f"given up after {job.attempt} attempts: {reason}"
            else:
                job.state, job.done = "queued", 0.0
            return job.state

    def cancel(self, job_id: str, author: str) -> str:
        """Asks that a job be stopped: one that waits is ended at once, one that runs by its worker, soon. An ended one stays
        as it is. Returns its state. Raises UnknownJobError."""
        with self._store.write() as session:
            job = _job(session, job_id)
            if job.state in OPEN_STATES and not job.cancelled:
                job.cancelled = True
                record(session, author, "job.cancel", job_id)
                if job.state == "queued":
                    job.state, job.finished = "cancelled", now()
            return job.state


def add_job(session: Session, kind: str, request: Mapping[str, Any], author: str) -> str:
    """Takes on a job in a transaction that has begun. Returns its id."""
    job_id = f"job-{secrets.token_hex(6)}"
    session.add(
        Job(
            job_id=job_id,
            kind=kind,
            state="queued",
            request=dict(request),
            author=author,
            log=[],
            result={},
            created=now(),
        )
    )
    record(session, author, f"job.{kind}", job_id, **request)
    return job_id


def _job(session: Session, job_id: str) -> Job:
    job = session.get(Job, job_id)
    if job is None:
        raise UnknownJobError(job_id)
    return job


def _own(session: Session, claim: Claim) -> Job:
    chosen = select(Job).where(*_held(claim)).with_for_update()
    job = session.scalars(chosen).first()
    if job is None:
        raise LostJobError(f"job {claim.job_id} is no longer held by its attempt {claim.attempt}")
    return job


def _held(claim: Claim) -> tuple[Any, ...]:
    return Job.job_id == claim.job_id, Job.attempt == claim.attempt, Job.state == "running"


def _rows(result: Any) -> int:
    found: CursorResult[Any] = result
    return found.rowcount
