"""Parquet files in blocks: as many rows as are scored at a time, sent on as Arrow streams."""

import mmap
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.headings import check_count, name_columns
from models.columnar.arrow import is_list, is_scored, is_text, is_type_of, wrong_type
from models.errors import FieldError, RowError, TableError
from service.batch.errors import table_error
from service.batch.formats import Format
from service.batch.readers.base import Block, BlockReader, Position
from service.batch.readers.columns import Chunk, to_stream
from service.batch.readers.header import describe_columns
from service.batch.readers.parquet_pages import read_pages

Places = NDArray[np.intp]
Sizes = NDArray[np.int64]
# Arrow takes some hundred bytes of memory for each byte of a footer.
_MOST_FOOTER_BYTES, _MOST_FOOTER_ENTRIES = 16 * 1024 * 1024, 50_000
# What the pages of a row group may take at a time, one of each column and its dictionary; those of usual writers have 1 MiB.
# Larger files may have more, up to so many times their size.
MOST_PAGE_BYTES, MOST_TIMES_PACKED = 128 * 1024 * 1024, 4
# Values of one column in lists of a row group, all of which may stand in one row.
_MOST_LISTED = 4 * 1024 * 1024
_WIDEST_VALUE = 1024
_NUMBER_BYTES = 8
_LARGE_DICTIONARY = 4 * 1024 * 1024
_BYTES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)


class ParquetReader(BlockReader):
    """A Parquet file, which has to be closed."""

    def __init__(
        self,
        path: Path,
        reserved: Collection[str],
        block_rows: int,
        block_bytes: int,
        most_bytes: int | None = None,
    ) -> None:
        """`reserved` are the columns of the scores; a block has `block_rows` rows, or a few more; `block_bytes` is the longest
        row, `most_bytes` what all rows may have together, each counted as CSV would have it.

        Raises TableError where it is no Parquet file, its columns have other types than the fields, or there are too many.
        """
        self._block_rows, self._block_bytes, self._most_bytes = block_rows, block_bytes, most_bytes
        self.form = Format.PARQUET
        self.header_line = 0
        self.remarks: Sequence[str] = ()
        self.start = Position(line=0)
        with path.open("rb") as file:
            self._bytes = memoryview(_map(file))
        try:
            if int.from_bytes(self._bytes[-8:-4], "little") > _MOST_FOOTER_BYTES:
                raise pa.ArrowInvalid(f"its footer has more than {_MOST_FOOTER_BYTES:,} bytes")
            self._file = self._open(path, ())
            schema: pa.Schema = self._file.schema_arrow
            check_count(schema.names, 0)
            self.headings: Sequence[str] = schema.names
            self.columns: Sequence[str] = name_columns(
                schema.names, reserved, lambda place, field: is_type_of(field, schema.types[place])
            )
            texts = [
                column.name
                for column, name in zip(schema, self.columns, strict=True)
                if is_scored(name) and is_text(column.type)
            ]
            self._file = self._open(path, texts)
            leaves = [self._file.schema.column(place) for place in range(len(self._file.schema))]
            # Leaf columns that are read, by their places, and the paths of those that hold bytes.
            self._leaves = dict(enumerate(leaves))
            self._coded = self._open(path, [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"])
        except (pa.ArrowException, OSError, UnicodeError) as error:
            remedy = f"The file is not a readable Parquet file: {_first_line(error)}"
            raise table_error(0, "not_parquet", remedy) from error
        self._check_types(schema)
        self._schema: pa.Schema = self._file.schema_arrow
        self.remarks = describe_columns(self.headings, self.columns)
        self.size = self._file.metadata.num_rows

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        self._coded.close()
        self._bytes.release()

    def read_blocks(self, begin: Position) -> Iterator[Block]:
        """The blocks from a position on. Raises TableError where the file turns out to be damaged, or to unpack to too much."""
        batches: list[pa.RecordBatch] = []
        after, size = begin, 0
        for batch, batch_bytes in self._read_batches(begin.offset):
            batches.append(batch)
            size += batch_bytes
            after = Position(after.offset + len(batch), after.row + len(batch), 0)
            if after.offset - begin.offset >= self._block_rows or size >= self._block_bytes:
                yield Block(begin, after, _to_stream(batches, batch.schema))
                batches, begin, size = [], after, 0
        if batches:
            yield Block(begin, after, _to_stream(batches, batches[0].schema))

    def empty_block(self) -> Block:
        """A block without rows."""
        return Block(self.start, self.start, _to_stream([], self._schema))

    def _open(self, path: Path, coded: Sequence[str]) -> parquet.ParquetFile:
        """The file, with texts of some columns read as codes."""
        return parquet.ParquetFile(path, read_dictionary=list(coded), thrift_container_size_limit=_MOST_FOOTER_ENTRIES)

    def _read_batches(self, skip: int) -> Iterator[tuple[pa.RecordBatch, int]]:
        """The rows behind the first ones, some at a time, with how many bytes they have."""
        total = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if rows <= skip:
                skip -= rows
                continue
            try:
                for batch in self._read_row_group(group):
                    # Arrow looks neither at the codes nor at the encoding of texts.
                    batch.validate(full=True)
                    for piece, size in self._cut(batch, group):
                        total += size
                        if self._most_bytes is not None and total > self._most_bytes:
                            remedy = (
                                f"Uncompressed, the file has more than the {self._most_bytes:,} bytes that are allowed"
                            )
                            raise table_error(0, "too_large", f"{remedy} (row group {group})")
                        if skip:
                            # Blocks end where pieces do.
                            skip -= len(piece)
                            continue
                        yield piece, size
            except (pa.ArrowException, OSError, ValueError) as error:
                remedy = f"Row group {group} cannot be read: {_first_line(error)}"
                raise table_error(0, "damaged", remedy) from error

    def _read_row_group(self, group: int) -> Iterator[pa.RecordBatch]:
        """The rows of a row group, read in such a way that they do not take more memory than the file has room for."""
        metadata = self._file.metadata.row_group(group)
        allowed = max(MOST_PAGE_BYTES, MOST_TIMES_PACKED * len(self._bytes))
        rows, in_flight = self._block_rows, 0
        coded, flat = False, []
        for place, leaf in self._leaves.items():
            try:
                pages = read_pages(self._bytes, metadata.column(place))
            except ValueError as error:
                raise table_error(
                    0, "damaged", f"Column {leaf.path} of row group {group} cannot be read: {error}"
                ) from error
            in_flight += pages.dictionary_bytes + pages.page_bytes
            if in_flight > allowed:
                remedy = (
                    f"The pages of row group {group} are too large. Up to column {leaf.path} they take {in_flight:,} bytes, but "
                    f"{allowed:,} are allowed. Write smaller pages, or fewer rows per row group"
                )
                raise table_error(0, "too_large", remedy)
            if leaf.max_repetition_level and pages.values > _MOST_LISTED:
                remedy = f"The lists of column {leaf.path} in row group {group} have {pages.values:,} values"
                raise table_error(
                    0, "too_large", f"{remedy}, but {_MOST_LISTED:,} are allowed. Write smaller row groups"
                )
            if pages.has_shared_prefixes:
                rows = max(min(rows, self._block_bytes // max(pages.page_bytes, 1)), 1)
            if pages.dictionary_bytes and leaf.physical_type == "BYTE_ARRAY":
                if leaf.path in self.headings:
                    flat.append(leaf.path)
                else:
                    coded = True
        # Each row of a batch, and each value of a list, may have the longest text of a dictionary.
        coded = coded or self._longest_texts(group, flat) * rows > self._block_bytes
        yield from (self._coded if coded else self._file).iter_batches(rows, [group])

    def _longest_texts(self, group: int, columns: Sequence[str]) -> int:
        """The bytes of the longest texts of the dictionaries of some columns in a row group."""
        first = next(self._coded.iter_batches(1, [group], columns), None) if columns else None
        return sum(int(_row_bytes(column.dictionary).max(initial=0)) for column in first.columns) if first else 0

    def _cut(self, batch: pa.RecordBatch, group: int) -> Iterator[tuple[pa.RecordBatch, int]]:
        """A batch in pieces that can be unpacked, as it would have been read plainly, and the bytes of each."""
        sizes = sum((_row_bytes(column) for column in batch.columns), np.zeros(len(batch), dtype=np.int64))
        if len(batch) and (longest := int(sizes.max())) > self._block_bytes:
            column = max(batch.schema.names, key=lambda name: int(_row_bytes(batch[name]).max()))
            remedy = f"A row of row group {group} has {longest:,} bytes, most of them in column {column}"
            raise table_error(0, "too_long", f"{remedy}. At most {self._block_bytes:,} are allowed")
        ends = np.cumsum(sizes)
        begin, before = 0, 0
        while begin < len(batch):
            end = int(np.searchsorted(ends, before + self._block_bytes, side="right"))
            piece = batch.slice(begin, end - begin)
            arrays = map(_decode, piece.columns, self._schema.types)
            yield pa.record_batch(list(arrays), self._schema), int(ends[end - 1]) - before
            begin, before = end, int(ends[end - 1])

    def _check_types(self, schema: pa.Schema) -> None:
        faults = [
            FieldError(name, "doubled_column", f"There are {times} columns named {name}. Keep one")
            for name, times in Counter(schema.names).items()
            if times > 1
        ]
        for column, field in zip(schema, self.columns, strict=True):
            name, kind = column.name, column.type
            if pa.types.is_fixed_size_binary(kind) and kind.byte_width > _WIDEST_VALUE:
                remedy = f"The column {name} has values of {kind.byte_width:,} bytes, but at most {_WIDEST_VALUE:,} are allowed"
                faults.append(FieldError(name, "too_large", remedy))
            if field in FIELD_BY_NAME and not is_type_of(field, kind):
                faults.append(wrong_type(name, field, kind))
        if faults:
            raise TableError([RowError(0, fault) for fault in faults])


def read_stream(block: Block, columns: Sequence[str], keep: bool) -> Chunk:
    """The rows of a block of a Parquet file whose columns are named so; `keep` as of `Chunk.from_table`."""
    with pa.ipc.open_stream(block.content) as stream:
        table = stream.read_all().unify_dictionaries().combine_chunks().rename_columns(list(columns))
    return Chunk.from_table(table, block.rows, np.arange(block.rows, dtype=np.intp), keep)


def _to_stream(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> bytes:
    return to_stream(pa.Table.from_batches(batches, schema).unify_dictionaries())


def _map(file: BinaryIO) -> mmap.mmap | bytes:
    # An empty file cannot be mapped.
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.seek(0, os.SEEK_END) else b""


def _decode(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """A column as it would have been read, where it was read as codes; without a large dictionary that it does not need."""
    if pa.types.is_dictionary(kind) and column.dictionary.nbytes > _LARGE_DICTIONARY:
        column = column.cast(kind.value_type).dictionary_encode()
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        # Arrow casts no codes to these.
        column = column.cast(pa.string() if pa.types.is_string_view(kind) else pa.binary())
    return column if column.type == kind else column.cast(kind)


def _row_bytes(column: pa.Array) -> Sizes:
    """The bytes of each value of a column as CSV would have them, about, and one for its end."""
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        of_value = np.append(_row_bytes(column.dictionary), 1)
        indices: Places = column.indices.fill_null(len(of_value) - 1).to_numpy(zero_copy_only=False)
        return of_value[indices]
    if types.is_string_view(kind) or types.is_binary_view(kind):
        return _row_bytes(column.cast(pa.large_binary()))
    if any(is_kind(kind) for is_kind in _BYTES):
        lengths: Sizes = pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return lengths + 1
    if types.is_map(kind):
        column = column.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))
    if is_list(column.type):
        ends: Sizes = np.cumsum(np.append(0, _row_bytes(column.flatten())))
        counts: Sizes = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
        after = np.cumsum(counts)
        sums: Sizes = ends[after] - ends[after - counts]
        return sums + 1
    if types.is_struct(kind):
        ones: Sizes = np.ones(len(column), dtype=np.int64)
        return sum(map(_row_bytes, column.flatten()), ones)
    return np.full(len(column), _NUMBER_BYTES, dtype=np.int64)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
