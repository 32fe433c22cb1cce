"""Patience with a store that does not answer, for work that would be lost without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from service.store import StoreError

Found = TypeVar("Found")
# How long a job that is done waits for a store that is away or full, rather than being done again.
PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 1.0
_log = structlog.get_logger(__name__)


def insist(do: Callable[[], Found], seconds: float = PATIENCE_SECONDS) -> Found:
    """What `do` returns, tried again while the store does not answer. Raises StoreError when patience ends."""
    begun, told = time.monotonic(), False
    while True:
        try:
            return do()
        except StoreError as error:
            if time.monotonic() - begun >= seconds:
                raise
            if not told:
                told = True
                _log.warning("the store did not take what was done; it is tried again", reason=str(error))
            time.sleep(_PAUSE_SECONDS)
