"""A store that is locked or says nothing: what needs none of it is answered meanwhile, and the rest in time."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from models.estimator.artifact import Bundle
from service.settings import SQLITE_FILE
from tests.journeys.attacks.test_slow_clients import latencies, percentile
from tests.journeys.lab import Lab, make_lab
from tests.servers import PostgreSQL

WRITERS = 12
FINDING = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "effect": "promoting"}


@contextmanager
def writers(lab: Lab) -> Iterator[list[int]]:
    """Clients that write, and wait for the store; the statuses of their answers, once the block has ended."""
    statuses: list[int] = []

    def write(number: int) -> int:
        row = FINDING | {"pmid": str(39_000_000 + number), "title": f"A paper {number}", "year": 2020}
        with httpx.Client(base_url=lab.address, timeout=90, verify=False) as client:
            headers = {"Authorization": f"Bearer {lab.key}"}
            return client.post("/v1/findings", json={"findings": [row]}, headers=headers).status_code

    with ThreadPoolExecutor(WRITERS) as threads:
        pending = [threads.submit(write, number) for number in range(WRITERS)]
        time.sleep(0.5)
        yield statuses
        statuses += [each.result() for each in pending]


def probe(lab: Lab) -> float:
    """How many seconds the probe of a running installation takes, and scores with a key that was seen before."""
    began = time.monotonic()
    with httpx.Client(base_url=lab.address, timeout=20, verify=False) as client:
        assert client.get("/healthz").status_code == 200
        body = {"candidates": [{"source_phenotype": "M2", "cargo_type": "whole_vesicle"}]}
        headers = {"Authorization": f"Bearer {lab.key}"}
        assert client.post("/v1/scores", json=body, headers=headers).status_code == 200
    return time.monotonic() - began


def test_who_waits_for_a_locked_store_keeps_nobody_else_waiting(victim: Lab) -> None:
    file = Path(victim.settings.var) / SQLITE_FILE
    with closing(sqlite3.connect(file, isolation_level=None)) as holder, writers_behind(holder, victim) as statuses:
        by = time.monotonic() + 5
        while time.monotonic() < by:
            assert probe(victim) < 2
            assert percentile(latencies(victim, 0.5), 0.99) < 1
        holder.execute("ROLLBACK")
    assert set(statuses) == {201}, "those who waited come to it"


@contextmanager
def writers_behind(holder: sqlite3.Connection, lab: Lab) -> Iterator[list[int]]:
    holder.execute("BEGIN IMMEDIATE")
    with writers(lab) as statuses:
        yield statuses


def processes_of(server: PostgreSQL) -> list[int]:
    """The processes of a PostgreSQL server."""
    leader = int((server.folder / "cluster" / "postmaster.pid").read_text("ascii").splitlines()[0])
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text("ascii").split()
    return [leader, *map(int, children)]


def tell(processes: list[int], what: signal.Signals) -> None:
    """Sends a signal to those of the processes that are still there."""
    for number in processes:
        with suppress(ProcessLookupError):
            os.kill(number, what)


def test_a_server_of_the_store_that_says_nothing_keeps_nobody_waiting_who_needs_none_of_it(
    tmp_path: Path, produced: Bundle, postgresql: PostgreSQL
) -> None:
    lab = make_lab(tmp_path / "var", produced, postgresql.database())
    lab.start()
    stopped: list[int] = []
    try:
        # Each worker knows the key and the model.
        for _ in range(12):
            probe(lab)
        stopped = processes_of(postgresql)
        tell(stopped, signal.SIGSTOP)
        with writers(lab) as statuses:
            by = time.monotonic() + 8
            while time.monotonic() < by:
                # One may wait for the store as long as for news that never come.
                assert probe(lab) < 4
                assert percentile(latencies(lab, 0.5), 0.9) < 1
            tell(stopped, signal.SIGCONT)
        assert set(statuses) <= {201, 503}
        lab.wait_until_ready()
        with writers(lab) as statuses:
            pass
        assert set(statuses) <= {200, 201}
    finally:
        tell(stopped, signal.SIGCONT)
        lab.stop()


def test_a_statement_is_given_up_where_the_server_of_the_store_does_not_answer(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    from service.db import database
    from service.errors import StoreError

    monkeypatch.setattr(database, "ANSWER_SECONDS", 1.0)
    store = database.Database(postgresql.database())
    stopped: list[int] = []

    def read_while_it_is_stopped() -> None:
        with store.read() as session:
            session.execute(text("SELECT 1"))
            stopped.extend(processes_of(postgresql))
            tell(stopped, signal.SIGSTOP)
            session.execute(text("SELECT 1"))

    began = time.monotonic()
    try:
        with pytest.raises(StoreError, match="did not complete the request"):
            read_while_it_is_stopped()
        assert time.monotonic() - began < 10
    finally:
        tell(stopped, signal.SIGCONT)
    with store.read() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    store.close()
