"""Real servers for the tests, each started once a run on a free port over a folder of its own: PostgreSQL and Redis.

Where a server is not installed its tests say skipped; under CI they fail, since there nothing may be skipped.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

POSTGRESQL_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def program(name: str) -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, POSTGRESQL_FOLDERS)])
    found = shutil.which(name, path=path)
    if found is None:
        absent = f"{name} is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{absent}; under CI nothing is skipped")
        pytest.skip(absent)
    return found


@dataclass(frozen=True)
class PostgreSQL:
    """A running server and its programs."""

    control: str
    folder: Path
    port: int
    user: str
    account: str | None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        flags = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        self._run("start", "-w", "-t", "60", "-o", flags, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stops it; `immediate` is as bad as a crash."""
        self._run("stop", "-w", "-t", "60", "-m", mode)

    def database(self, tablespace: str = "pg_default") -> str:
        """The address of a new, empty database."""
        name = f"exoscore_{uuid.uuid4().hex[:12]}"
        self._tell(f"CREATE DATABASE {name} TABLESPACE {tablespace}")
        return self.address(name)

    @contextmanager
    def tablespace(self, folder: Path) -> Iterator[str]:
        """A tablespace over a new folder, taken away at the end with every database in it."""
        folder.mkdir()
        if self.account:
            shutil.chown(folder, self.account)
        name = f"exoscore_{uuid.uuid4().hex[:12]}"
        self._tell(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        try:
            yield name
        finally:
            with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
                chosen = "SELECT datname FROM pg_database d JOIN pg_tablespace t ON d.dattablespace = t.oid WHERE spcname = %s"
                databases = connection.execute(chosen, [name]).fetchall()
            for (database,) in databases:
                self._tell(f"DROP DATABASE {database} WITH (FORCE)")
            self._tell(f"DROP TABLESPACE {name}")

    def address(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def _tell(self, command: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(command.encode())

    def _run(self, *words: str) -> None:
        command = [self.control, "-D", str(self.folder / "cluster"), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self.account, cwd=self.folder)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A PostgreSQL server. As root it runs under the account that its package made, since it refuses to run as root."""
    control, make = program("pg_ctl"), program("initdb")
    folder = Path(tempfile.gettempdir()) / f"exoscore-pg-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    account = "postgres" if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account)
    user = account or getpass.getuser()
    server = PostgreSQL(control, folder, free_port(), user, account)
    try:
        initialise = [make, "-D", str(folder / "cluster"), "-U", user, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initialise, check=True, stdout=subprocess.DEVNULL, user=account, cwd=folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Redis:
    """A Redis server that keeps what it was told over a restart."""

    program: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--appendonly", "yes"]
        self.process = subprocess.Popen([self.program, *flags], stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port) as connection:
            for _ in range(200):
                try:
                    connection.ping()
                    return
                except redis.ConnectionError:
                    time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        """Stops it."""
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server."""
    server = Redis(program("redis-server"), tmp_path_factory.mktemp("redis"), free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
