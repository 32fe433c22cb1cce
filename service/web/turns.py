"""Turns: how many requests a worker works on at once, however many wait for their clients or for the store beside them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue


class Turns:
    """So many turns; a thread has one at most. All threads share one interpreter, so more of them would only wait longer."""

    def __init__(self, count: int) -> None:
        # Takes a fraction of the time of a semaphore, and hands turns out in the order of asking.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self._holds = threading.local()

    def take(self) -> None:
        """Waits for a turn."""
        self._free.get()
        self._holds.turn = True

    def leave(self) -> None:
        """Ends the turn of this thread, if it has one."""
        if getattr(self._holds, "turn", False):
            self._holds.turn = False
            self._free.put(None)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A block that takes a turn, once there is one."""
        self.take()
        try:
            yield
        finally:
            self.leave()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A block that takes no turn. Whoever holds a lock must not come here: it would wait for its turn with the lock."""
        held = getattr(self._holds, "turn", False)
        self.leave()
        try:
            yield
        finally:
            if held:
                self.take()
