"""A small file of Parquet is refused before it unpacks to much, whichever way it is packed; what it holds is read as it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from models.errors import TableError
from models.scorer import Scorer
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.preview import preview
from service.batch.readers.base import Block
from service.batch.readers.parquet import ParquetReader, read_stream
from service.batch.run import run

MEBIBYTE = 1024 * 1024
FIELDS = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def write(path: Path, columns: Mapping[str, Any], rows: int = 1, **options: Any) -> Path:
    """A file of one candidate, many times, beside other columns."""
    fields = {name: pa.array([text] * rows) for name, text in FIELDS.items()}
    parquet.write_table(pa.table({**fields, **columns}), path, compression="zstd", **options)
    return path


def repeated(text: str, rows: int) -> pa.Array:
    """A text many times, which a dictionary holds once."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), [text])


def refusal(path: Path, most_bytes: int | None = None) -> str:
    """Why a file is refused while it is read."""

    def read_all() -> list[Block]:
        reader = ParquetReader(path, (), 1000, MEBIBYTE, most_bytes)
        return list(reader.read_blocks(reader.start))

    with pytest.raises(TableError) as refused:
        read_all()
    assert path.stat().st_size < 100_000
    return str(refused.value)


def test_a_page_that_unpacks_to_too_much_is_refused_by_its_column_and_row_group(scorer: Scorer, tmp_path: Path) -> None:
    path = write(tmp_path / "in.parquet", {"note": ["x" * 150 * MEBIBYTE]})
    says = refusal(path)
    assert "The pages of row group 0 are too large. Up to column note" in says
    assert "134,217,728 are allowed" in says
    shown = preview(scorer, BatchSpec(Options(Format.PARQUET, Format.JSONL), path, None))
    assert shown.refusal
    assert "column note" in str(shown.refusal)


@pytest.mark.parametrize(
    "note",
    [
        ["x" * 2 * MEBIBYTE],
        repeated("x" * 2 * MEBIBYTE, 1),
        [["x" * 1024] * 2048],
        pa.ListArray.from_arrays([0, 100_000], repeated("x" * 700, 100_000)),
        [{"text": "x" * 2 * MEBIBYTE}],
        pa.array([[("key", "x" * 2 * MEBIBYTE)]], pa.map_(pa.string(), pa.string())),
        [b"x" * 2 * MEBIBYTE],
    ],
    ids=["text", "coded", "list", "coded list", "struct", "map", "bytes"],
)
def test_a_row_that_is_too_long_is_refused_by_its_column(tmp_path: Path, note: Any) -> None:
    says = refusal(write(tmp_path / "in.parquet", {"note": note}))
    assert "A row of row group 0 has" in says
    assert "most of them in column note. At most 1,048,576 are allowed" in says


def test_lists_that_are_too_long_in_all_are_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "in.parquet", {"note": pa.ListArray.from_arrays([0, 5_000_000], pa.nulls(5_000_000, pa.int8()))}
    )
    assert "The lists of column note.list.element in row group 0 have 5,000,000 values" in refusal(path)


def test_values_of_a_width_that_no_number_has_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "in.parquet", {"note": pa.array([b"x" * 2000], pa.binary(2000))})
    assert "The column note has values of 2,000 bytes" in refusal(path)


@pytest.mark.parametrize("encoding", [None, "DELTA_BYTE_ARRAY"], ids=["dictionary", "shared prefixes"])
def test_rows_are_read_so_few_at_a_time_that_they_can_be_unpacked(tmp_path: Path, encoding: str | None) -> None:
    options = {"use_dictionary": False, "column_encoding": {"note": encoding}} if encoding else {}
    path = write(tmp_path / "in.parquet", {"note": ["x" * 100_000] * 200}, 200, **options)
    reader = ParquetReader(path, (), 1000, MEBIBYTE)
    blocks = list(reader.read_blocks(reader.start))
    assert path.stat().st_size < 100_000
    assert max(len(block.content) for block in blocks) < 3 * MEBIBYTE
    assert sum(block.rows for block in blocks) == 200
    # From where any block ends, the same blocks follow.
    assert [block.content for block in reader.read_blocks(blocks[3].after)] == [block.content for block in blocks[4:]]
    reader.close()


def test_what_is_sent_may_not_unpack_to_more_than_a_file_may_have(tmp_path: Path) -> None:
    path = write(tmp_path / "in.parquet", {"note": repeated("x" * 1000, 10_000)}, 10_000)
    assert "Uncompressed, the file has more than the 5,242,880 bytes" in refusal(path, 5 * MEBIBYTE)


def test_a_footer_that_names_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.table({f"c{number}": pa.array([], pa.int8()) for number in range(1001)}), path)
    with pytest.raises(TableError, match="There are 1,001 columns, but at most 1,000 are allowed"):
        ParquetReader(path, (), 1000, MEBIBYTE)
    content = path.read_bytes()
    path.write_bytes(content[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(TableError, match="its footer has more than"):
        ParquetReader(path, (), 1000, MEBIBYTE)


KINDS = st.sampled_from(
    [
        (st.text(max_size=9), pa.string()),
        (st.text(max_size=9), pa.large_string()),
        (st.binary(max_size=9), pa.binary()),
        (st.integers(-9, 9), pa.int16()),
        (st.lists(st.none() | st.text(max_size=9), max_size=3), pa.list_(pa.string())),
        (st.fixed_dictionaries({"a": st.none() | st.text(max_size=9)}), pa.struct([("a", pa.string())])),
        (st.lists(st.tuples(st.text(max_size=3), st.text(max_size=9)), max_size=2), pa.map_(pa.string(), pa.string())),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(10, 100))
def test_kept_columns_are_read_as_they_were_however_they_are_cut(
    tmp_path: Path, data: st.DataObject, block_bytes: int
) -> None:
    values, kind = data.draw(KINDS)
    note = pa.array(data.draw(st.lists(st.none() | values, min_size=1, max_size=30)), kind)
    path = write(tmp_path / "in.parquet", {"note": note}, len(note), row_group_size=7)
    reader = ParquetReader(path, (), 5, 64 + block_bytes)
    chunks = [read_stream(block, reader.columns, keep=True) for block in reader.read_blocks(reader.start)]
    assert [value for chunk in chunks if chunk.kept for value in chunk.kept["note"].to_pylist()] == note.to_pylist()
    reader.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_scored_or_refused(scorer: Scorer, tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path / "in.parquet", {"id": [str(number) for number in range(20)], "note": [["a"]] * 20}, 20)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    options = Options(Format.PARQUET, Format.CSV, keep_columns=True)
    try:
        run(scorer, BatchSpec(options, path, tmp_path / "out.csv", most_bytes=MEBIBYTE))
        (tmp_path / "out.csv").unlink()
    except TableError:
        assert not (tmp_path / "out.csv").exists()
