"""Processes that must not outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import AbstractContextManager

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, by: signal.Signals) -> None:
    """Has the kernel send `by` to this process when `parent`, the process that started it, dies, however it dies.

    Linux only (prctl(2)); elsewhere an orphan goes on, and is fenced off by the number of its claim.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), by)


def bound_pool() -> AbstractContextManager[object]:
    """A context in which joblib's processes end with this one; by themselves they outlive a parent that was killed."""
    from joblib import parallel_config

    found: AbstractContextManager[object] = parallel_config(
        backend="loky", initializer=end_with_parent, initargs=(os.getpid(), signal.SIGKILL)
    )
    return found
