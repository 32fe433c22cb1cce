"""Files of candidates opened for scoring, and their columns judged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from service.batch.columns import columns_of_scores
from service.batch.formats import Format
from service.batch.header import check_columns, check_kept
from service.batch.json_lines import members_of
from service.batch.options import Asked
from service.batch.parquet_source import ParquetSource
from service.batch.text_source import TextSource

Source = ParquetSource | TextSource


def open_source(asked: Asked) -> tuple[Source, Sequence[str] | None]:
    """The source of a batch, and its columns (None where every row has its own and none are kept).

    Raises SheetError where it cannot be used, OSError where it cannot be opened.
    """
    source = _opened(asked)
    keep, taken = asked.options.keep, columns_of_scores(asked.options.include)
    if source.columns is not None:
        check_columns(source.columns, keep, taken, source.header_line)
    elif keep:
        # Those of lines of JSON are the members of the rows of the first piece.
        first = next(source.pieces(source.start), None)
        columns = members_of(first) if first else []
        check_kept(columns, taken)
        return source, columns
    return source, source.columns


def _opened(asked: Asked) -> Source:
    path, options = asked.source, asked.options
    if options.source is not Format.PARQUET:
        stream = path.open("rb") if path else asked.piped_in
        return TextSource(stream, options.source, path.stat().st_size if path else None, asked.piece_bytes)
    if path:
        return ParquetSource(path, options.keep, asked.piece_rows)
    # The end of Parquet has to be read before its beginning, so what is piped is put into a file without a name.
    with tempfile.NamedTemporaryFile(prefix="exoscore-", suffix=".parquet") as file:
        shutil.copyfileobj(asked.piped_in, file)
        file.flush()
        return ParquetSource(Path(file.name), options.keep, asked.piece_rows)
