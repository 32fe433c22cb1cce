"""Chunks scored: a table of scores, and the faults of the rows that have none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.candidates.warnings import ReadingWarning
from models.columnar.arrow import combine_chunks
from models.columnar.decisions import decision_arrays
from models.columnar.scorer import LABELS, BatchScorer
from models.columnar.table import ROW, WARNINGS, score_arrays, spread
from models.columnar.warnings_column import WarnedRows, WarningsColumn, join_warnings
from models.errors import FieldError
from service.batch.evidence_column import EvidenceColumn
from service.batch.formats import Format
from service.batch.options import CONTRIBUTIONS, EVIDENCE, KEEP_EMPTY, Options
from service.batch.readers.columns import IS_JSON, Chunk
from service.batch.readers.ids import find_id_faults
from service.batch.writers.schema import file_types
from service.scoring.serializer import encode, warning_document

Places = NDArray[np.intp]
_HEADER = FieldError("", "repeated_header", "The row repeats the header. Remove it")


@dataclass(frozen=True)
class ScoredChunk:
    """The scores of a chunk as a table, the faults of its bad rows by their place in it, how often each label came, and how many
    rows are `warned` of, with the most frequent warnings."""

    table: pa.Table
    faults: Mapping[int, Sequence[FieldError]]
    labels: Mapping[str, int]
    warned: int = 0
    warnings: Sequence[WarnedRows] = ()


class ChunkScorer:
    """Scores chunks by one scorer, as the options say. For several threads at once, one of which scores at a time."""

    def __init__(self, columns: BatchScorer, options: Options) -> None:
        self._columns = columns
        self._options = options
        self._evidence = EvidenceColumn(columns.scorer, options.target) if EVIDENCE in options.include else None
        to_text = _warning_documents if options.target is Format.JSONL else join_warnings
        self._warnings = WarningsColumn(columns.scorer.parser.warnings, to_text)
        self._scoring = Lock()

    def score(self, chunk: Chunk, first_row: int) -> ScoredChunk:
        """The scores of a chunk whose first row has this number in the file."""
        faults = dict(chunk.unread)
        bad_ids = find_id_faults(chunk.ids) if chunk.ids is not None else {}
        # The rows of the scores that are good, and their places among those that were read.
        rows = good = np.empty(0, dtype=np.intp)
        arrays: dict[str, pa.Array] = {}
        labels: dict[str, int] = {}
        warned = 0
        warnings: Sequence[WarnedRows] = ()
        bad_fields: Mapping[int, Sequence[FieldError]] = {}
        if len(chunk.places):
            with self._scoring:
                scored = self._columns.score(chunk.fields, self._options.strict)
            bad_fields = {place: error.faults for place, error in scored.bad.items()}
            rows = np.flatnonzero(~np.isin(scored.good, list(bad_ids))) if bad_ids else np.arange(len(scored.good))
            good = scored.good[rows]
            arrays = score_arrays(scored, self._columns.scorer.bundle.id, CONTRIBUTIONS in self._options.include)
            if self._options.costs:
                arrays |= decision_arrays(scored, self._options.costs)
            arrays[WARNINGS], warned, warnings = self._warnings.build(scored, rows)
            if self._evidence:
                arrays[EVIDENCE] = self._evidence.build(chunk, scored.good)
            counts = np.bincount(scored.label[rows], minlength=len(LABELS)).tolist()
            labels = dict(zip(LABELS, counts, strict=True))
        for place in sorted({*bad_fields, *bad_ids}):
            row_faults = (
                [_HEADER]
                if self._repeats_header(chunk, place)
                else [*bad_ids.get(place, ()), *bad_fields.get(place, ())]
            )
            faults[int(chunk.places[place])] = row_faults
        return ScoredChunk(self._table(chunk, arrays, rows, good, first_row), faults, labels, warned, warnings)

    def _repeats_header(self, chunk: Chunk, place: int) -> bool:
        """Whether all that a row gives are the names of the fields, as where files were put together with their headers."""
        fields = {name: column.values[column.codes[place]] for name, column in chunk.fields.items()}
        stated = {name: value for name, value in fields.items() if value != self._options.constants.get(name)}
        return bool(stated) and all(value == name for name, value in stated.items())

    def _table(self, chunk: Chunk, arrays: dict[str, pa.Array], rows: Places, good: Places, first_row: int) -> pa.Table:
        """Kept columns, or ids, and the scores: `rows` of them, which are those of the rows `good` among the rows read."""
        of_scores: pa.Array | None
        if len(good) == chunk.rows:
            numbers = chunk.places
            of_scores = of_read = None
        elif self._options.bad_rows == KEEP_EMPTY:
            numbers = np.arange(chunk.rows)
            of_scores = spread(chunk.rows, chunk.places[good], rows)
            of_read = spread(chunk.rows, chunk.places, np.arange(len(chunk.places)))
        else:
            numbers = chunk.places[good]
            of_scores, of_read = pa.array(rows), pa.array(good)
        columns: dict[str, pa.Array] = {}
        if chunk.ids is not None and "id" not in chunk.kept.column_names:
            # An empty id is none.
            columns["id"] = _take(pc.if_else(pc.equal(chunk.ids, ""), None, chunk.ids), of_read)
        columns |= {name: _take(combine_chunks(chunk.kept[name]), of_read) for name in chunk.kept.column_names}
        metadata = {column.name: column.metadata for column in chunk.kept.schema}
        if self._options.target is Format.JSONL:
            metadata[WARNINGS] = IS_JSON
            if self._evidence:
                metadata[EVIDENCE] = IS_JSON
        # Ranks are added when all rows have come.
        for name, kind in file_types(replace(self._options, rank=False)).items():
            if name == ROW:
                columns[name] = pa.array(numbers + first_row, kind)
            else:
                columns[name] = _take(arrays.get(name, pa.array([], kind)), of_scores)
        fields = [pa.field(name, column.type, metadata=metadata.get(name)) for name, column in columns.items()]
        return pa.table(list(columns.values()), schema=pa.schema(fields))


def _warning_documents(warnings: Sequence[ReadingWarning]) -> str:
    """Warnings as the API has them."""
    return encode([warning_document(warning) for warning in warnings]).decode()


def _take(values: pa.Array, places: pa.Array | None) -> pa.Array:
    """The values at some places; all of them where there are none."""
    return values if places is None else values.take(places)
