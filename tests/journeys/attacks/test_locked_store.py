"""Somebody holds SQLite's write lock for long: those who write are told so in time, and those who score notice nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from service.db.database import BUSY_SECONDS
from tests.journeys.lab import Lab

HELD_SECONDS = 16
# As many as the threads of all web workers, all of which wait for the lock then.
WRITERS = 6
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


@contextmanager
def held_lock(file: Path) -> Iterator[None]:
    """The write lock of a database, held by somebody else for a while."""
    is_held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            is_held.set()
            time.sleep(HELD_SECONDS)
            connection.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(30)
    yield
    holder.join()


def test_who_writes_while_the_store_is_locked_waits_as_documented_and_is_told_when_to_try_again(
    brief_lab: Lab,
) -> None:
    def write(number: int) -> tuple[httpx.Response, float]:
        body = {"findings": [{**MIR21, "paper": f"lab:{number}", "effect": "promoting"}]}
        begun = time.monotonic()
        return brief_lab.ask("POST", "/v1/findings", json=body), time.monotonic() - begun

    with held_lock(brief_lab.settings.var / "exoscore.db"), ThreadPoolExecutor(WRITERS) as writers:
        answers = list(writers.map(write, range(WRITERS)))
    refused = [(answer, seconds) for answer, seconds in answers if answer.status_code == 503]
    assert refused
    for answer, seconds in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert "locked" in answer.json()["detail"]
        assert seconds < BUSY_SECONDS + 3
    # Who had to wait for a thread before that waited on until the lock was free.
    assert {(answer.status_code, HELD_SECONDS - 1 < seconds < HELD_SECONDS + 5) for answer, seconds in answers} <= {
        (503, False),
        (201, True),
    }
    assert "Traceback" not in brief_lab.log.read_text("utf-8")
    again = [write(number)[0].json() for number in range(WRITERS)]
    assert sum(len(answer["added"]) for answer in again) == len(refused), "what was refused is not there, all else is"
