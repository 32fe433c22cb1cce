"""Parquet files in blocks: as many rows as are scored at a time, sent on as Arrow streams."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from models.candidates.candidate import FIELD_BY_NAME
from models.errors import FieldError, RowError, TableError
from service.batch.errors import table_error
from service.batch.readers.base import Block, BlockReader, Position
from service.batch.readers.columns import Chunk, is_list, is_scored, to_stream


class ParquetReader(BlockReader):
    """A Parquet file, which has to be closed."""

    def __init__(self, path: Path, keep: bool, block_rows: int) -> None:
        """`keep`: columns that are no fields are read too; `block_rows`: a block has so many rows, or a few more.

        Raises TableError where it is no Parquet file, or its columns have other types than the fields.
        """
        try:
            schema = parquet.read_schema(path)
            texts = [column.name for column in schema if is_scored(column.name) and _is_text(column.type)]
            self._file = parquet.ParquetFile(path, read_dictionary=texts)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            remedy = f"the file is no Parquet file that can be read: {_first_line(error)}"
            raise table_error(0, "not_parquet", remedy) from error
        _check_types(schema)
        self._block_rows = block_rows
        self._names = [name for name in schema.names if keep or name in FIELD_BY_NAME]
        self.columns: Sequence[str] = schema.names
        self.header_line = 0
        self.size = self._file.metadata.num_rows
        self.start = Position(line=0)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def read_blocks(self, begin: Position) -> Iterator[Block]:
        """The blocks from a position on. Raises TableError where the file turns out to be damaged."""
        batches: list[pa.RecordBatch] = []
        after = begin
        for batch in self._read_batches(begin.offset):
            batches.append(batch)
            after = Position(after.offset + len(batch), after.row + len(batch), 0)
            if after.offset - begin.offset >= self._block_rows:
                yield Block(begin, after, _to_stream(batches, batch.schema))
                batches, begin = [], after
        if batches:
            yield Block(begin, after, _to_stream(batches, batches[0].schema))

    def empty_block(self) -> Block:
        """A block without rows."""
        fields = [column for column in self._file.schema_arrow if column.name in self._names]
        return Block(self.start, self.start, _to_stream([], pa.schema(fields)))

    def _read_batches(self, skip: int) -> Iterator[pa.RecordBatch]:
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if rows <= skip:
                skip -= rows
                continue
            try:
                for batch in self._file.iter_batches(self._block_rows, [group], self._names):
                    if skip:
                        # Blocks end where batches do.
                        skip -= len(batch)
                        continue
                    yield batch
            except (pa.ArrowException, OSError) as error:
                remedy = f"row group {group} cannot be read: {_first_line(error)}"
                raise table_error(0, "damaged", remedy) from error


def read_stream(block: Block, keep: bool) -> Chunk:
    """The rows of a block of a Parquet file."""
    with pa.ipc.open_stream(block.content) as stream:
        table = stream.read_all().unify_dictionaries().combine_chunks()
    return Chunk.from_table(table, block.rows, np.arange(block.rows, dtype=np.intp), keep)


def _to_stream(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> bytes:
    return to_stream(pa.Table.from_batches(batches, schema).unify_dictionaries())


def _check_types(schema: pa.Schema) -> None:
    faults = []
    for column in schema:
        name, kind = column.name, column.type
        if name in FIELD_BY_NAME and not _is_type_of(name, kind):
            allowed = "texts, or lists of texts" if FIELD_BY_NAME[name].many else "texts"
            allowed = "texts or whole numbers" if name == "id" else allowed
            faults.append(FieldError(name, "wrong_type", f"the column {name} holds {kind}: give {allowed}"))
    if faults:
        raise TableError([RowError(0, fault) for fault in faults])


def _is_type_of(name: str, kind: pa.DataType) -> bool:
    if name == "id" and pa.types.is_integer(kind):
        return True
    return _is_text(kind) or (FIELD_BY_NAME[name].many and is_list(kind) and _is_text(kind.value_type))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    types = pa.types
    return any(
        is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
