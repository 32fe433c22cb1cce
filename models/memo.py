"""What a function gave before: tables that fill themselves, and properties that are worked out once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Generic, TypeVar, overload

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST = 8192
# How many are forgotten at once.
FEW = 64
# For what is kept as long as the memo itself.
ALL = sys.maxsize


Owner = TypeVar("Owner")


class Once(Generic[Owner, Value]):
    """A property that is worked out when it is first asked for, and then kept.

    As `functools.cached_property`, but without the lock that it takes in Python 3.11, which costs more than most of what is
    worked out here: two threads at once may work it out twice.
    """

    def __init__(self, work_out: Callable[[Owner], Value]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type[Owner], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, one: None, owner: type[Owner]) -> Once[Owner, Value]: ...

    @overload
    def __get__(self, one: Owner, owner: type[Owner]) -> Value: ...

    def __get__(self, one: Owner | None, owner: type[Owner]) -> Once[Owner, Value] | Value:
        if one is None:
            return self
        value = one.__dict__[self._name] = self._work_out(one)
        return value


class Memo(dict[Key, Value]):
    """The values of a function by its argument, each worked out when it is first asked for.

    It holds so many at most: when it is full it forgets a few of those that it has had longest, so that it cannot grow with
    whatever people send. That costs less than to tell at every look-up which value was asked for last, and less at once than to
    start anew. Of use to several threads at once: at worst, a value is worked out twice. What the function raises is not kept.
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
