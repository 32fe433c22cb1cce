"""Files of candidates that are sent to be scored: taken in, scored by a job, kept for a time, and removed.

The id of a batch is that of its job. Its files stand in `var/batches`, a folder for each.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy.orm import Session

from models.errors import CandidateError, TableError
from models.scoring.decisions import Costs
from service.auth.exposure import has_one_user
from service.auth.keys import Principal
from service.batch.formats import Format
from service.batch.options import Options
from service.batch.readers.header import check_constants, read_constants
from service.db.audit_log import SYSTEM, check_reason, record
from service.db.idempotency import IdempotentRequest
from service.db.jobs import OPEN_STATES, add_job, find_same, new_job_id
from service.db.tables import Job, now
from service.errors import (
    NoRoomError,
    ParametersError,
    RemovedBatchError,
    UnfinishedBatchError,
    UnknownBatchError,
    UnknownJobError,
)
from service.installation import BATCHES, Installation
from service.jobs.kinds import BATCH, PRIVATE

FOLDER = BATCHES
EXPIRED = "Automatic: the time for which files of batches are stored is over."
NOBODY = Principal()
_READ_BYTES = 1024 * 1024
# The members of a result that quote the file.
_OF_THE_FILE = ("warnings", "remarks")
# What is left of an upload that broke off, or of a job that was never submitted, is removed after a day.
_LEFT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """How a file in the format `source` is to be scored: what to `include`, whether to `keep` its other columns, what becomes
    of `bad_rows`, whether the good rows are scored in spite of them (`partial`), by which model (empty: the current one), and
    which `sheet` of a workbook it is (empty: the first). Where `strict`, a row of which anything was not understood is a bad
    one. `columns` are those of a table without a header, `constants` the values of fields in rows that state none. By
    `costs` each row has a decision, and where `rank`, its rank among all rows."""

    source: Format
    target: Format
    include: tuple[str, ...]
    keep: bool
    bad_rows: str
    partial: bool
    model: str
    sheet: str = ""
    strict: bool = False
    columns: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    costs: Costs | None = None
    rank: bool = False

    @classmethod
    def from_query(cls, source: Format, query: Mapping[str, Any]) -> BatchRequest:
        """The request of a query, as BatchQuerySchema loads one. Raises ParametersError where a constant is none."""
        try:
            constants = read_constants(query.get("constants", ()))
        except CandidateError as error:
            raise ParametersError(error.faults) from error
        return cls(
            source,
            Format(query.get("result_format", source)),
            tuple(query.get("include", ())),
            query["keep"],
            query["bad_rows"],
            query["score_the_good"],
            query["model"],
            query["sheet"],
            query["strict"],
            tuple(query.get("columns", ())),
            constants,
            Costs.parse(query),
            query["rank"],
        )

    @classmethod
    def from_job(cls, job: Job) -> BatchRequest:
        """The request that a job was submitted with."""
        return msgspec.convert(job.request, cls)

    @property
    def options(self) -> Options:
        """The options of the batch."""
        return Options(
            self.source,
            self.target,
            include=self.include,
            keep_columns=self.keep,
            bad_rows=self.bad_rows,
            sheet=self.sheet,
            strict=self.strict,
            columns=self.columns,
            constants=self.constants,
            costs=self.costs,
            rank=self.rank,
        )

    def as_dict(self) -> dict[str, Any]:
        """This request as a document."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document | {"include": list(self.include), "columns": list(self.columns)}


@dataclass(frozen=True, slots=True)
class BatchFiles:
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


def files_of(var: Path, job: Job) -> BatchFiles:
    """Where the files of a batch stand, or stood."""
    return BatchFiles(var / FOLDER / job.job_id, Format(job.request["source"]), Format(job.request["target"]))


def list_own(installation: Installation, sender: Principal, known: Collection[str] = ()) -> Collection[str] | None:
    """The ids of the batches among which a file of a sender is looked for; None for all that bear the sender's name.

    Those who come without a key all bear one name. Where they may be several people, each has the batches that they show to
    know, `known`: else whoever sent the same file would be handed the batch of another.
    """
    return None if sender.key_id or has_one_user(installation.settings) else known


def create(
    installation: Installation,
    body: IO[bytes],
    request: BatchRequest,
    author: str,
    idempotency_key: str = "",
    own: Collection[str] | None = (),
) -> dict[str, Any]:
    """Takes in a file and submits the job of scoring it. Returns the batch as a document.

    Sent again with the same Idempotency-Key it is the same batch. So is the same file with the same options by the same model, if
    that batch is among the author's `own` (None: all) and was not removed; then it is a `duplicate`. Raises NoRoomError where the
    file does not fit, UnknownModelError and the other errors of a model that cannot be used, IdempotencyError, ParametersError
    where constants cannot be understood.
    """
    scorer = installation.registry.scorer(request.model or None)
    try:
        check_constants(scorer.parser, request.constants, request.columns or ("source_cell",))
    except TableError as error:
        raise ParametersError([replace(row.fault, field="set") for row in error.faults]) from error
    model = scorer.bundle.id
    job_id = new_job_id()
    files = BatchFiles(installation.settings.var / FOLDER / job_id, request.source, request.target)
    files.folder.mkdir(parents=True)
    committed_id = ""
    try:
        file_digest = write_stream(body, files.candidates)
        idempotent = IdempotentRequest(author, idempotency_key, _digest(request.as_dict(), file_digest))
        # What else the scores depend on is named by the versions.
        content = _digest(replace(request, model=model).as_dict(), asdict(scorer.versions), file_digest)

        def submit(session: Session) -> dict[str, Any]:
            for job in find_same(session, BATCH, author, content):
                if (own is None or job.job_id in own) and not _is_over(installation, job):
                    return to_document(installation, job) | {"duplicate": True}
            document = replace(request, model=model).as_dict()
            job = add_job(session, BATCH, document, author, job_id, content=content)
            return to_document(installation, job) | {"duplicate": False}

        with installation.database.write() as session:
            document = idempotent.run(session, lambda: submit(session))
        committed_id = document["id"]
        return document
    finally:
        # Where there is no such job, since something failed or the file was sent before.
        if committed_id != job_id:
            shutil.rmtree(files.folder, ignore_errors=True)


def find_job(installation: Installation, job_id: str, viewer: Principal) -> Job:
    """A job. A batch or design that was sent with a key is there for that key and for the scope admin; one that was sent without
    a key is there for whoever knows its id, which cannot be guessed. Raises UnknownJobError."""
    job = installation.jobs.get(job_id)
    if job.kind in PRIVATE and job.author not in (NOBODY.author, viewer.author) and "admin" not in viewer.scopes:
        raise UnknownJobError(job_id)
    return job


def find(installation: Installation, batch_id: str, viewer: Principal) -> Job:
    """The job of a batch. Raises UnknownBatchError, also where it is not there for the viewer."""
    try:
        job = find_job(installation, batch_id, viewer)
    except UnknownJobError as error:
        raise UnknownBatchError(batch_id) from error
    if job.kind != BATCH:
        raise UnknownBatchError(batch_id)
    return job


def to_document(installation: Installation, job: Job) -> dict[str, Any]:
    """A batch as a document."""
    expires = job.finished and job.finished + timedelta(days=installation.settings.batch_days)
    address = f"/v1/batches/{job.job_id}"
    return {
        **job.to_document("state", "done", "request", "failure", "created", "finished", id="job_id", counts="result"),
        "expires": expires and expires.isoformat(),
        "removed": not files_of(installation.settings.var, job).candidates.exists(),
        "links": {
            "self": address,
            "job": f"/v1/jobs/{job.job_id}",
            "result": f"{address}/result",
            "errors": f"{address}/errors",
        },
    }


def result(installation: Installation, batch_id: str, viewer: Principal) -> tuple[Path, Format]:
    """The scores of a batch and their format. Raises UnknownBatchError, UnfinishedBatchError, RemovedBatchError."""
    job = find(installation, batch_id, viewer)
    files = files_of(installation.settings.var, job)
    return _check_exists(job, files, files.scores), files.target


def errors(installation: Installation, batch_id: str, viewer: Principal) -> Path:
    """The faults of the bad rows of a batch. Raises as `result`."""
    job = find(installation, batch_id, viewer)
    files = files_of(installation.settings.var, job)
    return _check_exists(job, files, files.errors)


def retry(installation: Installation, batch_id: str, viewer: Principal) -> str:
    """Scores the good rows of what was sent for a batch that came to nothing. Returns the id of the new batch.

    Raises UnknownBatchError, RemovedBatchError, and as `create`.
    """
    job = find(installation, batch_id, viewer)
    candidates = files_of(installation.settings.var, job).candidates
    if not candidates.exists():
        raise RemovedBatchError(batch_id)
    with candidates.open("rb") as file:
        good = replace(BatchRequest.from_job(job), partial=True)
        new_id: str = create(installation, file, good, viewer.author, own=list_own(installation, viewer))["id"]
    return new_id


def remove(installation: Installation, batch_id: str, viewer: Principal, reason: str) -> None:
    """Stops a batch if it has not ended, and removes its files. Raises UnknownBatchError, ReasonError."""
    job = find(installation, batch_id, viewer)
    check_reason(reason)
    installation.jobs.cancel(batch_id, viewer.author)
    remove_folder(installation, job.job_id, viewer.author, reason)


def list_expired(installation: Installation) -> list[str]:
    """The names of the folders of batches whose time is over by the clock, and of those that belong to none."""
    expired = []
    for folder in sorted((installation.settings.var / FOLDER).glob("*")):
        try:
            is_over = _has_expired(installation, installation.jobs.get(folder.name))
        except UnknownJobError:
            is_over = time.time() - folder.stat().st_mtime > _LEFT_SECONDS
        if is_over:
            expired.append(folder.name)
    return expired


def remove_folder(installation: Installation, name: str, author: str = SYSTEM, reason: str = EXPIRED) -> None:
    """Removes a folder of a batch, or of what never became one. Nothing that stood in the file stays in the job either."""
    folder = installation.settings.var / FOLDER / name
    if folder.exists():
        with installation.database.write() as session:
            record(session, author, "batch.remove", name, reason=reason)
            if job := session.get(Job, name):
                job.result = {member: value for member, value in job.result.items() if member not in _OF_THE_FILE}
        shutil.rmtree(folder, ignore_errors=True)


def write_stream(body: IO[bytes], path: Path) -> str:
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
            raise NoRoomError("The disk is full, so the file cannot be stored.") from error
        raise
    return digest.hexdigest()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _has_expired(installation: Installation, job: Job) -> bool:
    oldest = now() - timedelta(days=installation.settings.batch_days)
    return job.finished is not None and job.finished < oldest


def _is_over(installation: Installation, job: Job) -> bool:
    """Whether the files of a batch are gone, or about to be."""
    return _has_expired(installation, job) or not files_of(installation.settings.var, job).candidates.exists()


def _check_exists(job: Job, files: BatchFiles, path: Path) -> Path:
    if path.exists() and job.state not in OPEN_STATES:
        return path
    if not files.candidates.exists():
        raise RemovedBatchError(job.job_id)
    why = f" {job.failure}" if job.failure else ""
    raise UnfinishedBatchError(f"Batch {job.job_id} is {job.state} and has no such file.{why}")
