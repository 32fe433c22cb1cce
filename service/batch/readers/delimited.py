"""Rows of CSV and TSV as columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from models.columnar.arrow import combine_chunks, is_scored
from models.errors import FieldError
from models.formulas import MARKED, unmark_formulas
from service.batch.errors import table_error
from service.batch.formats import DELIMITERS, Format
from service.batch.readers.base import Block
from service.batch.readers.columns import Chunk, replace_matching
from training.data.spreadsheets import decode_utf8

_CODES = pa.dictionary(pa.int32(), pa.string())


def read_table(block: Block, form: Format, columns: Sequence[str], keep: bool) -> Chunk:
    """The rows of a block of a table; `keep` as of `Chunk.from_table`. Raises TableError where it is not UTF-8."""
    unread: dict[int, Sequence[FieldError]] = {}
    types = {name: _CODES if is_scored(name) else pa.string() for name in columns}
    table = _parse(block, form, types, unread) if block.rows else pa.schema(types.items()).empty_table()
    places = np.delete(np.arange(block.rows, dtype=np.intp), list(unread))
    if len(table) != len(places):
        raise ValueError(f"{len(table)} rows were read where {len(places)} were counted")
    if b"'" in block.content:
        table = pa.table([_unmark_formulas(combine_chunks(column)) for column in table.columns], table.schema)
    return Chunk.from_table(table, block.rows, places, keep, unread)


def parse_options(form: Format, on_invalid_row: Callable[[Any], str] | None = None) -> csv.ParseOptions:
    """How pyarrow reads a table: only CSV has quotes, and line ends within them."""
    has_quotes = form is Format.CSV
    return csv.ParseOptions(
        delimiter=DELIMITERS[form],
        quote_char='"' if has_quotes else False,
        newlines_in_values=has_quotes,
        invalid_row_handler=on_invalid_row,
    )


def _parse(
    block: Block, form: Format, types: Mapping[str, pa.DataType], unread: dict[int, Sequence[FieldError]]
) -> pa.Table:
    columns = list(types)

    def skip(row: Any) -> str:
        place = row.number - 1
        cut = place == block.rows - 1 and block.last and not block.content.endswith((b"\n", b"\r"))
        unread[place] = [_wrong_length(columns, row.actual_columns, cut)]
        return "skip"

    if not block.content.isascii():
        decode_utf8(block.content, block.begin.line)
    try:
        return csv.read_csv(
            pa.BufferReader(block.content),
            # One block, so that rows are counted from its beginning.
            csv.ReadOptions(use_threads=False, block_size=len(block.content) + 1, column_names=columns),
            parse_options(form, skip),
            csv.ConvertOptions(column_types=types, null_values=[], strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        raise table_error(
            block.begin.line, "malformed", f"The rows from this line on cannot be read: {error}"
        ) from error


def _unmark_formulas(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _unmark_formulas(column.dictionary))
    return replace_matching(column, pc.match_substring_regex(column, MARKED), unmark_formulas)


def _wrong_length(columns: Sequence[str], cells: int, cut: bool) -> FieldError:
    code = "truncated" if cells < len(columns) else "extra_cells"
    last = columns[min(cells, len(columns)) - 1]
    remedy = f"The row has {cells} cells, but the header has {len(columns)}. It ends at or after column {last}"
    if cut:
        remedy += ". The file ends in this row, so it may be incomplete"
    return FieldError("", code, remedy)
