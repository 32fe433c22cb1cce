"""A table over small whole numbers that fills itself: what `Memo` is for one key at a time, for arrays of keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
UNSET = np.iinfo(np.int32).min


class Lookup:
    """The values of a function from whole numbers to whole numbers, each worked out when it is first asked for.

    It takes four bytes for every number up to the largest key.
    """

    def __init__(self, work_out: Callable[[int], int]) -> None:
        self._work_out = work_out
        self._values = np.empty(0, dtype=np.int32)

    def of(self, keys: NDArray[np.integer]) -> Codes:
        """The values of keys, in any order and number; keys are 0 or more."""
        if not keys.size:
            return np.empty(0, dtype=np.int32)
        most = int(keys.max())
        if most >= self._values.size:
            grown = np.full(max(most + 1, 2 * self._values.size), UNSET, dtype=np.int32)
            grown[: self._values.size] = self._values
            self._values = grown
        found: Codes = self._values[keys]
        new = found == UNSET
        if new.any():
            for key in np.unique(keys[new]).tolist():
                self._values[key] = self._work_out(key)
            found = self._values[keys]
        return found
