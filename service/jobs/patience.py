"""Patience with a store that does not answer, for work that would be lost without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from service.store import StoreError

Found = TypeVar("Found")
# How long a job that is done waits for a store that is away or full, rather than being done again.
PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 1.0


def insist(do: Callable[[], Found], seconds: float = PATIENCE_SECONDS) -> Found:
    """What `do` returns, tried again while the store does not answer. Raises StoreError when patience ends."""
    begun = time.monotonic()
    while True:
        try:
            return do()
        except StoreError:
            if time.monotonic() - begun >= seconds:
                raise
            time.sleep(_PAUSE_SECONDS)
