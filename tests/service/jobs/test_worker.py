"""A worker that fell silent loses its job; not where no beat can be written, which silences them all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.db.jobs import JobRepository, Lease
from service.errors import StoreError
from service.installation import Installation
from service.jobs import batch_uploads, worker
from service.jobs.worker import SILENT_SWEEPS, Worker
from service.settings import Settings


@pytest.fixture
def installation(own_var: Path) -> Iterator[Installation]:
    opened = Installation.open(Settings(var=own_var))
    yield opened
    opened.close()


@pytest.fixture
def lease(installation: Installation) -> Lease:
    """The lease of a worker that never shows that it lives."""
    installation.jobs.submit("training", {}, "anna")
    lease = installation.jobs.lease_next()
    assert lease
    return lease


def test_a_job_whose_worker_fell_silent_is_taken_back(installation: Installation, lease: Lease) -> None:
    worker = Worker(installation)
    for _ in range(SILENT_SWEEPS - 1):
        worker.sweep()
        assert installation.jobs.get(lease.job_id).state == "running"
    worker.sweep()
    job = installation.jobs.get(lease.job_id)
    assert job.state == "queued"
    assert "Its worker stopped responding" in job.log[-1]


def test_a_job_whose_worker_shows_that_it_lives_is_left_to_it(installation: Installation, lease: Lease) -> None:
    worker = Worker(installation)
    for _ in range(3 * SILENT_SWEEPS):
        worker.sweep()
        assert installation.jobs.heartbeat(lease)
    assert installation.jobs.get(lease.job_id).state == "running"


def test_while_no_beat_can_be_written_silence_means_nothing(installation: Installation, lease: Lease) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    class FullRepository(JobRepository):
        """Jobs in a database to which nothing can be written; the process ends when that was met often enough."""

        beats = 0

        def heartbeat(self, lease: Lease) -> bool:
            self.beats += 1
            if self.beats == 3 * SILENT_SWEEPS:
                process.communicate(b"\n")
            raise StoreError("the disk is full")

    full = replace(installation, jobs=FullRepository(installation.database))
    reason = Worker(full, heartbeat_seconds=0.01, sweep_seconds=0.0).watch(lease, process)
    assert reason == "Its process ended with status 0"
    assert installation.jobs.get(lease.job_id).state == "running"


def test_a_cancelled_job_is_ended_by_its_worker(installation: Installation, lease: Lease) -> None:
    installation.jobs.cancel(lease.job_id, "ben")
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        assert Worker(installation, heartbeat_seconds=0.01).watch(lease, process) == "It was cancelled"
    assert process.returncode


def test_a_process_that_has_ended_its_job_comes_to_its_own_end(installation: Installation, lease: Lease) -> None:
    installation.jobs.finish(lease, {})
    command = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    with subprocess.Popen(command, start_new_session=True) as process:
        reason = Worker(installation, heartbeat_seconds=0.01).watch(lease, process)
    assert (process.returncode, reason) == (0, "Its process ended with status 0")


def test_files_are_removed_where_their_time_is_over_for_long_by_a_clock_that_only_counts(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installation.settings.var / batch_uploads.FOLDER / "job-1"
    folder.mkdir(parents=True)
    right, counted = batch_uploads.time.time, [0.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: counted[0])
    watching = Worker(installation)

    def look(ahead: float) -> bool:
        """Looks with a clock that is so far ahead. Returns whether the files are still there."""
        monkeypatch.setattr(batch_uploads.time, "time", lambda: right() + ahead)
        counted[0] += worker.EXPIRY_SECONDS + 1
        watching.sweep()
        return folder.exists()

    looks = int(worker.EXPIRED_FOR_SECONDS // (worker.EXPIRY_SECONDS + 1))
    for _ in range(3):
        # A clock that is days ahead for some minutes, and right again.
        assert all(look(8 * 86400.0) for _ in range(looks))
        assert look(0.0)
    assert all(look(8 * 86400.0) for _ in range(looks + 1))
    assert not look(8 * 86400.0)
