"""A worker that fell silent loses its job; not where no beat can be written, which silences them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from service.jobs.worker import SILENT_SWEEPS, Worker
from service.services import Services
from service.settings import Settings
from service.store import StoreError
from service.store.jobs import Claim

CLAIM = Claim("job-0123456789ab", 1)


@pytest.fixture
def released(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """The claims that were taken back, of one that is held and never beats."""
    taken: list[Claim] = []

    def release(claim: Claim, reason: str, beat: int | None = None) -> str:
        taken.append(claim)
        return "queued"

    monkeypatch.setattr(worker._jobs, "running", lambda: {CLAIM: 7})
    monkeypatch.setattr(worker._jobs, "release", release)
    return taken


@pytest.fixture
def worker(own_var: Path) -> Worker:
    return Worker(Services.open(Settings(var=own_var)))


def test_a_job_whose_worker_fell_silent_is_taken_back(worker: Worker, released: list[Claim]) -> None:
    for _ in range(SILENT_SWEEPS - 1):
        worker.sweep()
    assert not released
    worker.sweep()
    assert released == [CLAIM]


def test_while_no_beat_can_be_written_silence_says_nothing(
    worker: Worker, released: list[Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps = 0

    def fail(claim: Claim) -> bool:
        raise StoreError("the disk is full")

    def wait(seconds: float) -> int:
        nonlocal sweeps
        sweeps += 1
        worker.sweep()
        if sweeps < 3 * SILENT_SWEEPS:
            raise subprocess.TimeoutExpired("job", seconds)
        return 0

    monkeypatch.setattr(worker._jobs, "beat", fail)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        monkeypatch.setattr(process, "wait", wait)
        worker._watch(CLAIM, process)
        monkeypatch.undo()
    assert sweeps == 3 * SILENT_SWEEPS
    assert not released
