"""Where the records of a text lie is what Python's csv module reads it as, wherever the text is cut into blocks."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.batch.formats import Format
from service.batch.readers.record_boundaries import find_records

CELL = st.lists(st.sampled_from(['a"', "a", '"', ",", "\n", "\r", "\r\n", " "]), max_size=6).map("".join)


def written(rows: list[list[str]], ends: list[str]) -> bytes:
    """Rows as CSV, with blank lines where a row has no cells."""
    lines = [",".join(map(quoted, row)) if row != [""] else '""' for row in rows]
    return "".join(line + end for line, end in zip(lines, ends, strict=False)).encode()


def quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if set(cell) & set(',"\r\n') else cell


def blocks(content: bytes, size: int) -> tuple[list[bytes], list[int]]:
    """The records of a content that is read in blocks, and the line of each."""
    found, lines, place, line = [], [], 0, 1
    while place < len(content):
        length = size
        while True:
            window = content[place : place + length]
            last = place + length >= len(content)
            records = find_records(window, Format.CSV, last)
            if records.end or last:
                break
            length *= 2
        ends = [*records.starts.tolist()[1:], records.end]
        found += [window[start:end] for start, end in zip(records.starts.tolist(), ends, strict=False)]
        lines += (line + records.lines_of(records.starts)).tolist()
        place, line = place + records.end, line + records.lines
    return found, lines


@given(
    rows=st.lists(st.lists(CELL, max_size=3), max_size=8),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=8, max_size=8),
    size=st.integers(1, 40),
)
def test_records_are_those_that_were_written(rows: list[list[str]], ends: list[str], size: int) -> None:
    content = written(rows, ends)
    found, lines = blocks(content, size)
    told = [next(csv.reader(io.StringIO(record.decode(), newline=""))) for record in found]
    assert told == [row for row in rows if row]
    before = [content[: place_of(content, found, number)].decode() for number in range(len(found))]
    assert lines == [1 + len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1 for text in before]


def place_of(content: bytes, found: list[bytes], number: int) -> int:
    """Where a record begins: after those before it, and the blank lines between them."""
    place = 0
    for record in found[:number]:
        place = content.index(record, place) + len(record)
    return content.index(found[number], place)


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (b'5" long,b\n"c\nd",e\n', [b'5" long,b\n', b'"c\nd",e\n']),
        (b'a"b"c,"d\n""e"\nf,g', [b'a"b"c,"d\n""e"\n', b"f,g"]),
        (b'"a"b"\n"c,\n', [b'"a"b"\n', b'"c,\n']),
        (b"a\r\n\r\n\n\rb\r", [b"a\r\n\r\n\n\r", b"b\r"]),
    ],
)
def test_a_quote_within_a_cell_that_is_not_quoted_is_a_character(content: bytes, records: list[bytes]) -> None:
    found = find_records(content, Format.CSV, last=True)
    ends = [*found.starts.tolist()[1:], found.end]
    assert [content[start:end] for start, end in zip(found.starts.tolist(), ends, strict=True)] == records


def test_tabs_have_no_quotes_and_lines_of_json_end_at_newlines_only() -> None:
    assert find_records(b'a\t"b\nc\t"d\n', Format.TSV, last=True).starts.tolist() == [0, 5]
    assert find_records(b'{"a":\r1}\n  \t\n{}\n', Format.JSONL, last=True).starts.tolist() == [0, 13]
