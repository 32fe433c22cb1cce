"""A worker: takes jobs off the queue, gives each a process of its own, and looks after the jobs of workers that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from service import batches
from service.jobs.queue import Queue
from service.services import Services
from service.store import StoreError
from service.store.jobs import Claim, Jobs

BEAT_SECONDS = 1.0
SWEEP_SECONDS = 2.0
EXPIRY_SECONDS = 60.0
# A job whose beat has not moved over so many sweeps, each of which reached the store, has lost its worker.
SILENT_SWEEPS = 6
TERMINATE_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class Worker:
    """Works off the jobs of one installation until it is stopped."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._jobs = Jobs(services.store)
        self._queue = Queue(services.settings, services.key, self.do)
        self._stopping = threading.Event()
        self._beats: dict[Claim, tuple[int, int]] = {}
        # Set where a beat could not be written, until the next sweep.
        self._unwritten = threading.Event()
        self._expired = float("-inf")

    def run(self) -> None:
        """Works until SIGTERM or SIGINT; then the running job goes back to the queue, for the next worker."""
        consumer = self._queue.huey.create_consumer(
            workers=1, worker_type="thread", periodic=False, check_worker_health=False, max_delay=1.0
        )
        consumer.start()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        _log.info("the worker waits for jobs")
        while not self._stopping.wait(SWEEP_SECONDS):
            try:
                self.sweep()
            except (StoreError, SQLAlchemyError) as error:
                _log.warning("the store does not answer; the worker goes on trying", reason=str(error))
            except Exception as error:  # a queue's server that is away raises errors of its own
                _log.warning("the queue does not answer; the worker goes on trying", reason=str(error))
        consumer.stop(graceful=True)
        _log.info("the worker stopped")

    def sweep(self) -> None:
        """Puts waiting jobs on the queue that are not there, and takes jobs back from workers that fell silent."""
        before, self._beats = self._beats, {}
        if self._unwritten.is_set():
            # While no beat can be written, silence says nothing.
            self._unwritten.clear()
            before = {}
        for claim, beat in self._jobs.running().items():
            was, sweeps = before.get(claim, (beat, 0))
            self._beats[claim] = (beat, sweeps + 1 if was == beat else 0)
            if self._beats[claim][1] >= SILENT_SWEEPS:
                state = self._jobs.release(claim, "its worker fell silent", beat)
                _log.warning("a job lost its worker", job=claim.job_id, attempt=claim.attempt, now=state)
        if time.monotonic() - self._expired > EXPIRY_SECONDS:
            self._expired = time.monotonic()
            for name in batches.remove_expired(self._services):
                _log.info("the files of a batch were removed, since their time is over", batch=name)
        waiting = self._jobs.queued()
        if waiting:
            there = self._queue.pending()
            for job_id in waiting:
                if job_id not in there:
                    self._queue.put(job_id)

    def do(self, job_id: str) -> None:
        """Does a job, unless somebody else has it: starts its process, and beats while that lives."""
        claim = self._insist_on_claim(job_id)
        if claim is None:
            return
        _log.info("a job begins", job=job_id, attempt=claim.attempt)
        words = [sys.executable, "-m", "service.jobs.work", claim.job_id, str(claim.attempt), str(os.getpid())]
        environment = {**os.environ, **self._services.settings.environment}
        process = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        reason = self._watch(claim, process)
        state = self._insist_on_release(claim, reason)
        _log.info("a job ended", job=job_id, attempt=claim.attempt, state=state, exit=process.returncode)

    def _watch(self, claim: Claim, process: subprocess.Popen[bytes]) -> str:
        """Waits for a job's process, and ends it where it must stop. Tells why the job is not done, if it is not."""
        while True:
            try:
                process.wait(BEAT_SECONDS)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set():
                    _end(process)
                    return "its worker was stopped"
                try:
                    wanted = self._jobs.beat(claim)
                except StoreError as error:
                    self._unwritten.set()
                    _log.warning("the store does not answer; the job goes on", job=claim.job_id, reason=str(error))
                    continue
                if not wanted:
                    _end(process)
                    return "it was cancelled"
            else:
                return f"its process ended with status {process.returncode}"

    def _insist_on_claim(self, job_id: str) -> Claim | None:
        while not self._stopping.is_set():
            try:
                return self._jobs.claim(job_id)
            except StoreError:
                self._stopping.wait(BEAT_SECONDS)
        return None

    def _insist_on_release(self, claim: Claim, reason: str) -> str:
        """Takes back a job that its process did not end itself. Where the store stays away, another worker will."""
        for _ in range(60):
            try:
                return self._jobs.release(claim, reason)
            except StoreError:
                time.sleep(BEAT_SECONDS)
        return "unknown"

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a job's process and the processes that it started."""
    for name in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, name)
            process.wait(TERMINATE_SECONDS)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
