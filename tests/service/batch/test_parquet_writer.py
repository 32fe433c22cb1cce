"""Scores in Parquet are a file like any other, a row group for each block, and the same file after an interruption."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from service.batch.writers.atomic_file import PartialFile, Pipe, Sink
from service.batch.writers.parquet import ParquetSink, encode_block


def table(start: int, rows: int) -> pa.Table:
    numbers = range(start, start + rows)
    return pa.table(
        {
            "id": [f"id {number}" for number in numbers],
            "label": pa.array(["suppressing", "promoting"] * rows).slice(0, rows).dictionary_encode(),
            "probability": [number / 7 for number in numbers],
            "percentile": pa.array([None if number % 3 else number / 3 for number in numbers], pa.float64()),
            "inside": [number % 2 == 0 for number in numbers],
            "kept": pa.array([[number] * (number % 4) for number in numbers], pa.list_(pa.int64())),
            "moment": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * rows, pa.timestamp("us", tz="Asia/Jerusalem")),
        }
    )


def write(tables: Sequence[pa.Table]) -> bytes:
    """The tables as Parquet, a block for each, written into a pipe."""
    stream = BytesIO()
    sink = ParquetSink(table(0, 1).schema, Pipe(stream), Sink())
    for one in tables:
        sink.write(encode_block(one))
    sink.finish()
    return stream.getvalue()


@pytest.mark.parametrize("sizes", [[], [1], [5, 1, 900], [3] * 40])
def test_it_reads_as_what_was_written(sizes: list[int]) -> None:
    tables = [table(sum(sizes[:place]), rows) for place, rows in enumerate(sizes)]
    schema = table(0, 1).schema
    file = parquet.ParquetFile(BytesIO(write(tables)))
    assert file.num_row_groups == len(sizes)
    assert file.metadata.num_rows == sum(sizes)
    read = file.read()
    read.validate(full=True)
    assert read.to_pylist() == [row for one in tables for row in one.to_pylist()]
    assert read.schema.field("label").type == pa.string()
    assert read.schema.field("moment").type == schema.field("moment").type
    for number, one in enumerate(tables):
        assert file.read_row_group(number).to_pylist() == one.to_pylist()


def test_rows_are_found_by_a_filter() -> None:
    read = parquet.read_table(BytesIO(write([table(0, 10), table(10, 10)])), filters=[("probability", ">=", 19 / 7)])
    assert read["id"].to_pylist() == ["id 19"]


def test_a_file_that_is_gone_on_with_is_the_one_written_at_once(tmp_path: Path) -> None:
    blocks = [encode_block(table(start, 5)) for start in (0, 5, 10)]
    path = tmp_path / "out.parquet"
    interrupted = ParquetSink(table(0, 1).schema, PartialFile(path), PartialFile(path, "blocks"))
    interrupted.truncate(0)
    for block in blocks[:2]:
        interrupted.write(block)
    interrupted.close()
    assert not path.exists()
    resumed = ParquetSink(table(0, 1).schema, PartialFile(path), PartialFile(path, "blocks"))
    resumed.truncate(len(blocks[0]))
    for block in blocks[1:]:
        resumed.write(block)
    resumed.finish()
    assert path.read_bytes() == write([table(start, 5) for start in (0, 5, 10)])
    assert list(tmp_path.iterdir()) == [path]


def test_an_abandoned_file_gets_no_footer() -> None:
    stream = BytesIO()
    sink = ParquetSink(table(0, 1).schema, Pipe(stream), Sink())
    sink.write(encode_block(table(0, 9)))
    written = stream.tell()
    sink.discard()
    assert stream.tell() == written
    with pytest.raises(pa.ArrowInvalid):
        parquet.ParquetFile(BytesIO(stream.getvalue()))
