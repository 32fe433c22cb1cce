"""A memo gives what its function gives, works each argument out once while there is room, and never grows beyond it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.caching import Memo


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_it_is_the_function_and_stays_small(keys: list[int], most: int) -> None:
    memo = Memo(lambda key: key * key, most)
    assert memo.of_all(keys) == [key * key for key in keys]
    assert len(memo) <= most


def test_while_there_is_room_each_argument_is_worked_out_once() -> None:
    asked: list[str] = []
    memo = Memo(lambda key: asked.append(key) or key.upper())  # type: ignore[func-returns-value]
    assert [memo[key] for key in "abab"] == ["A", "B", "A", "B"]
    assert asked == ["a", "b"]


def test_what_raises_is_not_kept() -> None:
    memo = Memo(lambda key: 1 // key)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            memo[0]
    assert len(memo) == 0
