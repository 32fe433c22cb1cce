"""What is done with each block by a worker: it is read, scored, and written as bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from models.columnar.scorer import BatchScorer
from models.errors import FieldError
from models.scorer import Scorer
from service.batch.chunk_scoring import ChunkScorer
from service.batch.formats import Format
from service.batch.options import Options
from service.batch.progress import SHOWN_FAULTS, BlockSummary
from service.batch.readers.base import Block
from service.batch.readers.columns import Chunk
from service.batch.readers.delimited import read_table
from service.batch.readers.json_lines import LineReader
from service.batch.readers.parquet import read_stream
from service.batch.readers.record_boundaries import find_records
from service.batch.writers import error_report, text
from service.batch.writers.parquet import encode_block


@dataclass(frozen=True, slots=True)
class ScoredBlock:
    """The scores and the errors of a block as bytes, and what is counted of it."""

    scores: bytes
    errors: bytes
    summary: BlockSummary = field(default_factory=BlockSummary)


class BlockProcessor:
    """Scores blocks of one file, whose `headings` are read as `columns`. For several threads at once."""

    def __init__(self, scorer: Scorer, options: Options, headings: Sequence[str], columns: Sequence[str]) -> None:
        self._made_of = scorer, options, headings, columns
        self._options = options
        self._columns = columns
        self._scorer = ChunkScorer(BatchScorer(scorer), options)
        self._parser = scorer.parser
        members = dict(zip(headings, columns, strict=True)) if options.source is Format.JSONL else {}
        self._lines = LineReader(
            scorer.parser, members, options.keep_columns, options.target is Format.JSONL, options.constants
        )

    def __reduce__(self) -> tuple[type[BlockProcessor], tuple[Scorer, Options, Sequence[str], Sequence[str]]]:
        """Sent to another process, it begins without what was met here."""
        return BlockProcessor, self._made_of

    def process(self, block: Block) -> ScoredBlock:
        """Scores a block. Raises TableError where it cannot be read, BatchError where its scores cannot be written."""
        chunk = self.read(block)
        scored = self._scorer.score(chunk, block.begin.row)
        documents = self.error_documents(block, chunk, scored.faults)
        form = self._options.target
        waits = form is Format.PARQUET or self._options.rank
        return ScoredBlock(
            encode_block(scored.table) if waits else text.rows(form, scored.table),
            error_report.lines(self._options.errors, documents),
            BlockSummary(len(scored.faults), scored.labels, documents[:SHOWN_FAULTS], scored.warned, scored.warnings),
        )

    def error_documents(
        self, block: Block, chunk: Chunk, faults: Mapping[int, Sequence[FieldError]]
    ) -> list[dict[str, Any]]:
        """A document for each fault of the rows of a block, by their places in it."""
        if not faults:
            return []
        lines = self.lines_of(block, sorted(faults))
        ids = dict(zip(chunk.places.tolist(), chunk.ids.to_pylist(), strict=True)) if chunk.ids is not None else {}
        return error_report.documents(faults, block.begin.row, lines, ids)

    def schema(self, empty: Block) -> pa.Schema:
        """The schema of the scores, by a block without rows."""
        return self._scorer.score(self.read(empty), 1).table.schema

    def read(self, block: Block) -> Chunk:
        """The rows of a block as columns, with the constants. Raises TableError where it cannot be read."""
        return self._read(block).fill(self._options.constants, self._parser.states_nothing)

    def _read(self, block: Block) -> Chunk:
        form = self._options.source
        if form is Format.PARQUET:
            return read_stream(block, self._columns, self._options.keep_columns)
        if form is Format.JSONL:
            return self._lines.read(block)
        return read_table(block, form, self._columns, self._options.keep_columns)

    def lines_of(self, block: Block, places: Sequence[int]) -> Sequence[int | None]:
        """The lines of the file on which rows of a block begin, by their places in it; None where a file has no lines."""
        if not self._options.source.is_text:
            return [None] * len(places)
        records = find_records(block.content, self._options.source, last=True)
        lines: list[int] = (block.begin.line + records.lines_of(records.starts[list(places)])).tolist()
        return lines
