"""The output of a batch: its scores, its errors, and the checkpoint of what is finished."""

import zlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from models.columnar.table import RANK, RANK_TO
from service.batch.block_scoring import ScoredBlock
from service.batch.checkpoint import Checkpoint, Entry
from service.batch.formats import Format
from service.batch.options import BatchSpec
from service.batch.readers.base import Position
from service.batch.writers import error_report, text
from service.batch.writers.atomic_file import PartialFile, Pipe, Sink
from service.batch.writers.parquet import ParquetSink, encode_block
from service.batch.writers.ranked import RankedSink


class Output:
    """The files of one batch under way."""

    def __init__(self, spec: BatchSpec, schema: pa.Schema) -> None:
        """Opens what there is of them. Only what goes from a file to a file can be resumed.

        Raises BatchError where another process writes them, OSError where they cannot be written.
        """
        self._errors = spec.options.errors
        resumable = bool(spec.source and spec.target)
        self._checkpoint = Checkpoint(spec.target) if spec.target and resumable else None
        self._sinks: list[Sink] = []
        self._lengths = (0, 0)
        self._is_begun = False
        try:
            self._sinks.append(PartialFile(spec.target) if spec.target else Pipe(spec.stdout))
            options = spec.options
            if options.rank:
                schema = pa.schema([*schema, *(pa.field(name, pa.int64()) for name in (RANK, RANK_TO))])
            if options.target is Format.PARQUET:
                is_kept = resumable and not options.rank
                blocks = PartialFile(spec.target, "blocks") if spec.target and is_kept else Sink()
                self._sinks[0] = ParquetSink(schema, self._sinks[0], blocks)
            self._header = text.header(options.target, schema.names) if options.target.is_table else b""
            if options.rank:
                encode = encode_block if options.target is Format.PARQUET else partial(text.rows, options.target)
                self._sinks[0] = RankedSink(self._sinks[0], spec.target, self._header, encode)
                self._header = b""
            if spec.errors_path:
                self._sinks.append(PartialFile(spec.errors_path))
        except OSError:
            self.leave()
            raise

    def begin(self, identity: Mapping[str, Any], start: Position) -> None:
        """Begins anew, with the headers of the scores and the errors."""
        if self._checkpoint:
            self._checkpoint.begin(identity)
        for sink in self._sinks:
            sink.truncate(0)
        self._is_begun = True
        self._lengths = (0, 0)
        self.add(start, ScoredBlock(self._header, error_report.header(self._errors)))

    def resume(self, identity: Mapping[str, Any]) -> list[Entry]:
        """Goes on after the blocks that were finished before an interruption, which are returned; empty where there are none.

        Raises ResumeError where they are of something else than is to be scored now.
        """
        sound: list[Entry] = []
        for entry in self._checkpoint.read(identity) if self._checkpoint else ():
            lengths = sound[-1].lengths if sound else (0, 0)
            places = zip(self._sinks, lengths, entry.lengths, entry.checksums, strict=False)
            if any(sink.checksum(start, end) != checksum for sink, start, end, checksum in places):
                break
            sound.append(entry)
        if self._checkpoint and sound:
            self._is_begun = True
            self._lengths = sound[-1].lengths
            for sink, length in zip(self._sinks, self._lengths, strict=False):
                sink.truncate(length)
            self._checkpoint.resume_after(len(sound))
        return sound

    def add(self, after: Position, scored: ScoredBlock) -> None:
        """Adds a block that ends at a position. Raises OSError where there is no room."""
        contents = scored.scores, scored.errors
        for sink, content in zip(self._sinks, contents, strict=False):
            sink.write(content)
        self._lengths = (self._lengths[0] + len(scored.scores), self._lengths[1] + len(scored.errors))
        if self._checkpoint:
            checksums = zlib.crc32(scored.scores), zlib.crc32(scored.errors)
            self._checkpoint.add(Entry(after, self._lengths, checksums, scored.summary))

    def finish(self) -> None:
        """Puts the files under their names, the errors first."""
        for sink in reversed(self._sinks):
            sink.finish()
        if self._checkpoint:
            self._checkpoint.discard()

    def leave(self) -> None:
        """Leaves what is finished to be resumed; removes it where nothing is.

        What another batch left stays as it is where this one has not begun.
        """
        checkpoint = self._checkpoint
        if checkpoint is None or checkpoint.is_unused or (self._is_begun and not checkpoint.has_blocks):
            self.discard()
            return
        checkpoint.close()
        for sink in self._sinks:
            sink.close()

    def discard(self) -> None:
        """Removes what was written."""
        for sink in self._sinks:
            sink.discard()
        if self._checkpoint:
            self._checkpoint.discard()
