"""A batch: a file of candidates that was sent, scored into a file that can be fetched."""

import errno
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from models.errors import TableError
from service.batch.errors import BatchError, ResumeError
from service.batch.options import BatchSpec
from service.batch.progress import Progress
from service.db.tables import Job
from service.installation import Installation
from service.jobs import batch_uploads

Report = Callable[[float, str, Mapping[str, Any]], None]
REPORT_SECONDS = 1.0
# Where the disk was full, how often it is looked at, and the room with which a batch goes on.
ROOM_SECONDS, ROOM_BYTES = 5.0, 64 * 1024 * 1024

_log = structlog.get_logger(__name__)


def score_file(installation: Installation, job: Job, report: Report) -> Mapping[str, Any]:
    """Scores the file of a batch, from where a worker that died left it.

    Raises BatchError where it cannot be done, or has bad rows and was not asked for the good ones alone.
    """
    # Only here, since no other job needs what reads and writes columns.
    from service.batch.executors import default_workers
    from service.batch.run import run

    request = batch_uploads.BatchRequest.from_job(job)
    files = batch_uploads.files_of(installation.settings.var, job)
    scorer = installation.registry.scorer(request.model)
    if not files.candidates.exists():
        raise BatchError(
            f"{files.candidates.name} is not in {batch_uploads.FOLDER}. All hosts must share that folder of `var`, and a back-up "
            "holds it only if made with --with-batches."
        )
    reported, done = time.monotonic(), 0.0

    def report_progress(progress: Progress) -> None:
        nonlocal reported, done
        done = progress.done or 0.0
        if time.monotonic() - reported >= REPORT_SECONDS:
            reported = time.monotonic()
            message = f"{progress.rows:,} rows, {progress.rate:,.0f} rows/s"
            report(done, message, progress.to_document())

    spec = BatchSpec(
        request.options,
        files.candidates,
        files.scores,
        files.errors,
        workers=default_workers(),
        cluster=installation.settings.dask_address,
        resume=True,
        most_bytes=installation.settings.batch_mebibytes * 1024**2,
    )

    def score() -> Progress:
        try:
            return run(scorer, spec, report_progress)
        except ResumeError:
            # Begun by another version: what there is does not fit.
            return run(scorer, replace(spec, resume=False), report_progress)

    try:
        progress = _score_with_room(
            score, files.folder, lambda: report(done, "The disk is full: waiting for space", {})
        )
    except TableError as error:
        raise BatchError(" ".join(map(str, (*error.faults, *getattr(error, "__notes__", ()))))) from error
    counts = progress.to_document()
    report(1.0, f"{progress.rows:,} rows, {progress.bad:,} with errors", counts)
    if progress.bad and not request.partial:
        files.scores.unlink()
        remedy = "Nothing was scored. /errors lists the errors; with partial=true the other rows are scored."
        raise BatchError(f"{progress.bad:,} of {progress.rows:,} rows have errors. {remedy}")
    return counts


def _score_with_room(score: Callable[[], Progress], folder: Path, tell: Callable[[], None]) -> Progress:
    """What `score` returns. Where the disk is full it is called again once there is room; nobody but whoever runs the service can
    make any, so there is no end to the patience."""
    while True:
        try:
            return score()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            _log.warning("a batch waits for room on the disk", batch=folder.name, reason=str(error))
            tell()
            time.sleep(ROOM_SECONDS)
            while shutil.disk_usage(folder).free < ROOM_BYTES:
                time.sleep(ROOM_SECONDS)
