"""A batch: a file of candidates that was sent, scored into a file that can be fetched."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from models.errors import SheetError
from service import batches
from service.batch.errors import BatchError, ResumeError
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.progress import Progress
from service.services import Services
from service.store.tables import Job

Report = Callable[[float, str, Mapping[str, Any]], None]
TELL_SECONDS = 1.0


def score_file(services: Services, job: Job, report: Report) -> Mapping[str, Any]:
    """Scores the file of a batch, from where a worker that died left it.

    Raises BatchError where it cannot be done, or has bad rows and was not asked for the good ones alone.
    """
    # Only here, since no other job needs what reads and writes columns.
    from service.batch.executors import default_workers
    from service.batch.run import run

    files = batches.files_of(services.settings.var, job)
    wanted = job.request
    options = Options(
        files.source, files.target, Format.JSONL, tuple(wanted["include"]), wanted["keep"], wanted["bad_rows"]
    )
    scorer = services.registry.scorer(wanted["model"])
    if not files.candidates.exists():
        raise BatchError(
            f"{files.candidates.name} is not in {batches.FOLDER}: all hosts must share that folder of `var`"
        )
    told = time.monotonic()

    def tell(far: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            report(far.done or 0.0, f"{far.rows:,} rows, {far.rate:,.0f} rows/s", _counts(far))

    for resume in (True, False):
        asked = BatchSpec(
            options,
            files.candidates,
            files.scores,
            files.errors,
            workers=default_workers(),
            cluster=services.settings.dask_address,
            resume=resume,
        )
        try:
            far = run(scorer, asked, tell)
        except ResumeError:
            # Begun by another version: what there is does not fit.
            continue
        except SheetError as error:
            raise BatchError(
                "; ".join(str(fault) if fault.line else fault.fault.remedy for fault in error.faults)
            ) from error
        break
    counts = _counts(far)
    report(1.0, f"{far.rows:,} rows, {far.bad:,} of them bad", counts)
    if far.bad and not wanted["partial"]:
        files.scores.unlink()
        remedy = "nothing is scored; /errors tells what is wrong, and partial=true scores the others"
        raise BatchError(f"{far.bad:,} of {far.rows:,} rows are bad: {remedy}")
    return counts


def _counts(far: Progress) -> dict[str, Any]:
    return {
        "rows": far.rows,
        "scored": far.rows - far.bad,
        "bad": far.bad,
        "labels": dict(far.labels),
        "seconds": round(far.seconds, 3),
        "rows_per_second": round(far.rate),
        "resumed_after_rows": far.resumed,
    }
