"""Files of candidates opened for scoring, and their columns checked."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from models.candidates.headings import CANDIDATE_HEADINGS, check_columns, name_columns
from models.candidates.parser import CandidateParser
from models.errors import TableError
from service.batch.errors import table_error
from service.batch.formats import Format
from service.batch.options import BatchSpec
from service.batch.readers.base import BlockReader
from service.batch.readers.header import check_constants, describe_columns
from service.batch.readers.json_lines import may_state, members_of
from service.batch.readers.parquet import ParquetReader
from service.batch.readers.text import TextReader
from service.batch.writers.schema import file_types
from training.data.spreadsheets import open_plain


@contextmanager
def open_checked(spec: BatchSpec, parser: CandidateParser) -> Iterator[BlockReader]:
    """The input of a batch while it is needed. Raises TableError where it cannot be used, OSError where it cannot be opened."""
    with open_reader(spec) as reader:
        check_reader(reader, spec, parser)
        yield reader


def check_reader(reader: BlockReader, spec: BatchSpec, parser: CandidateParser) -> None:
    """Raises TableError where a file cannot be scored with its columns."""
    constants = spec.options.constants
    check_constants(parser, constants, reader.columns)
    if reader.form is not Format.JSONL:
        check_columns(reader.headings, reader.columns, reader.header_line, constants)


@contextmanager
def open_reader(spec: BatchSpec) -> Iterator[BlockReader]:
    """The input of a batch while it is needed; its columns are not checked. Raises as `open_checked`."""
    path, options = spec.source, spec.options
    reserved = file_types(options)
    with ExitStack() as files:
        if options.sheet and not options.source.is_table:
            raise table_error(0, "no_sheets", f"Only workbooks have sheets. This file is {options.source}")
        if options.columns and not options.source.is_table:
            raise table_error(0, "has_header", f"Columns can be named for tables only. This file is {options.source}")
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
            reader = TextReader(stream, form, size, spec.block_bytes, beginning, options.columns)
            if form is Format.JSONL:
                first = next(reader.read_blocks(reader.start), None)
                members = members_of(first) if first else {}
                reader.headings = list(members)
                reader.columns = name_columns(
                    reader.headings, reserved, lambda place, field: may_state(field, members[reader.headings[place]])
                )
            else:
                reader.columns = name_columns(reader.headings, reserved)
            reader.remarks = [*remarks, *describe_columns(reader.headings, reader.columns)]
            try:
                yield reader
            except TableError as error:
                # What is wrong with a file may be how it was read.
                for remark in reader.remarks:
                    error.add_note(remark)
                raise
            return
        if path is None:
            # The end of Parquet has to be read before its beginning.
            path = Path(files.enter_context(tempfile.TemporaryDirectory(prefix="exoscore-"))) / "stdin.parquet"
            with path.open("xb") as copy:
                shutil.copyfileobj(spec.stdin, copy)
        yield files.enter_context(
            closing(ParquetReader(path, reserved, spec.block_rows, spec.block_bytes, spec.most_bytes))
        )
