"""How often programs that come to an end search for garbage: most of what they make stays, and leaves no cycles."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# How many objects, and searches of the younger generation, before a search for garbage in each generation.
SELDOM = (100_000, 20, 100)


def search_seldom() -> None:
    """Few searches for garbage until this process ends, and none of all that is left at its end."""
    gc.set_threshold(*SELDOM)
    atexit.register(gc.freeze)


@contextmanager
def searched_seldom() -> Iterator[None]:
    """Few searches for garbage, here and in the processes forked meanwhile."""
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
