"""A real server: `exoscore serve` in a process of its own, over an empty `var` folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from tests.journeys.lab import Lab, make_lab
from tests.servers import PostgreSQL
from tests.waiting import wait_until

COMMAND = str(Path(sys.executable).with_name("exoscore"))


@dataclass(frozen=True)
class Served:
    """Where a server listens, and the folder that it writes."""

    address: str
    var: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands over the same folder."""
        return {**os.environ, "EXOSCORE_VAR": str(self.var)}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    var = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (var / "log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "serve", "--var", str(var), "--port", str(port)], stdout=log, stderr=log)
        try:
            _wait_until_ready(address, process, var / "log")
            yield Served(address, var)
        finally:
            process.terminate()
            assert process.wait(timeout=40) == 0


def _wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def is_ready() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    # It trains the first model meanwhile.
    wait_until(is_ready, lambda: log.read_text("utf-8"), seconds=600)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, as a setting; SQLite in the `var` folder has none."""
    if request.param == "sqlite":
        return ""
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def lab(tmp_path: Path, database: str, produced: Bundle) -> Iterator[Lab]:
    """A running installation with a current model, on each database."""
    lab = make_lab(tmp_path / "var", produced, database)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def small_lab(tmp_path: Path, database: str, produced: Bundle) -> Iterator[Lab]:
    """The same with so few findings that a training takes seconds."""
    lab = make_lab(tmp_path / "var", produced, database, papers=70)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
