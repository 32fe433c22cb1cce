"""How a job reaches a worker: Huey, over SQLite in the `var` folder or over Redis.

The queue only carries ids. What a job is and how it stands is in the store; a queue that is lost is filled again from it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import structlog
from huey import Huey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

from service.settings import Settings
from service.store import StoreError

_log = structlog.get_logger(__name__)
NAME = "exoscore"


class Queue:
    """The queue of one installation."""

    def __init__(self, settings: Settings, key: bytes, do: Callable[[str], None] | None = None) -> None:
        """`do` is what a consumer of this queue does with the id of a job; a process that only submits has none.

        Raises StoreError where the queue cannot be opened.
        """
        # Huey pickles what it carries: nothing is unpickled that this installation's key did not sign.
        options: dict[str, Any] = {"results": False, "serializer": SignedSerializer(secret=key.decode("ascii"))}
        self.huey: Huey
        if settings.redis_url:
            self.huey = RedisHuey(NAME, url=settings.redis_url, read_timeout=1, **options)
        else:
            path = settings.var.absolute() / "queue.db"
            try:
                self.huey = SqliteHuey(NAME, filename=str(path), **options)
            except sqlite3.Error as error:
                raise StoreError(f"the queue {path} cannot be opened ({error}): the disk may be full") from error

        def work(job_id: str) -> None:
            if do is None:
                raise RuntimeError(f"job {job_id} reached a process that only submits jobs")
            do(job_id)

        self._task = self.huey.task(name="work")(work)

    def put(self, job_id: str) -> None:
        """Tells the workers of a job. Where the queue does not answer, they find the job in the store, a little later."""
        try:
            self._task(job_id)
        except Exception as error:  # Redis and SQLite fail in their own ways, and the job is safe in the store
            _log.warning("the queue does not answer; the job waits in the store", job=job_id, reason=str(error))

    def pending(self) -> set[str]:
        """The ids of the jobs that wait in the queue. Raises whatever the queue's server raises."""
        return {task.args[0] for task in self.huey.pending()}
