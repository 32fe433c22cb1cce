"""Patience with a database that does not answer, for work that would be lost without it."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from service.errors import StoreError

Result = TypeVar("Result")
# How long a job that is done waits for a database that is away or full, rather than being done again.
PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 1.0
_log = structlog.get_logger(__name__)


def retry_on_store_error(action: Callable[[], Result], seconds: float = PATIENCE_SECONDS) -> Result:
    """What `action` returns, tried again while the database does not answer. Raises StoreError after `seconds`."""
    begun, is_logged = time.monotonic(), False
    while True:
        try:
            return action()
        except StoreError as error:
            if time.monotonic() - begun >= seconds:
                raise
            if not is_logged:
                is_logged = True
                _log.warning("the database did not take what was done; it is tried again", reason=str(error))
            time.sleep(_PAUSE_SECONDS)
