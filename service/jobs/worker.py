"""A worker: takes jobs from the database one by one, gives each a process of its own, and looks after the jobs of workers that
died."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars

from service.db.jobs import OPEN_STATES, Lease
from service.errors import StoreError, UnknownJobError
from service.installation import Installation
from service.jobs import batch_uploads
from service.jobs.retry import retry_on_store_error
from service.trace_context import TraceContext

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0
SWEEP_SECONDS = 2.0
EXPIRY_SECONDS = 60.0
# A clock that is wrong for a while takes nothing away: for so long, by a clock that only counts, each look must find it over.
EXPIRED_FOR_SECONDS = 600.0
# A job whose beat has not moved over so many sweeps, each of which reached the database, has lost its worker.
SILENT_SWEEPS = 6
TERMINATE_SECONDS = 10.0
# Where the database stays away for longer, another worker takes the job back.
RELEASE_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class Worker:
    """Works off the jobs of one installation until it is stopped."""

    def __init__(
        self,
        installation: Installation,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
    ) -> None:
        self._installation = installation
        self._jobs = installation.jobs
        self._heartbeat_seconds = heartbeat_seconds
        self._sweep_seconds = sweep_seconds
        self._is_stopping = False
        self._swept = self._expired = float("-inf")
        # Of each lease its beat when the last sweep looked, and over how many sweeps that has not moved.
        self._silence: dict[Lease, tuple[int, int]] = {}
        # Since when the time of each batch has been over, as every look found.
        self._over: dict[str, float] = {}

    def run(self) -> None:
        """Works until SIGTERM or SIGINT; then the running job goes back to the queue, for the next worker."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        _log.info("the worker waits for jobs")
        while not self._is_stopping:
            self._sweep_if_due()
            try:
                lease = self._jobs.lease_next()
            except (StoreError, SQLAlchemyError) as error:
                _log.warning("the database does not answer; the worker keeps trying", reason=str(error))
                lease = None
            if lease:
                self.work(lease)
            else:
                time.sleep(POLL_SECONDS)
        _log.info("the worker stopped")

    def work(self, lease: Lease) -> None:
        """Has a leased job done by a process, and takes the job back where the process did not end it."""
        trace = TraceContext.read(lease.trace)
        with bound_contextvars(**(trace.log_members if trace else {})):
            self._work(lease)

    def _work(self, lease: Lease) -> None:
        _log.info("a job begins", job=lease.job_id, attempt=lease.attempt)
        command = [sys.executable, "-m", "service.jobs.process", lease.job_id, str(lease.attempt), str(os.getpid())]
        environment = {**os.environ, **self._installation.settings.environment}
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        reason = self.watch(lease, process)
        state = "unknown"
        with suppress(StoreError):
            state = retry_on_store_error(lambda: self._jobs.release(lease, reason), RELEASE_SECONDS)
        _log.info("a job ended", job=lease.job_id, attempt=lease.attempt, state=state, exit=process.returncode)

    def watch(self, lease: Lease, process: subprocess.Popen[bytes]) -> str:
        """Shows that a job's process lives until it ends, or ends it where the job or this worker is to stop.

        Returns why the job is not done, if it is not.
        """
        while True:
            try:
                process.wait(self._heartbeat_seconds)
            except subprocess.TimeoutExpired:
                if self._is_stopping:
                    _end(process)
                    return "Its worker was stopped"
                try:
                    is_wanted = self._jobs.heartbeat(lease)
                except StoreError as error:
                    # While no beat can be written, silence means nothing.
                    self._silence.clear()
                    _log.warning("the database does not answer; the job continues", job=lease.job_id, reason=str(error))
                else:
                    if not is_wanted:
                        return self._end_unwanted(lease, process)
                self._sweep_if_due()
            else:
                return f"Its process ended with status {process.returncode}"

    def _end_unwanted(self, lease: Lease, process: subprocess.Popen[bytes]) -> str:
        """Ends the process of a job that is not its own any more. One that has just ended its job is let come to its own end."""
        with suppress(StoreError, UnknownJobError, subprocess.TimeoutExpired):
            if self._jobs.get(lease.job_id).state not in OPEN_STATES:
                process.wait(TERMINATE_SECONDS)
                return f"Its process ended with status {process.returncode}"
        _end(process)
        return "It was cancelled"

    def sweep(self) -> None:
        """Takes jobs back from workers that fell silent, and removes the files of batches whose time is over."""
        before, self._silence = self._silence, {}
        for lease, beat in self._jobs.running().items():
            last_beat, sweeps = before.get(lease, (beat, 0))
            sweeps = sweeps + 1 if beat == last_beat else 0
            self._silence[lease] = (beat, sweeps)
            if sweeps >= SILENT_SWEEPS:
                state = self._jobs.release(lease, "Its worker stopped responding", beat)
                _log.warning("a job lost its worker", job=lease.job_id, attempt=lease.attempt, now=state)
        if time.monotonic() - self._expired > EXPIRY_SECONDS:
            self._expired = time.monotonic()
            self._remove_expired()

    def _remove_expired(self) -> None:
        moment, before = time.monotonic(), self._over
        self._over = {name: before.get(name, moment) for name in batch_uploads.list_expired(self._installation)}
        for name, since in self._over.items():
            if moment - since >= EXPIRED_FOR_SECONDS:
                batch_uploads.remove_folder(self._installation, name)
                _log.info("the files of a batch were removed, as they had expired", batch=name)

    def _sweep_if_due(self) -> None:
        if time.monotonic() - self._swept < self._sweep_seconds:
            return
        try:
            self.sweep()
        except (StoreError, SQLAlchemyError, OSError) as error:
            _log.warning("the jobs of other workers could not be checked", reason=str(error))
        self._swept = time.monotonic()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a job's process and the processes that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(TERMINATE_SECONDS)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
