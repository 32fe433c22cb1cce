"""A bounded cache of the values of a function, by its one argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST = 8192
# How many are forgotten at once.
FEW = 64


class Memo(dict[Key, Value]):
    """The values of a function by its argument, at most `most` of them; when it is full the oldest few are forgotten.

    Several threads can use it at once: at worst, a value is computed twice. What the function raises is not kept.
    """

    def __init__(self, work_out: Callable[[Key], Value], most: int = MOST) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, key: Key) -> Value:
        value = self._work_out(key)
        if len(self) >= self._most:
            for old in list(islice(self, FEW)):
                self.pop(old, None)
        self[key] = value
        return value

    def of_all(self, keys: Iterable[Key]) -> list[Value]:
        """The values of several arguments, in order."""
        return list(map(self.__getitem__, keys))
