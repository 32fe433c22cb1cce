"""Row groups that are written by themselves and put together under one footer are a Parquet file like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from pyarrow import parquet

from service.batch import thrift
from service.batch.parquet_writer import MAGIC, footer, row_group


def table(start: int, rows: int) -> pa.Table:
    numbers = range(start, start + rows)
    return pa.table(
        {
            "id": [f"id {number}" for number in numbers],
            "label": pa.array(["suppressing", "promoting"] * rows).slice(0, rows).dictionary_encode(),
            "probability": [number / 7 for number in numbers],
            "percentile": [None if number % 3 else number / 3 for number in numbers],
            "inside": [number % 2 == 0 for number in numbers],
            "kept": pa.array([[number] * (number % 4) for number in numbers], pa.list_(pa.int64())),
            "moment": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * rows, pa.timestamp("us", tz="Asia/Jerusalem")),
        }
    )


def together(tables: list[pa.Table], schema: pa.Schema) -> bytes:
    content, groups = MAGIC, []
    for one in tables:
        written, said = row_group(one)
        groups.append((len(content), said))
        content += written
    return content + footer(schema, groups)


@pytest.mark.parametrize("sizes", [[], [1], [5, 1, 900], [3] * 40])
def test_it_reads_as_what_was_written(sizes: list[int]) -> None:
    tables = [table(sum(sizes[:place]), rows) for place, rows in enumerate(sizes)]
    schema = table(0, 1).schema
    content = together(tables, schema)
    file = parquet.ParquetFile(BytesIO(content))
    assert file.num_row_groups == len(sizes)
    assert file.metadata.num_rows == sum(sizes)
    read = file.read()
    read.validate(full=True)
    assert read.to_pylist() == [row for one in tables for row in one.to_pylist()]
    assert read.schema.field("label").type == pa.string()
    assert read.schema.field("moment").type == schema.field("moment").type
    for number, one in enumerate(tables):
        assert file.read_row_group(number).to_pylist() == one.to_pylist()


def test_rows_are_found_by_what_is_said_of_their_groups() -> None:
    content = together([table(0, 10), table(10, 10)], table(0, 1).schema)
    found = parquet.read_table(BytesIO(content), filters=[("probability", ">=", 19 / 7)])
    assert found["id"].to_pylist() == ["id 19"]


def test_a_footer_is_written_as_it_was_read() -> None:
    sink = BytesIO()
    parquet.write_table(table(0, 300), sink, row_group_size=7, write_page_index=True)
    content = sink.getvalue()
    length = int.from_bytes(content[-8:-4], "little")
    text = content[-8 - length : -8]
    assert thrift.encode(thrift.decode(text)) == text
