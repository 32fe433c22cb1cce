"""Scores as text: CSV, TSV, or lines of JSON."""

from collections.abc import Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from models.columnar.arrow import combine_chunks
from models.formulas import FORMULA, NUMBER, mark_formulas
from service.batch.errors import BatchError
from service.batch.formats import DELIMITERS, Format
from service.batch.readers.columns import replace_matching
from service.batch.writers.json_text import concat_columns, has_few_values, json_lines, map_distinct, to_text


def header(form: Format, columns: Sequence[str]) -> bytes:
    """The header of a table."""
    cells = _mark_formulas(pa.array(columns, pa.string()))
    if form is Format.CSV:
        cells = _quoted(cells)
    return f"{DELIMITERS[form].join(cells.to_pylist())}\n".encode()


def rows(form: Format, table: pa.Table) -> bytes:
    """The rows of a table. Raises BatchError where a text cannot be written in the format."""
    if not len(table):
        return b""
    return _buffer_bytes(json_lines(table) if form is Format.JSONL else _table_lines(form, table))


def _table_lines(form: Format, table: pa.Table) -> pa.Array:
    parts: list[pa.Array | pa.Scalar] = []
    for name in table.column_names:
        column = combine_chunks(table[name])
        if has_few_values(column):
            parts.append(map_distinct(column, partial(_cells, form, name)))
        else:
            parts.append(_cells(form, name, column))
    # The line end goes with the last cells, which is less to copy than whole lines.
    parts[-1] = concat_columns([parts[-1], "\n"], absent="")
    return concat_columns(parts, DELIMITERS[form], absent="")


def _cells(form: Format, name: str, column: pa.Array) -> pa.Array:
    texts = to_text(name, column)
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type) or pa.types.is_floating(column.type):
        return texts
    texts = _mark_formulas(texts)
    # pyarrow.csv quotes every text of a column, or none.
    if form is Format.CSV:
        return _quoted(texts)
    if pc.any(pc.match_substring_regex(texts, "[\t\r\n]")).as_py():
        raise BatchError(
            f"A cell of {name} contains a tab or a line break, which TSV cannot hold. Write .csv, .jsonl or .parquet."
        )
    return texts


def _mark_formulas(texts: pa.Array) -> pa.Array:
    formulas = pc.and_not(pc.match_substring_regex(texts, FORMULA), pc.match_substring_regex(texts, NUMBER))
    return replace_matching(texts, formulas, mark_formulas)


def _quoted(texts: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(texts, f'[{DELIMITERS[Format.CSV]}"\r\n]')
    if not pc.any(special).as_py():
        return texts
    quoted = concat_columns(['"', pc.replace_substring(texts, '"', '""'), '"'])
    return pc.if_else(special, quoted, texts)


def _buffer_bytes(lines: pa.Array) -> bytes:
    """The bytes of all texts of an array, one after another. None of them may be absent."""
    _, offsets, texts = lines.buffers()
    places = memoryview(offsets).cast("i")
    start, end = places[lines.offset], places[lines.offset + len(lines)]
    content: bytes = texts.slice(start, end - start).to_pybytes()
    return content
