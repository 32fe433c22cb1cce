"""What is done with each piece, in the process of a worker: read, scored, and written as bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from models.coded import ColumnScorer
from service.batch import faults as told
from service.batch import parquet_writer, text_writer
from service.batch.chunk import Chunk
from service.batch.formats import Format
from service.batch.json_lines import LineReader
from service.batch.options import EVIDENCE, Options
from service.batch.parquet_source import read_batches
from service.batch.pieces import Piece
from service.batch.records import records_of
from service.batch.scoring import ChunkScorer
from service.batch.tables import read_table

SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a piece: its scores and its faults as bytes, what the footer of a Parquet file is to say of them, how many
    rows are bad, how often each label came, and its first faults."""

    scores: bytes
    faults: bytes
    group: bytes
    bad: int
    labels: Counter[str]
    first_faults: Sequence[Mapping[str, Any]]


class Work:
    """Scores pieces of one file with `columns` (None where rows have their own), as the options want it."""

    def __init__(self, scorer: ColumnScorer, options: Options, columns: Sequence[str] | None) -> None:
        self._options = options
        self._columns = columns
        self._scorer = ChunkScorer(scorer, options)
        kept = columns if options.keep else None
        self._lines = LineReader(scorer.scorer.reader, kept, as_json=options.target is Format.JSONL)

    @property
    def is_for_threads(self) -> bool:
        """Whether threads can do pieces side by side: tables are read and written without the interpreter, lines of JSON read
        by it, and the nearest findings looked up."""
        return self._options.source is not Format.JSONL and EVIDENCE not in self._options.include

    def share(self) -> None:
        """From now on several threads may do pieces at once."""
        self._scorer.share()

    def do(self, piece: Piece) -> Scored:
        """Scores a piece. Raises SheetError where it cannot be read, BatchError where its scores cannot be written."""
        chunk = self.read(piece)
        scored = self._scorer.score(chunk, piece.begin.row)
        group = b""
        if self._options.target is not Format.PARQUET:
            scores = text_writer.rows(self._options.target, scored.table)
        elif len(scored.table):
            scores, group = parquet_writer.row_group(scored.table)
        else:
            scores = b""
        found: list[Mapping[str, Any]] = []
        if scored.faults:
            found = list(told.documents(scored.faults, self._rows(piece, chunk, scored.faults)))
        written = told.lines(self._options.faults, found)
        return Scored(scores, written, group, len(scored.faults), scored.labels, found[:SHOWN_FAULTS])

    def schema(self, piece: Piece) -> pa.Schema:
        """The schema of the scores, by a piece without rows."""
        return self._scorer.score(self.read(piece), 1).table.schema

    def read(self, piece: Piece) -> Chunk:
        """The rows of a piece as columns. Raises SheetError where it cannot be read."""
        form = self._options.source
        if form is Format.PARQUET:
            return read_batches(piece, self._options.keep)
        if form is Format.JSONL:
            return self._lines.read(piece)
        return read_table(piece, form, self._columns or (), self._options.keep)

    def lines(self, piece: Piece, places: Sequence[int]) -> list[int]:
        """The lines of the file on which rows of a piece of text begin, by their places in it."""
        found = records_of(piece.content, self._options.source, last=True)
        lines: list[int] = (piece.begin.line + found.lines_of(found.starts[list(places)])).tolist()
        return lines

    def _rows(self, piece: Piece, chunk: Chunk, faults: Mapping[int, object]) -> Mapping[int, Mapping[str, Any]]:
        """Where each bad row stands in the file, and its id as far as it can be read."""
        places = sorted(faults)
        lines: Sequence[int | None] = [None] * len(places)
        if self._options.source.is_text:
            lines = self.lines(piece, places)
        read = np.searchsorted(chunk.places, places).tolist()
        return {
            place: {"line": line, "row": piece.begin.row + place, "id": _id(chunk, place, among)}
            for place, line, among in zip(places, lines, read, strict=True)
        }


def _id(chunk: Chunk, place: int, among: int) -> str | None:
    if chunk.ids is None or among >= len(chunk.places) or chunk.places[among] != place:
        return None
    found: str | None = chunk.ids[among].as_py()
    return found
