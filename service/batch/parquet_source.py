"""Parquet files in pieces: as many rows as are scored at a time, sent on as Arrow streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from models.candidate import FIELD
from models.coded import Coded
from models.errors import Fault, RowFault, SheetError
from service.batch.chunk import Chunk, coded, coded_lists, whole
from service.batch.errors import refuse
from service.batch.pieces import Piece, Place


class ParquetSource:
    """A Parquet file. `keep` says whether columns that are no fields of a candidate are read too."""

    def __init__(self, path: Path, keep: bool, rows: int, files: ExitStack) -> None:
        """`rows` is how many a piece has, or a few more; `files` closes the file. Raises SheetError where it is none."""
        try:
            schema = parquet.read_schema(path)
            texts = [one.name for one in schema if one.name in FIELD and one.name != "id" and _is_text(one.type)]
            self._file = files.enter_context(parquet.ParquetFile(path, read_dictionary=texts))
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            raise refuse(0, "not_parquet", f"the file is no Parquet file that can be read: {_brief(error)}") from error
        self._path = path
        self._rows = rows
        self._keep = keep
        self.columns: Sequence[str] = schema.names
        self.header_line = 0
        self.size = self._file.metadata.num_rows
        self.schema = schema
        self._check_types(schema)

    @property
    def start(self) -> Place:
        """The place of its first row."""
        return Place(line=0)

    def pieces(self, begin: Place, number: int = 0) -> Iterator[Piece]:
        """The pieces from a place on. Raises SheetError where the file turns out to be damaged."""
        held: list[pa.RecordBatch] = []
        after = begin
        for batch in self._batches(begin.offset):
            held.append(batch)
            after = Place(after.offset + len(batch), after.row + len(batch), 0)
            if after.offset - begin.offset >= self._rows:
                yield Piece(number, begin, after, _stream(held, held[0].schema))
                held, begin, number = [], after, number + 1
        if held:
            yield Piece(number, begin, after, _stream(held, held[0].schema))

    def nothing(self) -> Piece:
        """A piece without rows."""
        names = self._names()
        fields = [one for one in self._file.schema_arrow if one.name in names]
        return Piece(0, self.start, self.start, _stream([], pa.schema(fields)))

    def _batches(self, skip: int) -> Iterator[pa.RecordBatch]:
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if rows <= skip:
                skip -= rows
                continue
            try:
                for batch in self._file.iter_batches(self._rows, [group], self._names()):
                    if skip:
                        # Pieces end where batches do.
                        skip -= len(batch)
                        continue
                    yield batch
            except (pa.ArrowException, OSError) as error:
                raise refuse(0, "damaged", f"row group {group} cannot be read: {_brief(error)}") from error

    def _names(self) -> Sequence[str]:
        return self.columns if self._keep else [name for name in self.columns if name in FIELD]

    def _check_types(self, schema: pa.Schema) -> None:
        faults = [
            Fault(one.name, "wrong_type", f"the column {one.name} holds {one.type}: {_wanted(one.name)}")
            for one in schema
            if one.name in FIELD and not _is_good(one.name, one.type)
        ]
        if faults:
            raise SheetError([RowFault(0, fault) for fault in faults])


def read_batches(piece: Piece, keep: bool) -> Chunk:
    """The rows of a piece of a Parquet file."""
    with pa.ipc.open_stream(piece.content) as stream:
        table = stream.read_all().unify_dictionaries().combine_chunks()
    names = [name for name in table.column_names if name in FIELD and name != "id"]
    return Chunk(
        rows=piece.rows,
        places=np.arange(piece.rows, dtype=np.intp),
        fields={name: _coded(whole(table[name])) for name in names},
        ids=whole(table["id"].cast(pa.string())) if "id" in table.column_names else None,
        kept=table if keep else None,
    )


def _coded(column: pa.Array) -> Coded:
    return coded_lists(column) if _is_list(column.type) else coded(column)


def _stream(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.Table.from_batches(batches, schema).unify_dictionaries()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_good(name: str, kind: pa.DataType) -> bool:
    if name == "id" and pa.types.is_integer(kind):
        return True
    return _is_text(kind) or (FIELD[name].many and _is_list(kind) and _is_text(kind.value_type))


def _wanted(name: str) -> str:
    if name == "id":
        return "give texts or whole numbers"
    return "give texts, or lists of texts" if FIELD[name].many else "give texts"


def _brief(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
