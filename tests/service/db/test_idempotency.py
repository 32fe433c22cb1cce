"""A request that is sent again is not done again, whatever the clock says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.db import idempotency
from service.db.database import Database
from service.db.idempotency import IdempotentRequest

YEARS = timedelta(days=60 * 366)


def run(database: Database, key: str, answer: int) -> int:
    """What a request with a key comes to that would answer this."""
    with database.write() as session:
        done: int = IdempotentRequest("anna", key, "digest").run(session, lambda: {"answer": answer})["answer"]
    return done


def test_a_clock_that_jumps_by_years_has_nothing_done_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = idempotency.now
    assert run(database, "one", 1) == 1
    monkeypatch.setattr(idempotency, "now", lambda: right() + YEARS)
    assert run(database, "another", 2) == 2
    monkeypatch.setattr(idempotency, "now", right)
    assert (run(database, "one", 3), run(database, "another", 4)) == (1, 2)


def test_what_is_old_is_forgotten_once_many_came_after_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    right = idempotency.now
    monkeypatch.setattr(idempotency, "MIN_KEPT", 3)
    for number in range(4):
        run(database, f"old {number}", number)
    monkeypatch.setattr(idempotency, "now", lambda: right() + YEARS)
    run(database, "new", 4)
    assert [run(database, f"old {number}", 9) for number in (3, 2)] == [3, 2]
    assert run(database, "old 0", 9) == 9
