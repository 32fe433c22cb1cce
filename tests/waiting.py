"""Waiting for events, with limits that a machine with much else to do keeps too."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 300.0


def wait_until(
    event: Callable[[], object], explain: Callable[[], object] = lambda: "", seconds: float = PATIENCE_SECONDS
) -> None:
    """Waits until `event` is true. Raises AssertionError with what `explain` returns once that has taken too long."""
    by = time.monotonic() + seconds
    while not event():
        assert time.monotonic() < by, explain()
        time.sleep(0.05)
