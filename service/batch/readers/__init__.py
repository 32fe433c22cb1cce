"""Files of candidates opened for scoring, and their columns checked."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from service.batch.errors import table_error
from service.batch.formats import Format
from service.batch.options import BatchSpec
from service.batch.readers.base import BlockReader
from service.batch.readers.header import check_columns, check_kept
from service.batch.readers.json_lines import members_of
from service.batch.readers.parquet import ParquetReader
from service.batch.readers.text import TextReader
from service.batch.writers.schema import score_types
from training.data.headings import CANDIDATE_HEADINGS
from training.data.spreadsheets import open_plain


@contextmanager
def open_checked(spec: BatchSpec) -> Iterator[tuple[BlockReader, Sequence[str] | None]]:
    """The input of a batch while it is needed, and its columns (None where every row has its own and none are kept).

    Raises TableError where it cannot be used, OSError where it cannot be opened.
    """
    with open_reader(spec) as reader:
        keep, reserved = spec.options.keep_columns, score_types(spec.options.include)
        columns = reader.columns
        if columns is not None:
            check_columns(columns, keep, reserved, reader.header_line)
        elif keep:
            # Those of lines of JSON are the members of the rows of the first block.
            first = next(reader.read_blocks(reader.start), None)
            columns = members_of(first) if first else []
            check_kept(columns, reserved)
        yield reader, columns


@contextmanager
def open_reader(spec: BatchSpec) -> Iterator[BlockReader]:
    """The input of a batch while it is needed; its columns are not checked. Raises as `open_checked`."""
    path, options = spec.source, spec.options
    with ExitStack() as files:
        if options.sheet and not options.source.is_table:
            raise table_error(0, "no_sheets", f"only a workbook has sheets: this file is {options.source}")
        if options.source is not Format.PARQUET:
            stream = files.enter_context(path.open("rb")) if path else spec.stdin
            form, beginning = options.source, b""
            remarks: Sequence[str] = ()
            size = os.fstat(stream.fileno()).st_size if path else None
            if options.source.is_table:
                table = open_plain(
                    stream,
                    form is Format.CSV,
                    CANDIDATE_HEADINGS,
                    files,
                    sheet=options.sheet,
                    head_bytes=spec.block_bytes,
                    most_bytes=spec.most_bytes,
                )
                form, beginning, remarks = Format.CSV if table.by_commas else Format.TSV, table.beginning, table.remarks
                if table.stream is not stream:
                    stream, size = table.stream, os.fstat(table.stream.fileno()).st_size
            reader = TextReader(stream, form, size, spec.block_bytes, beginning)
            reader.remarks[:0] = remarks
            yield reader
            return
        if path is None:
            # The end of Parquet has to be read before its beginning.
            path = Path(files.enter_context(tempfile.TemporaryDirectory(prefix="exoscore-"))) / "stdin.parquet"
            with path.open("xb") as copy:
                shutil.copyfileobj(spec.stdin, copy)
        yield files.enter_context(
            closing(ParquetReader(path, options.keep_columns, spec.block_rows, spec.block_bytes, spec.most_bytes))
        )
