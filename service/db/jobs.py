"""Jobs in the database, which is their queue: leased to one worker at a time, each lease with a number that fences off whoever
held the job before.

No clock decides whether a worker lives: it counts `beat` up, and whoever watches sees whether the count moves.
"""

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from service.db.audit_log import record
from service.db.database import Database
from service.db.tables import Job, now
from service.errors import LostJobError, UnknownJobError
from service.trace_context import TraceContext, traceparent_of_work

STATES = ("queued", "running", "done", "failed", "cancelled")
OPEN_STATES = ("queued", "running")
# A job whose worker died this often is given up: it is likely what kills them.
MAX_ATTEMPTS = 5
MAX_LOG_LINES = 500


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until it is leased anew."""

    job_id: str
    attempt: int
    # Of the request that queued the job, as traceparent has it.
    trace: str = field(default="", compare=False)


class JobRepository:
    """All jobs of one installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, kind: str, request: Mapping[str, Any], author: str) -> str:
        """Queues a job and returns its id."""
        with self._database.write() as session:
            return add_job(session, kind, request, author).job_id

    def get(self, job_id: str) -> Job:
        """A job. Raises UnknownJobError."""
        with self._database.read() as session:
            return _get(session, job_id)

    def page(
        self,
        limit: int,
        kind: str = "",
        state: str = "",
        after: str = "",
        author: str = "",
        private: tuple[Collection[str], str] | None = None,
        without: Collection[str] = (),
    ) -> list[Job]:
        """Up to `limit` jobs, the newest first, that were created before the job `after`. `private` are kinds of which only the
        jobs of one author are listed, `without` kinds of which none are. Raises UnknownJobError."""
        query = select(Job).order_by(Job.created.desc(), Job.job_id.desc()).limit(limit)
        for column, value in ((Job.kind, kind), (Job.state, state), (Job.author, author)):
            if value:
                query = query.where(column == value)
        query = query.where(Job.kind.not_in(without))
        if private:
            query = query.where(or_(Job.kind.not_in(private[0]), Job.author == private[1]))
        with self._database.read() as session:
            if after:
                last = _get(session, after)
                query = query.where(tuple_(Job.created, Job.job_id) < (last.created, last.job_id))
            return list(session.scalars(query))

    def count(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._database.read() as session:
            rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
            counts: dict[str, int] = dict(rows.all())
        return {state: counts.get(state, 0) for state in STATES}

    def count_rows(self, kind: str, labels: Sequence[str], most: int) -> dict[str, dict[str, int]]:
        """How often jobs of a kind that are done gave each label, by the models of the `most` that scored most rows."""
        model, scored = Job.request["model"].as_string(), func.sum(Job.result["scored"].as_integer())
        sums = [func.sum(Job.result["labels"][label].as_integer()) for label in labels]
        query = select(model, *sums).where(Job.kind == kind, Job.state == "done").group_by(model)
        with self._database.read() as session:
            rows = session.execute(query.order_by(scored.desc()).limit(most)).all()
        return {row[0]: {label: int(count or 0) for label, count in zip(labels, row[1:], strict=True)} for row in rows}

    def queued(self) -> list[str]:
        """The ids of the jobs that wait, the oldest first."""
        with self._database.read() as session:
            query = select(Job.job_id).where(Job.state == "queued").order_by(Job.created, Job.job_id)
            return list(session.scalars(query))

    def running(self) -> dict[Lease, int]:
        """The leases that are held, and the beat of each."""
        with self._database.read() as session:
            rows = session.execute(select(Job.job_id, Job.attempt, Job.beat).where(Job.state == "running"))
            return {Lease(job_id, attempt): beat for job_id, attempt, beat in rows}

    def lease(self, job_id: str) -> Lease | None:
        """Leases a queued job; None where it is not queued any more."""
        with self._database.write() as session:
            job = session.get(Job, job_id, with_for_update=True)
            if job is None or job.state != "queued":
                return None
            job.state, job.attempt, job.started = "running", job.attempt + 1, now()
            return Lease(job_id, job.attempt, job.trace)

    def lease_next(self) -> Lease | None:
        """Leases the job that has waited longest; None where none waits. Where none waits nothing is locked."""
        return next((lease for job_id in self.queued() if (lease := self.lease(job_id))), None)

    def heartbeat(self, lease: Lease) -> bool:
        """Shows that the worker lives; False where the job is no longer its own, or is to be stopped."""
        with self._database.write() as session:
            job = _find_leased(session, lease)
            if job is None:
                return False
            job.beat += 1
            return not job.cancelled

    def report(
        self, lease: Lease, done: float, message: str = "", partial_result: Mapping[str, Any] | None = None
    ) -> None:
        """Notes how far a job is (0 to 1), with a line for its log and its result so far. Raises LostJobError."""
        with self._database.write() as session:
            job = _leased(session, lease)
            job.done = done
            if partial_result is not None:
                job.result = dict(partial_result)
            if message:
                job.log = [*job.log, _log_line(message)][-MAX_LOG_LINES:]

    def finish(self, lease: Lease, result: Mapping[str, Any]) -> None:
        """Ends a job well. Raises LostJobError."""
        with self._database.write() as session:
            job = _leased(session, lease)
            job.state, job.done, job.result, job.finished = "done", 1.0, dict(result), now()

    def fail(self, lease: Lease, failure: str) -> None:
        """Ends a job that cannot be done, with the reason. Raises LostJobError."""
        with self._database.write() as session:
            job = _leased(session, lease)
            job.state, job.failure, job.finished = "failed", failure, now()

    def release(self, lease: Lease, reason: str, beat: int | None = None) -> str:
        """Takes a job back from a worker that died or stops; it is queued again, ended where it was to be cancelled, or
        given up after `MAX_ATTEMPTS`. With `beat`, only if the worker has not moved since. Returns the state of the job."""
        with self._database.write() as session:
            job = session.get(Job, lease.job_id)
            if job is None:
                return ""
            has_moved = beat is not None and job.beat != beat
            if job.state != "running" or job.attempt != lease.attempt or has_moved:
                return job.state
            job.log = [*job.log, _log_line(reason)]
            if job.cancelled:
                job.state, job.finished = "cancelled", now()
            elif job.attempt >= MAX_ATTEMPTS:
                job.state, job.finished = "failed", now()
                job.failure = f"given up after {job.attempt} attempts: {reason}"
            else:
                job.state, job.done = "queued", 0.0
            return job.state

    def cancel(self, job_id: str, author: str) -> str:
        """Asks a job to stop: one that waits is ended at once, one that runs by its worker, soon. An ended one stays as it is.
        Returns the state of the job. Raises UnknownJobError."""
        with self._database.write() as session:
            job = _get(session, job_id)
            if job.state in OPEN_STATES and not job.cancelled:
                job.cancelled = True
                record(session, author, "job.cancel", job_id)
                if job.state == "queued":
                    job.state, job.finished = "cancelled", now()
            return job.state


def new_job_id() -> str:
    """An id for a job that is to be added: 128 random bits, since whoever knows that of a batch may fetch it."""
    return f"job-{base64.b32encode(secrets.token_bytes(16)).decode('ascii').rstrip('=').lower()}"


def add_job(
    session: Session,
    kind: str,
    request: Mapping[str, Any],
    author: str,
    job_id: str = "",
    details: Mapping[str, Any] | None = None,
    content: str = "",
) -> Job:
    """Queues a job in a transaction of the caller; it has an id of its own, unless `job_id` is given. The audit log notes the
    `details` of it, by default the whole request. By the digest of its `content` `find_same` finds it."""
    job = Job(
        job_id=job_id or new_job_id(),
        kind=kind,
        request=dict(request),
        author=author,
        trace=traceparent_of_work(),
        content=content,
    )
    if trace := TraceContext.read(job.trace):
        job.log = [_log_line(f"Trace {trace.trace_id}")]
    session.add(job)
    record(session, author, f"job.{kind}", job.job_id, **(request if details is None else details))
    session.flush()
    return job


def find_same(session: Session, kind: str, author: str, content: str) -> list[Job]:
    """The jobs of an author with this content that are done or on their way, the newest first. Nobody else adds one before the
    end of the transaction, as long as they look for it like this."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(content[:15], 16)})
    is_same = (Job.kind == kind, Job.author == author, Job.content == content, Job.cancelled.is_(False))
    query = select(Job).where(*is_same, Job.state.in_((*OPEN_STATES, "done"))).order_by(Job.created.desc())
    return list(session.scalars(query))


def _get(session: Session, job_id: str) -> Job:
    job = session.get(Job, job_id) if job_id.isprintable() else None
    if job is None:
        raise UnknownJobError(job_id)
    return job


def _find_leased(session: Session, lease: Lease) -> Job | None:
    is_held = (Job.job_id == lease.job_id, Job.attempt == lease.attempt, Job.state == "running")
    return session.scalars(select(Job).where(*is_held).with_for_update()).first()


def _leased(session: Session, lease: Lease) -> Job:
    job = _find_leased(session, lease)
    if job is None:
        raise LostJobError(f"job {lease.job_id} is no longer held by its attempt {lease.attempt}")
    return job


def _log_line(message: str) -> str:
    return f"{now():%H:%M:%S} {message}"
