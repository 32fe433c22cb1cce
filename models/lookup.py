"""Tables over small whole numbers that fill themselves: what `Memo` is for one key at a time, for arrays of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

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


class Growing:
    """Rows that are added one at a time or several, and read as one array."""

    def __init__(self, width: int | None = None, kind: DTypeLike = np.float64) -> None:
        """`width`: how many numbers a row has; without it, a row is one of what `kind` tells."""
        self._rows: NDArray[Any] = np.empty((16,) if width is None else (16, width), dtype=kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def array(self) -> NDArray[Any]:
        """All rows, shape (rows,) or (rows, width). Holds until the next row is added."""
        return self._rows[: self._count]

    def add(self, row: Any) -> int:
        """Adds a row, and tells its place."""
        self._have_room(1)
        self._rows[self._count] = row
        self._count += 1
        return self._count - 1

    def extend(self, rows: NDArray[Any]) -> int:
        """Adds rows, and tells the place of the first."""
        self._have_room(len(rows))
        first, self._count = self._count, self._count + len(rows)
        self._rows[first : self._count] = rows
        return first

    def _have_room(self, rows: int) -> None:
        if self._count + rows > len(self._rows):
            grown = np.empty((2 * (self._count + rows), *self._rows.shape[1:]), dtype=self._rows.dtype)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
