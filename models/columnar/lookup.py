"""Columns in dictionary encoding, and functions of them that are computed once for each distinct combination of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows

Value = TypeVar("Value")
Codes = NDArray[np.int32]

# A function of columns keeps a table of its values unless there could be more combinations than this.
MAX_TABLE = 1 << 22
UNSET = -1


class DictionaryColumn(NamedTuple, Generic[Value]):
    """A column of values: its distinct `values`, and for every row the place of its value among them."""

    values: Sequence[Value]
    codes: Codes

    def take(self, rows: Rows) -> DictionaryColumn[Value]:
        """The column at some rows."""
        return DictionaryColumn(self.values, self.codes[rows])

    def to_array(self, dtype: Any) -> NDArray[Any]:
        """The value of every row, shape (rows,), or (rows, n) where the values are n numbers each."""
        return np.array(self.values, dtype=dtype)[self.codes]


class ValueFunction(Generic[Value]):
    """A function of one column whose values keep their codes from call to call, computed once for each of them.

    Its values must be hashable; equal ones get one code, which they keep. Not for several threads at once.
    """

    def __init__(self, function: Callable[[Any], Value]) -> None:
        self._function = function
        self._code_of: dict[Value, int] = {}
        self._codes: Codes = np.empty(0, dtype=np.int32)

    def __call__(self, column: DictionaryColumn[Any]) -> DictionaryColumn[Value]:
        """The values of the function, row by row."""
        values = map(self._function, column.values[len(self._codes) :])
        codes = [self._code_of.setdefault(value, len(self._code_of)) for value in values]
        if codes:
            self._codes = np.append(self._codes, np.array(codes, dtype=np.int32))
        return DictionaryColumn(tuple(self._code_of), self._codes[column.codes])


class ColumnFunction(Generic[Value]):
    """A function of columns that is computed once for each combination of values that occurs in any call.

    Its values must be hashable; equal ones get one code, which they keep. Not for several threads at once.
    """

    def __init__(self, function: Callable[..., Value]) -> None:
        self._function = function
        self._values: list[Value] = []
        self._code_of: dict[Value, int] = {}
        self._code_by_argument: dict[Any, int] = {}
        self._table: Codes = np.empty(0, dtype=np.int32)

    def __call__(self, *columns: DictionaryColumn[Any]) -> DictionaryColumn[Value]:
        """The values of the function, row by row, of columns whose values keep their codes from call to call."""
        sizes = tuple(len(column.values) for column in columns)
        if prod(sizes) > MAX_TABLE:
            return self._compute_without_table(columns)
        self._enlarge_table(sizes)
        table = self._table.reshape(-1)
        places = np.ravel_multi_index(tuple(column.codes for column in columns), self._table.shape)
        codes = table.take(places)
        unset = np.unique(places[codes == UNSET])
        if unset.size:
            combinations = np.unravel_index(unset, self._table.shape)
            table[unset] = self._compute(columns, [of_column.tolist() for of_column in combinations])
            codes = table.take(places)
        return DictionaryColumn(self._values, codes)

    def of_values(self, column: DictionaryColumn[Any]) -> DictionaryColumn[Value]:
        """The values of the function of one column, whose values may have other codes in every call and must be hashable."""
        known = self._code_by_argument
        for value in column.values:
            if value not in known:
                known[value] = self._code(self._function(value))
        codes = np.fromiter(map(known.__getitem__, column.values), np.int32, len(column.values))
        return DictionaryColumn(self._values, codes[column.codes])

    def __len__(self) -> int:
        """How many arguments of `of_values` are remembered."""
        return len(self._code_by_argument)

    def _compute(self, columns: Sequence[DictionaryColumn[Any]], codes: Sequence[list[int]]) -> list[int]:
        """The codes of the values for some combinations of codes of the columns."""
        arguments = [
            [column.values[code] for code in of_column] for column, of_column in zip(columns, codes, strict=True)
        ]
        return list(map(self._code, map(self._function, *arguments)))

    def _code(self, value: Value) -> int:
        code = self._code_of.setdefault(value, len(self._values))
        if code == len(self._values):
            self._values.append(value)
        return code

    def _enlarge_table(self, sizes: tuple[int, ...]) -> None:
        table = self._table if self._table.size else np.empty((0,) * len(sizes), dtype=np.int32)
        # A side that must grow is made twice as long as is needed now, but for the first time.
        growth = [
            (2 * size if length else size) - length if size > length else 0
            for size, length in zip(sizes, table.shape, strict=True)
        ]
        if any(growth):
            self._table = np.pad(table, [(0, more) for more in growth], constant_values=UNSET)

    def _compute_without_table(self, columns: Sequence[DictionaryColumn[Any]]) -> DictionaryColumn[Value]:
        codes = np.column_stack([column.codes for column in columns])
        combinations, rows = np.unique(codes, axis=0, return_inverse=True)
        computed = self._compute(columns, combinations.T.tolist())
        return DictionaryColumn(self._values, np.array(computed, dtype=np.int32)[rows])
