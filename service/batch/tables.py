"""Rows of CSV and TSV as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from models.candidate import FIELD
from models.errors import Fault
from service.batch.chunk import Chunk, coded, whole
from service.batch.formats import DELIMITERS, Format
from service.batch.pieces import Piece
from service.batch.text_source import decoded

_CODES = pa.dictionary(pa.int32(), pa.string())


def read_table(piece: Piece, form: Format, columns: Sequence[str], keep: bool) -> Chunk:
    """The rows of a piece of a table. Raises SheetError where it is not UTF-8."""
    misfits: dict[int, Sequence[Fault]] = {}
    if piece.rows:
        table = _parse(piece, form, columns, misfits)
    else:
        table = pa.table({name: pa.array([], pa.string()) for name in columns})
    places = np.arange(piece.rows, dtype=np.intp)
    if misfits:
        places = np.delete(places, list(misfits))
    if len(table) != len(places):
        raise ValueError(f"{len(table)} rows were read where {len(places)} were counted")
    return Chunk(
        rows=piece.rows,
        places=places,
        fields={name: coded(whole(table[name])) for name in columns if name in FIELD and name != "id"},
        ids=whole(table["id"]) if "id" in columns else None,
        kept=table if keep else None,
        unread=misfits,
    )


def _parse(piece: Piece, form: Format, columns: Sequence[str], misfits: dict[int, Sequence[Fault]]) -> pa.Table:
    def skip(row: Any) -> str:
        place = row.number - 1
        cut = place == piece.rows - 1 and piece.last and not piece.content.endswith((b"\n", b"\r"))
        misfits[place] = [_misfit(columns, row.actual_columns, cut)]
        return "skip"

    types = {name: _CODES if name in FIELD and name != "id" else pa.string() for name in columns}
    try:
        return csv.read_csv(
            pa.BufferReader(piece.content),
            # One block, so that rows are counted from its beginning.
            csv.ReadOptions(use_threads=False, block_size=len(piece.content) + 1, column_names=list(columns)),
            csv.ParseOptions(
                delimiter=DELIMITERS[form],
                quote_char='"' if form is Format.CSV else False,
                newlines_in_values=form is Format.CSV,
                invalid_row_handler=skip,
            ),
            csv.ConvertOptions(column_types=types, null_values=[], strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        decoded(piece.content, piece.begin.line)
        raise


def _misfit(columns: Sequence[str], cells: int, cut: bool) -> Fault:
    code = "truncated" if cells < len(columns) else "extra_cells"
    last = columns[min(cells, len(columns)) - 1]
    remedy = f"the row has {cells} cells, the header {len(columns)}; it ends at or after column {last}"
    if cut:
        remedy += "; the file ends in this row, so it may have been cut short"
    return Fault("", code, remedy)
