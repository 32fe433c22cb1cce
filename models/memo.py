"""What a function gave before: the tables that fill themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST = 8192
# For what is kept as long as the memo itself.
ALL = sys.maxsize


class Memo(dict[Key, Value]):
    """The values of a function by its argument, each worked out when it is first asked for.

    It holds so many at most: when it is full it starts anew, so that it cannot grow with whatever people send. That costs
    less than to tell at every look-up which value was asked for last. Of use to several threads at once: at worst, a value is
    worked out twice. What the function raises is not kept.
    """

    def __init__(self, work_out: Callable[[Key], Value], most: int = MOST) -> None:
        super().__init__()
        self._work_out = work_out
        self._most = most

    def __missing__(self, key: Key) -> Value:
        value = self._work_out(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = value
        return value

    def of_all(self, keys: Iterable[Key]) -> list[Value]:
        """The values of several arguments, in order."""
        return list(map(self.__getitem__, keys))
