"""The process of one job: `python -m service.jobs.process JOB ATTEMPT PARENT`, started by a worker that watches it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars

from models.errors import ExoscoreError
from service.db.jobs import Lease
from service.db.tables import Job
from service.errors import LostJobError, StoreError
from service.installation import Installation
from service.jobs.advice import advise_on
from service.jobs.batch import score_file
from service.jobs.comparison import compare
from service.jobs.designs import propose_designs
from service.jobs.kinds import ADVICE, BATCH, COMPARISON, DESIGN, TRAINING
from service.jobs.retry import retry_on_store_error
from service.jobs.training import train
from service.monitoring import logs
from service.monitoring.telemetry import Span
from service.settings import Settings
from service.trace_context import TraceContext
from training.compute import die_with_parent

JOB_HANDLERS: dict[str, Callable[[Installation, Job, Any], Mapping[str, Any]]] = {
    TRAINING: train,
    COMPARISON: compare,
    BATCH: score_file,
    DESIGN: propose_designs,
    ADVICE: advise_on,
}

_log = structlog.get_logger(__name__)


def run_job(installation: Installation, lease: Lease) -> None:
    """Does a leased job and ends it, well or with its failure."""
    jobs = installation.jobs

    def report(done: float, message: str = "", partial_result: Mapping[str, Any] | None = None) -> None:
        try:
            jobs.report(lease, done, message, partial_result)
        except StoreError as error:
            _log.warning("the progress of a job was not noted", job=lease.job_id, reason=str(error))

    def fail(failure: str) -> None:
        retry_on_store_error(lambda: jobs.fail(lease, failure))

    with ExitStack() as meanwhile:
        try:
            job = retry_on_store_error(lambda: jobs.get(lease.job_id))
            span = installation.telemetry.begin(TraceContext.read(job.trace), is_request=False)
            meanwhile.enter_context(bound_contextvars(job=job.job_id, **span.context.log_members))
            with _recorded(span, job):
                result = JOB_HANDLERS[job.kind](installation, job, report)
                retry_on_store_error(lambda: jobs.finish(lease, result))
        except StoreError as error:
            reason = str(error)
            _log.warning("The database failed. The job will be run again", job=lease.job_id, reason=reason)
            # Where not even that can be noted, the worker that watches puts the job back.
            with suppress(StoreError):
                retry_on_store_error(lambda: jobs.release(lease, reason))
        except LostJobError as error:
            _log.warning("The job was dropped", reason=str(error))
        except (ExoscoreError, ValueError) as error:
            fail(str(error))
        except Exception:  # whatever it is, the job must not be left as if it were still worked on
            _log.exception("defect in a job", job=lease.job_id)
            fail("This is a defect of the service, not of the request. The log of the service has details")


@contextmanager
def _recorded(span: Span, job: Job) -> Iterator[None]:
    """Ends the span of a job when its work has ended, well or not."""
    failed = True
    try:
        yield
        failed = False
    finally:
        span.end(f"job {job.kind}", {"exoscore.job": job.job_id, "exoscore.attempt": job.attempt}, failed)


def main(job_id: str, attempt: int, parent: int) -> None:
    """Does one job of the installation that the environment names."""
    die_with_parent(parent)
    settings = Settings.read()
    logs.configure(settings)
    installation = retry_on_store_error(lambda: Installation.open(settings))
    try:
        run_job(installation, Lease(job_id, attempt))
    finally:
        installation.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
