"""A function of columns is the function, row by row, computed once for each combination of values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.columnar import lookup
from models.columnar.lookup import ColumnFunction, DictionaryColumn

WORDS = [f"word {number}" for number in range(3_000)]
COLUMN = st.lists(st.integers(0, 20), min_size=4, max_size=4)


def column(codes: list[int], words: list[str] = WORDS) -> DictionaryColumn[str]:
    return DictionaryColumn(words, np.array(codes, dtype=np.int32))


@given(st.lists(st.tuples(COLUMN, COLUMN), min_size=1, max_size=5), st.sampled_from([20, 40, 3_000]))
def test_it_is_the_function_and_is_computed_once(calls: list[tuple[list[int], list[int]]], words: int) -> None:
    computed: list[tuple[str, str]] = []

    def join(one: str, other: str) -> str:
        computed.append((one, other))
        return f"{one}, {other}"

    function = ColumnFunction(join)
    for size, (ones, others) in enumerate(calls):
        known = WORDS[: words + size + 1]
        joined = function(column(ones, known), column(others, known))
        assert [joined.values[code] for code in joined.codes.tolist()] == [
            f"{WORDS[one]}, {WORDS[other]}" for one, other in zip(ones, others, strict=True)
        ]
    if (words + len(calls)) ** 2 < lookup.MAX_TABLE:
        assert len(computed) == len(set(computed))


def test_equal_values_have_one_code_that_stays() -> None:
    function = ColumnFunction(str.casefold)
    first = function.of_values(DictionaryColumn(["A", "b"], np.array([0, 1, 0], dtype=np.int32)))
    then = function.of_values(DictionaryColumn(["c", "B", "a"], np.array([2, 1, 0], dtype=np.int32)))
    assert first.codes.tolist() == [0, 1, 0]
    assert then.codes.tolist() == [0, 1, 2]
    assert list(then.values) == ["a", "b", "c"]


def test_columns_without_rows_have_no_values() -> None:
    nothing = ColumnFunction(str.upper)(column([]))
    assert len(nothing.codes) == 0


def test_many_columns_of_many_values_have_more_combinations_than_whole_numbers_can_count() -> None:
    columns = [column([0, 2_999, 0])] * 10
    joined = ColumnFunction(lambda *words: words[0])(*columns)
    assert [joined.values[code] for code in joined.codes.tolist()] == [WORDS[0], WORDS[2_999], WORDS[0]]
