"""Files of candidates opened for scoring, and their columns judged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from service.batch.columns import columns_of_scores
from service.batch.formats import Format
from service.batch.header import check_columns, check_kept
from service.batch.json_lines import members_of
from service.batch.options import Asked
from service.batch.parquet_source import ParquetSource
from service.batch.text_source import TextSource

Source = ParquetSource | TextSource


@contextmanager
def opened(asked: Asked) -> Iterator[tuple[Source, Sequence[str] | None]]:
    """The source of a batch while it is needed, and its columns (None where every row has its own and none are kept).

    Raises SheetError where it cannot be used, OSError where it cannot be opened.
    """
    with ExitStack() as files:
        source = source_of(asked, files)
        keep, taken = asked.options.keep, columns_of_scores(asked.options.include)
        columns = source.columns
        if columns is not None:
            check_columns(columns, keep, taken, source.header_line)
        elif keep:
            # Those of lines of JSON are the members of the rows of the first piece.
            first = next(source.pieces(source.start), None)
            columns = members_of(first) if first else []
            check_kept(columns, taken)
        yield source, columns


def source_of(asked: Asked, files: ExitStack) -> Source:
    """The source of a batch, for as long as `files` are open; its columns are not judged. Raises as `opened`."""
    path, options = asked.source, asked.options
    if options.source is not Format.PARQUET:
        stream = files.enter_context(path.open("rb")) if path else asked.piped_in
        return TextSource(stream, options.source, path.stat().st_size if path else None, asked.piece_bytes)
    if path is None:
        # The end of Parquet has to be read before its beginning.
        path = Path(files.enter_context(tempfile.TemporaryDirectory(prefix="exoscore-"))) / "piped.parquet"
        with path.open("xb") as piped:
            shutil.copyfileobj(asked.piped_in, piped)
    return ParquetSource(path, options.keep, asked.piece_rows, files)
