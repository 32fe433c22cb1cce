"""Chunks scored: a table of scores, and the faults of the rows that have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.coded import LABELS, ColumnScorer
from models.errors import Fault
from service.batch.chunk import IS_JSON, Chunk, whole
from service.batch.columns import ROW, arrays_of, columns_of_scores
from service.batch.formats import Format
from service.batch.ids import faults_of_ids
from service.batch.nearest import Nearest
from service.batch.options import EVIDENCE, KEEP_EMPTY, Options

Places = NDArray[np.intp]
_HEADER = Fault("", "repeated_header", "the row repeats the header: take it out")


@dataclass(frozen=True)
class ScoredChunk:
    """The scores of a chunk as a table, the faults of its bad rows by their place in it, and how often each label came."""

    table: pa.Table
    faults: Mapping[int, Sequence[Fault]]
    labels: Counter[str]


class ChunkScorer:
    """Scores chunks by one scorer, as the options want it."""

    def __init__(self, columns: ColumnScorer, options: Options) -> None:
        self._columns = columns
        self._options = options
        self._evidence = Nearest(columns.scorer, options.target) if EVIDENCE in options.include else None
        self._scoring: AbstractContextManager[object] = nullcontext()

    def share(self) -> None:
        """From now on several threads may score at once."""
        self._scoring = Lock()

    def score(self, chunk: Chunk, first_row: int) -> ScoredChunk:
        """The scores of a chunk whose first row has this number in the file."""
        read = len(chunk.places)
        faults = dict(chunk.unread)
        bad_ids = faults_of_ids(chunk.ids) if chunk.ids is not None else {}
        with self._scoring:
            scored = self._columns.score(chunk.fields) if read else None
        for place in sorted({*(scored.bad if scored else ()), *bad_ids}):
            others = scored.bad[place].faults if scored and place in scored.bad else ()
            found = [_HEADER] if _repeats_header(chunk, place) else [*bad_ids.get(place, ()), *others]
            faults[int(chunk.places[place])] = found
        arrays: dict[str, pa.Array] = {}
        # The rows of the scores that are good, and their places among those that were read.
        rows = good = np.empty(0, dtype=np.intp)
        labels: Counter[str] = Counter()
        if scored is not None:
            rows = np.flatnonzero(~np.isin(scored.good, list(bad_ids))) if bad_ids else np.arange(len(scored.good))
            good = scored.good[rows]
            arrays = arrays_of(scored, self._columns.scorer.bundle.id, self._options.include)
            if self._evidence:
                arrays[EVIDENCE] = self._evidence.of(chunk, scored.good)
            labels = _labels(scored.label[rows])
        return ScoredChunk(self._table(chunk, arrays, rows, good, first_row), faults, labels)

    def _table(self, chunk: Chunk, arrays: dict[str, pa.Array], rows: Places, good: Places, first_row: int) -> pa.Table:
        """Kept columns, or ids, and the scores: `rows` of them, which are those of the rows `good` among the rows read."""
        of_scores: pa.Array | None
        if len(good) == chunk.rows:
            numbers = chunk.places
            of_scores = of_read = None
        elif self._options.bad_rows == KEEP_EMPTY:
            numbers = np.arange(chunk.rows)
            of_scores = _spread(chunk.rows, chunk.places[good], rows)
            of_read = _spread(chunk.rows, chunk.places, np.arange(len(chunk.places)))
        else:
            numbers = chunk.places[good]
            of_scores, of_read = pa.array(rows), pa.array(good)
        columns: dict[str, pa.Array] = {}
        if chunk.kept is not None:
            columns |= {name: _taken(whole(chunk.kept[name]), of_read) for name in chunk.kept.column_names}
        elif chunk.ids is not None:
            columns["id"] = _taken(_stated(chunk.ids), of_read)
        metadata = {} if chunk.kept is None else {one.name: one.metadata for one in chunk.kept.schema}
        if self._evidence and self._options.target is Format.JSONL:
            metadata[EVIDENCE] = IS_JSON
        for name, kind in columns_of_scores(self._options.include).items():
            if name == ROW:
                columns[name] = pa.array(numbers + first_row, kind)
            else:
                columns[name] = _taken(arrays.get(name, pa.array([], kind)), of_scores)
        fields = [pa.field(name, column.type, metadata=metadata.get(name)) for name, column in columns.items()]
        return pa.table(list(columns.values()), schema=pa.schema(fields))


def _repeats_header(chunk: Chunk, place: int) -> bool:
    """Whether all that a row gives are the names of the fields, as where files were put together with their headers."""
    given = {name: column.values[column.codes[place]] for name, column in chunk.fields.items()}
    return bool(given) and all(value == name for name, value in given.items())


def _stated(ids: pa.Array) -> pa.Array:
    """Ids, of which those that are empty are not stated."""
    empty = pc.equal(ids, "")
    return pc.if_else(empty, pa.scalar(None, ids.type), ids) if pc.any(empty).as_py() else ids


def _taken(values: pa.Array, places: pa.Array | None) -> pa.Array:
    """Values at places; all of them as they are where that is what is wanted."""
    return values if places is None else values.take(places)


def _spread(count: int, places: Places, values: Places) -> pa.Array:
    """So many places, with the values at some of them and nothing at the others."""
    spread = np.full(count, -1, dtype=np.int64)
    spread[places] = values
    return pa.array(spread, mask=spread < 0)


def _labels(codes: NDArray[np.int8]) -> Counter[str]:
    counts = np.bincount(codes, minlength=len(LABELS)).tolist()
    return Counter(dict(zip(LABELS, counts, strict=True)))
