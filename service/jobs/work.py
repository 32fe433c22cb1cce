"""The process of one job: `python -m service.jobs.work JOB ATTEMPT PARENT`, started by a worker that watches it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

from models.errors import ExoscoreError
from service import logs
from service.jobs.batch import score_file
from service.jobs.comparing import compare
from service.jobs.kinds import BATCH, COMPARISON, TRAINING
from service.jobs.parent import end_with_parent
from service.jobs.patience import insist
from service.jobs.training import train
from service.services import Services
from service.settings import Settings
from service.store import StoreError
from service.store.jobs import Claim, Jobs, LostJobError
from service.store.tables import Job

DOES: dict[str, Callable[[Services, Job, Any], Mapping[str, Any]]] = {
    TRAINING: train,
    COMPARISON: compare,
    BATCH: score_file,
}

_log = structlog.get_logger(__name__)


def work(services: Services, claim: Claim) -> None:
    """Does a claimed job and ends it, well or with its failure."""
    jobs = Jobs(services.store)

    def report(done: float, says: str = "", so_far: Mapping[str, Any] | None = None) -> None:
        try:
            jobs.report(claim, done, says, so_far)
        except StoreError as error:
            _log.warning("progress could not be told", job=claim.job_id, reason=str(error))

    try:
        job = insist(lambda: jobs.get(claim.job_id))
        result = DOES[job.kind](services, job, report)
        insist(lambda: jobs.finish(claim, result))
    except StoreError as error:
        reason = str(error)
        _log.warning("the store failed; the work is to be done again", job=claim.job_id, reason=reason)
        # Where not even that can be told, the worker that watches puts the job back.
        with suppress(StoreError):
            insist(lambda: jobs.release(claim, reason))
    except LostJobError as error:
        _log.warning("the work is dropped", reason=str(error))
    except (ExoscoreError, ValueError) as error:
        reason = str(error)
        insist(lambda: jobs.fail(claim, reason))
    except Exception:  # whatever it is, the job must not be left as if it were still worked on
        _log.exception("defect in a job", job=claim.job_id)
        insist(lambda: jobs.fail(claim, "this is a defect of the service, not of the request; its log says more"))


def main(job_id: str, attempt: int, parent: int) -> None:
    """Does one job of the installation that the environment names."""
    end_with_parent(parent, signal.SIGKILL)
    settings = Settings.read()
    logs.configure(settings)
    services = insist(lambda: Services.open(settings))
    try:
        work(services, Claim(job_id, attempt))
    finally:
        services.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
