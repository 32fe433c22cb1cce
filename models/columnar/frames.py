"""Frames of candidates scored: pandas, Polars or PyArrow in, a frame of the same kind out. None of the first two is needed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from numbers import Number
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from models.candidates.candidate import FIELD_BY_NAME, RawValue
from models.candidates.cells import cell_text
from models.candidates.headings import CANDIDATE_HEADINGS, check_columns, describe_other, missing_column, name_columns
from models.candidates.parser import unknown_field
from models.columnar.arrow import (
    combine_chunks,
    encode_lists,
    encode_texts,
    encode_values,
    is_list,
    is_scored,
    is_type_of,
    wrong_type,
)
from models.columnar.decisions import decision_arrays
from models.columnar.ranks import add_ranks, count_bands
from models.columnar.scorer import BatchScorer, RawColumn
from models.columnar.table import ROW, WARNINGS, decoded_type, score_arrays, score_types, spread
from models.columnar.warnings_column import WarningsColumn
from models.errors import CandidateError, InvalidRowsError, RowError, TableError
from models.scoring.ranking import Ranking

if TYPE_CHECKING:
    from models.scorer import Scorer
    from models.scoring.decisions import Costs

# As many as of a Parquet file: what may have been meant by a name is looked for in the most frequent warnings of so many rows.
BLOCK_ROWS = 64 * 1024
KEEP, RAISE = ERRORS = ("keep", "raise")
ERROR = "error"
# What conversions to Arrow raise for columns of Python objects that are of several types.
_NOT_ARROW = (pa.ArrowException, TypeError, ValueError, OverflowError)


def score_frame(
    scorer: Scorer,
    frame: Any,
    columns: Mapping[Hashable, str] | None,
    contributions: bool,
    strict: bool,
    errors: str,
    costs: Costs | None,
    rank: bool,
) -> Any:
    """`Scorer.score_frame`."""
    if errors not in ERRORS:
        raise ValueError(f"errors must be 'keep' or 'raise', not {errors!r}.")
    if nw.dependencies.is_polars_lazyframe(frame):
        return score_frame(scorer, frame.collect(), columns, contributions, strict, errors, costs, rank).lazy()
    table = _FrameColumns(frame)
    fields = _fields_of(table, columns or {})
    scored = _FrameScorer(scorer, contributions, strict, costs)
    parts = [
        scored.score({name: column(begin, begin + BLOCK_ROWS) for name, column in fields.items()}, begin)
        for begin in range(0, len(frame), BLOCK_ROWS)
    ]
    if scored.bad and errors == RAISE:
        raise InvalidRowsError([(table.name_of(row), error) for row, error in scored.bad.items()], len(frame))
    scores = pa.concat_tables([scored.schema.empty_table(), *parts])
    if rank:
        ranking = Ranking()
        count_bands(ranking, scores)
        scores = add_ranks(ranking, scores)
        # Errors come last.
        scores = scores.select([*(name for name in scores.column_names if name != ERROR), ERROR])
    return table.like(scores)


class _FrameColumns:
    """The columns of a frame, by their places. Raises TypeError where it is no frame."""

    def __init__(self, frame: Any) -> None:
        known = nw.dependencies
        self._frame = frame
        self._at: Callable[[int], Any]
        self._index: Any = None
        if known.is_pandas_dataframe(frame):
            self._index = frame.index
            self._at = lambda place: frame.iloc[:, place]
        elif known.is_polars_dataframe(frame):
            self._at = frame.to_series
        elif known.is_pyarrow_table(frame):
            self._at = frame.column
        else:
            kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
            raise TypeError(f"Give a DataFrame of pandas or Polars, or a Table of PyArrow, not {kind}.")
        names = frame.column_names if known.is_pyarrow_table(frame) else frame.columns
        self.labels: list[Hashable] = list(names)
        self._read: dict[int, pa.ChunkedArray | list[RawValue]] = {}

    def read(self, place: int) -> pa.ChunkedArray | list[RawValue]:
        """A column as Arrow has it; where that has no type for its values, they themselves."""
        if place not in self._read:
            self._read[place] = _read_series(self._at(place))
        return self._read[place]

    def admits(self, place: int, field: str) -> bool:
        """Whether a column can be a field by another heading than the name of the field."""
        column = self.read(place)
        return isinstance(column, list) or is_type_of(field, column.type)

    def name_of(self, row: int) -> object:
        """What the frame calls a row."""
        return row if self._index is None else self._index[[row]].tolist()[0]

    def like(self, table: pa.Table) -> Any:
        """A table as a frame of the same kind, with the same index."""
        if nw.dependencies.is_pyarrow_table(self._frame):
            return table
        namespace = nw.get_native_namespace(self._frame)
        if self._index is None:
            return namespace.from_arrow(table)
        # Else a column would be of Python objects wherever a value is absent.
        frame = table.to_pandas(
            types_mapper={pa.bool_(): namespace.BooleanDtype(), pa.int64(): namespace.Int64Dtype()}.get
        )
        frame.index = self._index
        return frame


class _FrameScorer:
    """Scores blocks of a frame, and notes the rows with errors in `bad`, by their places."""

    def __init__(self, scorer: Scorer, contributions: bool, strict: bool, costs: Costs | None) -> None:
        self._scorer = BatchScorer(scorer)
        self._warnings = WarningsColumn(scorer.parser.warnings)
        self._contributions, self._strict, self._costs = contributions, strict, costs
        types = score_types(contributions, decisions=costs is not None)
        kinds = {name: decoded_type(kind) for name, kind in types.items() if name != ROW}
        self.schema = pa.schema({**kinds, ERROR: pa.string()})
        self.bad: dict[int, CandidateError] = {}

    def score(self, fields: Mapping[str, RawColumn], begin: int) -> pa.Table:
        """The scores of a block whose first row is at the place `begin`."""
        count = len(next(iter(fields.values())).codes)
        scored = self._scorer.score(fields, self._strict)
        arrays = score_arrays(scored, self._scorer.scorer.bundle.id, self._contributions)
        if self._costs:
            arrays |= decision_arrays(scored, self._costs)
        arrays[WARNINGS], *_ = self._warnings.build(scored, np.arange(len(scored.good)))
        arrays[ERROR] = pa.nulls(count, pa.string())
        if scored.bad:
            self.bad |= {begin + row: error for row, error in scored.bad.items()}
            places = spread(count, scored.good, np.arange(len(scored.good)))
            arrays = {name: values.take(places) for name, values in arrays.items()}
            arrays[ERROR] = _error_texts(scored.bad, count)
        columns = [arrays[column.name].cast(column.type) for column in self.schema]
        return pa.table(columns, self.schema)


def _error_texts(bad: Mapping[int, CandidateError], count: int) -> pa.Array:
    # What may have been meant takes up to a millisecond to find, and rows that are the same have one error.
    text_of = {id(error): str(error) for error in {id(error): error for error in bad.values()}.values()}
    texts: list[str | None] = [None] * count
    for row, error in bad.items():
        # What was given may hold what UTF-8 cannot, such as half of a surrogate pair.
        texts[row] = text_of[id(error)].encode("utf-8", "backslashreplace").decode()
    return pa.array(texts, pa.string())


def _fields_of(table: _FrameColumns, mapping: Mapping[Hashable, str]) -> dict[str, Callable[[int, int], RawColumn]]:
    """The columns that are fields, each as a function that gives it between two rows. Raises TableError."""
    named = _named_fields(table.labels, mapping)
    headings = [
        # What was named goes before what is spelled.
        named.get(label) or ("" if CANDIDATE_HEADINGS.column_of(str(label)) in named.values() else str(label))
        for label in table.labels
    ]
    columns = name_columns(headings, (), table.admits)
    check_columns(headings, columns, line=0)
    _warn_of_unread(table, headings, columns)
    places = {name: place for place, name in enumerate(columns) if is_scored(name)}
    faults = [
        wrong_type(str(table.labels[place]), name, column.type)
        for name, place in places.items()
        if not isinstance(column := table.read(place), list) and not _is_cell_of(name, column.type)
    ]
    if faults:
        raise TableError([RowError(0, fault) for fault in faults])
    return {name: partial(_encode, table.read(place)) for name, place in places.items()}


def _warn_of_unread(table: _FrameColumns, headings: Sequence[str], columns: Sequence[str]) -> None:
    """Warns of columns that are not read, but look like fields."""
    others = (
        (heading, describe_other(heading, heading, columns))
        for place, (heading, column) in enumerate(zip(headings, columns, strict=True))
        if column not in FIELD_BY_NAME
        and not ((field := CANDIDATE_HEADINGS.column_of(heading)) and not table.admits(place, field))
    )
    if unread := [described for heading, described in others if described != heading]:
        warnings.warn(f"Columns that are not read: {', '.join(unread)}.", stacklevel=5)


def _named_fields(labels: Sequence[Hashable], mapping: Mapping[Hashable, str]) -> dict[Hashable, str]:
    """The fields that a mapping names, by the labels of columns. Raises TableError where there is no such field or column."""
    faults = [missing_column(str(label), [str(each) for each in labels]) for label in mapping if label not in labels]
    fields = {label: CANDIDATE_HEADINGS.column_of(str(name)) for label, name in mapping.items()}
    faults += [unknown_field(str(mapping[label])) for label, field in fields.items() if not field]
    if faults:
        raise TableError([RowError(0, fault) for fault in faults])
    return fields


def _is_cell_of(field: str, kind: pa.DataType) -> bool:
    """Whether a column of a type can be that of a field; numbers count as the texts that they are written as."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    types = pa.types
    return is_type_of(field, kind) or types.is_integer(value) or types.is_floating(value) or types.is_decimal(value)


def _read_series(series: Any) -> pa.ChunkedArray | list[RawValue]:
    wrapped = nw.from_native(series, series_only=True)
    if wrapped.dtype != nw.Object:
        try:
            column = wrapped.to_arrow()
            return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        except _NOT_ARROW:
            pass
    absent = wrapped.is_null().to_list()
    return [None if is_absent else _raw(value) for value, is_absent in zip(wrapped.to_list(), absent, strict=True)]


def _encode(column: pa.ChunkedArray | list[RawValue], begin: int, end: int) -> RawColumn:
    """A column between two rows."""
    if isinstance(column, list):
        return encode_values(column[begin:end])
    array = combine_chunks(column.slice(begin, end - begin))
    if is_list(array.type):
        return encode_lists(array)
    if pa.types.is_dictionary(array.type) and len(array.dictionary) > len(array):
        # Categories that are in no row would all be read.
        array = array.dictionary_decode()
    encoded = encode_texts(array)
    return encoded._replace(values=[value if isinstance(value, str) else _raw(value) for value in encoded.values])


class _Object(dict[Any, Any]):
    """A mapping in a cell, which is no value of any field, where values have to be hashable."""

    # mypy knows of dict only that it has none.
    __hash__ = object.__hash__  # type: ignore[assignment]


def _raw(value: Any) -> Any:
    """A cell as the parser takes it, which refuses what it cannot read."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, list | tuple):
        return tuple(map(_raw, value))
    if hasattr(value, "tolist"):
        # Of NumPy.
        return _raw(value.tolist())
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, Number):
        return cell_text(value)
    if isinstance(value, dict):
        return _Object(value)
    return value if isinstance(value, Hashable) else repr(value)
