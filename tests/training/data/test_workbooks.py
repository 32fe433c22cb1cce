"""A sheet of a workbook becomes the text that a person sees, a line for each row; a hostile one costs nothing."""

from __future__ import annotations

import csv
import io
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import TableError
from tests import workbooks
from training.data.workbooks import write_sheet

KINDS: list[Callable[[workbooks.Sheets], bytes]] = [workbooks.xlsx, workbooks.ods]
LARGE = 64 * 1024 * 1024


def read(content: bytes, sheet: str = "", most_bytes: int | None = None) -> tuple[list[list[str]], list[str]]:
    with tempfile.TemporaryFile() as workbook, tempfile.TemporaryFile() as target:
        workbook.write(content)
        remarks = write_sheet(workbook, sheet, target, most_bytes)
        target.seek(0)
        return list(csv.reader(io.TextIOWrapper(io.BytesIO(target.read()), "utf-8", newline=""))), remarks


@pytest.mark.parametrize("kind", KINDS)
def test_cells_become_what_a_person_sees(kind: Callable[[workbooks.Sheets], bytes]) -> None:
    row = ["β-catenin, “wild”", 1.0, 35210436.0, 0.1 + 0.2, True, date(2026, 9, 2), "two\nlines", "=1+1"]
    rows, remarks = read(kind({"A": [["heading"] * len(row), row]}))
    assert rows[1] == ["β-catenin, “wild”", "1", "35210436", "0.3", "TRUE", "2026-09-02", "two lines", "=1+1"]
    assert remarks == []


@pytest.mark.parametrize("kind", KINDS)
def test_rows_keep_their_lines_and_empty_ends_are_dropped(kind: Callable[[workbooks.Sheets], bytes]) -> None:
    sheet = [[None] * 4, ["a", "b", None, ""], [None, None, None, None], ["1", None, "", None], ["", " ", None, None]]
    rows, _ = read(kind({"A": sheet}))
    assert rows[:4] == [[], ["a", "b"], [], ["1", ""]]
    assert not any(rows[4:])


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_sheet_is_read_unless_another_is_named(kind: Callable[[workbooks.Sheets], bytes]) -> None:
    content = kind({"Plate 1": [["a"]], "Plate 2": [["b"]], "Läuse": [["c"]]})
    rows, (remark,) = read(content)
    assert rows == [["a"]]
    assert remark == "The sheet 'Plate 1' is read; there are also 'Plate 2' and 'Läuse'"
    assert read(content, "Läuse") == ([["c"]], [])
    with pytest.raises(TableError, match="no sheet 'Plate'; it has 'Plate 1', 'Plate 2', 'Läuse'"):
        read(content, "Plate")


def test_a_hidden_sheet_is_read_only_where_it_is_named() -> None:
    content = workbooks.xlsx({"lists": [["x"]], "shown": [["y"]]}, hidden="lists")
    assert read(content) == ([["y"]], [])
    assert read(content, "lists") == ([["x"]], [])


def corners() -> bytes:
    """Two cells, as far from each other as a sheet is large: 17 billion cells."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbooks.xlsx_of({"A": f'<row r="1"><c r="A1"><v>1</v></c></row>{far}'})


def repeated() -> bytes:
    """One cell that is said to stand in every place of a sheet."""
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    return workbooks.ods_of(f'<table:table table:name="A">{row}</table:table>')


def lying() -> bytes:
    """A member that unpacks to far more than it says."""
    content = bytearray(workbooks.xlsx_of({"A": f"<!--{'x' * LARGE}-->"}))
    at = content.rfind(b"xl/worksheets/sheet1.xml") - 46 + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


BOMBS: dict[str, Callable[[], bytes]] = {
    "corners": corners,
    "repeated": repeated,
    "lying": lying,
    "stuffed": lambda: workbooks.archive({"xl/workbook.xml": bytes(LARGE)}),
    "many": lambda: workbooks.archive({f"{number}.xml": bytes(LARGE // 40) for number in range(40)}),
    "long text": lambda: workbooks.ods_of(f'<table:table table:name="A">{"<x/>" * (LARGE // 8)}</table:table>'),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_before_it_costs_memory_or_time(bomb: str) -> None:
    content = BOMBS[bomb]()
    assert len(content) < LARGE // 50
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with pytest.raises(TableError):
        read(content, most_bytes=LARGE // 4)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert time.monotonic() - begun < 30
    assert after[1] - before[1] < 64 * 1024
    # The largest of all children so far, whoever started them; a child begins as large as this process.
    assert after[0] < max(before[0] + 1, after[1] + 1, 640 * 1024)


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04", b"PK\x03\x04" + bytes(100), b"\xd0\xcf\x11\xe0" + bytes(600), workbooks.archive({"a": b"b"})],
    ids=["cut", "zeros", "old", "archive"],
)
def test_what_is_no_workbook_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(TableError) as refused:
        read(content)
    (fault,) = refused.value.faults
    assert fault.fault.code in ("workbook", "too_large")
    assert "workbook" in fault.fault.remedy


@settings(max_examples=8)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_damaged_workbook_is_read_or_refused(place: int, change: int) -> None:
    content = bytearray(workbooks.xlsx({"A": [["a", "b"], [1, 2]]}))
    content[place % len(content)] ^= change
    with suppress(TableError):
        read(bytes(content))
