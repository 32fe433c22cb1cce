"""A Dask cluster of real processes: a scheduler and two workers, each of one thread."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import free_port

COMMAND = str(Path(sys.executable).with_name("dask"))


@dataclass
class Cluster:
    """A scheduler and the workers that are started on it."""

    folder: Path
    port: int = field(default_factory=free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the scheduler listens."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the scheduler."""
        words = ["scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--no-show"]
        self.scheduler = self._run(*words)

    def add_worker(self) -> None:
        """Starts a worker: one process, which nothing starts again when it dies."""
        words = ["worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        self.workers.append(self._run(*words, "--local-directory", str(self.folder)))

    def kill_worker(self) -> None:
        """Kills the worker that was started last."""
        worker = self.workers.pop()
        worker.send_signal(signal.SIGKILL)
        worker.wait(30)

    def wait_for_workers(self, count: int, seconds: float = 300) -> None:
        """Waits until so many workers are there."""
        from distributed import Client

        with Client(self.address, timeout=seconds, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=seconds)

    def stop(self) -> None:
        """Ends all of it."""
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.wait(30)

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([COMMAND, *words], stdout=log, stderr=log, env=os.environ, cwd=self.folder)


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of two workers."""
    found = Cluster(tmp_path_factory.mktemp("dask"))
    found.start()
    try:
        for _ in range(2):
            found.add_worker()
        found.wait_for_workers(2)
        yield found
    finally:
        found.stop()
