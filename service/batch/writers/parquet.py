"""Scores as Parquet: each block is one row group.

An unfinished Parquet file cannot be read, so the blocks are kept beside it as Arrow streams until it is whole; an interrupted
batch writes the row groups that it had anew from those.
"""

import base64
from collections.abc import Iterator

import pyarrow as pa
from pyarrow import parquet

from models.columnar.table import decoded_type
from service.batch.readers.columns import to_stream
from service.batch.writers.atomic_file import PartialFile, Sink
from service.batch.writers.json_text import has_few_values


def encode_block(table: pa.Table) -> bytes:
    """The scores of a block as an Arrow stream, which is what a ParquetSink takes; empty where there are none."""
    return to_stream(table) if len(table) else b""


def read_blocks(file: PartialFile, length: int) -> Iterator[pa.Table]:
    """The blocks that stand within so many bytes of a file of Arrow streams."""
    with pa.OSFile(str(file.partial_path)) as blocks:
        while blocks.tell() < length:
            yield pa.ipc.open_stream(blocks).read_all()


class ParquetSink(Sink):
    """Takes blocks, and writes them into a Parquet file."""

    def __init__(self, schema: pa.Schema, file: Sink, blocks: Sink) -> None:
        """`blocks` is where the blocks stay until the file is whole: a PartialFile for batches that can be resumed."""
        self._schema = schema
        self._file = file
        self._blocks = blocks
        self._destination: _Destination | None = None
        self._writer: parquet.ParquetWriter | None = None

    def write(self, content: bytes) -> None:
        """Adds a block. Raises OSError where there is no room."""
        if content:
            self._blocks.write(content)
            self._write_row_group(pa.ipc.open_stream(content).read_all())

    def truncate(self, length: int) -> None:
        """Begins the file anew, with the blocks that stand within so many bytes."""
        self._abandon_writer()
        self._file.truncate(0)
        self._blocks.truncate(length)
        if length and isinstance(self._blocks, PartialFile):
            for table in read_blocks(self._blocks, length):
                self._write_row_group(table)

    def checksum(self, start: int, end: int) -> int | None:
        """The CRC-32 of the bytes of blocks between two offsets; None where they are not all there."""
        return self._blocks.checksum(start, end)

    def finish(self) -> None:
        """Writes the footer, and puts the file under its own name."""
        self._open_writer().close()
        self._file.finish()
        self._blocks.discard()

    def close(self) -> None:
        """Lets go of the files, and leaves them as they are."""
        self._abandon_writer()
        self._file.close()
        self._blocks.close()

    def discard(self) -> None:
        """Removes the files."""
        self._abandon_writer()
        self._file.discard()
        self._blocks.discard()

    def _write_row_group(self, table: pa.Table) -> None:
        self._open_writer().write_table(table, row_group_size=len(table))

    def _open_writer(self) -> parquet.ParquetWriter:
        if self._writer is None:
            # Of texts that are not coded already, such as ids, a dictionary takes longer than to write them.
            coded = [column.name for column in self._schema if has_few_values(column)]
            # Rows come in no order of their scores, so that the extremes of a row group would not help a reader.
            ordered = [name for name in ("id", "row") if name in self._schema.names]
            self._destination = _Destination(self._file)
            self._writer = parquet.ParquetWriter(
                self._destination, self._schema, use_dictionary=coded, write_statistics=ordered, store_schema=False
            )
            # Readers are to see texts rather than codes of texts.
            decoded = pa.schema([(column.name, decoded_type(column.type)) for column in self._schema])
            types = base64.b64encode(decoded.serialize().to_pybytes())
            self._writer.add_key_value_metadata({**(self._schema.metadata or {}), "ARROW:schema": types})
        return self._writer

    def _abandon_writer(self) -> None:
        if self._destination:
            # A writer that is not closed writes a footer when it is collected.
            self._destination.is_abandoned = True
        self._writer = None


class _Destination:
    """The file that Arrow writes into, which takes nothing more once it is abandoned."""

    closed = False
    is_abandoned = False

    def __init__(self, file: Sink) -> None:
        self._file = file

    def write(self, content: bytes) -> None:
        if not self.is_abandoned:
            self._file.write(content)

    def flush(self) -> None:
        """Does nothing: all is written at once."""
