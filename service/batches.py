"""Files of candidates that are sent to be scored: taken in, scored by a job, kept for a time, and removed.

The id of a batch is that of its job. Its files stand in `var/batches`, a folder for each.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from service.batch.formats import Format
from service.errors import NoRoomError, RemovedBatchError, UnfinishedBatchError, UnknownBatchError
from service.jobs.kinds import BATCH
from service.services import Services
from service.store.audit import SYSTEM, record
from service.store.idempotency import Once
from service.store.jobs import OPEN_STATES, UnknownJobError, add_job
from service.store.tables import Job, now

FOLDER = "batches"
_INCOMING = "incoming-"
_READ_BYTES = 1024 * 1024
# What is left of an upload that broke off, or of a job that was never taken on, is removed after a day.
_LEFT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one batch."""

    folder: Path
    source: Format
    target: Format

    @property
    def candidates(self) -> Path:
        """What was sent."""
        return self.folder / f"candidates.{self.source}"

    @property
    def scores(self) -> Path:
        """The result."""
        return self.folder / f"scores.{self.target}"

    @property
    def errors(self) -> Path:
        """The faults of bad rows."""
        return self.folder / "errors.jsonl"


def files_of(var: Path, job: Job) -> Files:
    """Where the files of a batch stand, or stood."""
    asked = job.request
    return Files(var / FOLDER / job.job_id, Format(asked["source"]), Format(asked["target"]))


def take(services: Services, body: IO[bytes], asked: Mapping[str, Any], author: str, key: str) -> tuple[int, str]:
    """Takes in a file, and takes on the job of scoring it as `asked`. Returns the status and text of the answer.

    Sent again with the same Idempotency-Key it gets the same answer. Raises NoRoomError where it does not fit, UnknownModelError
    and the other errors of a model that cannot be used, IdempotencyError.
    """
    wanted = {**asked, "model": services.registry.scorer(asked["model"] or None).bundle.id}
    folder = services.settings.var / FOLDER / f"{_INCOMING}{secrets.token_hex(8)}"
    folder.mkdir(parents=True)
    try:
        digest = write_sent(body, Files(folder, Format(wanted["source"]), Format(wanted["target"])).candidates)
        once = Once(author, key, hashlib.sha256(f"{json.dumps(dict(asked))} {digest}".encode()).hexdigest())

        def begin() -> tuple[int, dict[str, Any]]:
            job_id = add_job(session, BATCH, wanted, author)
            folder.rename(folder.with_name(job_id))
            session.flush()
            return 202, document(services, session.get_one(Job, job_id))

        with services.store.write() as session:
            status, text = once.answer(session, begin)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    services.queue.put(json.loads(text)["id"])
    return status, text


def request_of(source: Format, query: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of a batch: a file in the format `source`, to be scored as a BatchQuerySchema was loaded."""
    return {
        "source": str(source),
        "target": query.get("result_format", str(source)),
        "include": list(query.get("include", ())),
        "keep": query["keep"],
        "bad_rows": query["bad_rows"],
        "partial": query["score_the_good"],
        "model": query["model"],
    }


def find(services: Services, batch_id: str) -> Job:
    """The job of a batch. Raises UnknownBatchError."""
    try:
        job = services.jobs.get(batch_id)
    except UnknownJobError as error:
        raise UnknownBatchError(batch_id) from error
    if job.kind != BATCH:
        raise UnknownBatchError(batch_id)
    return job


def document(services: Services, job: Job) -> dict[str, Any]:
    """A batch as a document."""
    files = files_of(services.settings.var, job)
    ends = job.finished + timedelta(days=services.settings.batch_days) if job.finished else None
    address = f"/v1/batches/{job.job_id}"
    return {
        "id": job.job_id,
        "state": job.state,
        "done": job.done,
        "request": job.request,
        "counts": job.result,
        "failure": job.failure,
        "created": job.created.isoformat(),
        "finished": job.finished.isoformat() if job.finished else None,
        "expires": ends.isoformat() if ends else None,
        "removed": not files.folder.exists(),
        "links": {
            "self": address,
            "job": f"/v1/jobs/{job.job_id}",
            "result": f"{address}/result",
            "errors": f"{address}/errors",
        },
    }


def result(services: Services, batch_id: str) -> tuple[Path, Format]:
    """The scores of a batch and their format. Raises UnknownBatchError, UnfinishedBatchError, RemovedBatchError."""
    job = find(services, batch_id)
    files = files_of(services.settings.var, job)
    return _present(job, files, files.scores), files.target


def errors(services: Services, batch_id: str) -> Path:
    """The faults of the bad rows of a batch. Raises as `result`."""
    job = find(services, batch_id)
    files = files_of(services.settings.var, job)
    return _present(job, files, files.errors)


def again(services: Services, batch_id: str, author: str) -> str:
    """Scores the good rows of what was sent for a batch that came to nothing. Returns the id of the new batch.

    Raises UnknownBatchError, RemovedBatchError, and what `take` raises.
    """
    job = find(services, batch_id)
    candidates = files_of(services.settings.var, job).candidates
    if not candidates.exists():
        raise RemovedBatchError(batch_id)
    with candidates.open("rb") as file:
        _, text = take(services, file, {**job.request, "partial": True}, author, "")
    found: str = json.loads(text)["id"]
    return found


def remove(services: Services, batch_id: str, author: str) -> None:
    """Stops a batch if it has not ended, and removes its files. Raises UnknownBatchError."""
    job = find(services, batch_id)
    services.jobs.cancel(batch_id, author)
    _remove(services, files_of(services.settings.var, job).folder, author)


def remove_expired(services: Services) -> list[str]:
    """Removes the files of batches whose time is over, and what belongs to none. Returns the names of their folders."""
    removed = []
    oldest = now() - timedelta(days=services.settings.batch_days)
    for folder in sorted((services.settings.var / FOLDER).glob("*")):
        try:
            job = find(services, folder.name)
            is_over = job.finished is not None and job.finished < oldest
        except UnknownBatchError:
            is_over = time.time() - folder.stat().st_mtime > _LEFT_SECONDS
        if is_over:
            _remove(services, folder, SYSTEM)
            removed.append(folder.name)
    return removed


def _present(job: Job, files: Files, path: Path) -> Path:
    if path.exists() and job.state not in OPEN_STATES:
        return path
    if not files.folder.exists():
        raise RemovedBatchError(job.job_id)
    why = f": {job.failure}" if job.failure else ""
    raise UnfinishedBatchError(f"batch {job.job_id} is {job.state} and has no such file{why}")


def _remove(services: Services, folder: Path, author: str) -> None:
    if folder.exists():
        with services.store.write() as session:
            record(session, author, "batch.remove", folder.name)
        shutil.rmtree(folder, ignore_errors=True)


def write_sent(body: IO[bytes], path: Path) -> str:
    """Writes what is sent to a file as it comes. Returns its digest. Raises NoRoomError."""
    digest = hashlib.sha256()
    try:
        with path.open("xb") as file:
            while content := body.read(_READ_BYTES):
                digest.update(content)
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoomError("there is no room for the file: make room, or send less") from error
        raise
    return digest.hexdigest()
