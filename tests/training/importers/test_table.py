"""Reading downloads: every usual encoding, line end, mark and separator reads the same; what cannot be read says why."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TableError
from training.importers.table import LONGEST_LINE, Form, open_table

FORM = Form("a form", {"mirna": ("mirId", "mir"), "tumour": ("Cancer",)}, {"remark": ("Remark",)})
ROWS = [["mirId", "Cancer", "Remark"], ["miR-1", "Hürthle cell, oncocytic", "α;β"], ["miR-2", "glioma", ""]]
READ = [
    {"mirna": "miR-1", "tumour": "Hürthle cell, oncocytic", "remark": "α;β"},
    {"mirna": "miR-2", "tumour": "glioma", "remark": ""},
]
TEXTS = {
    "tabs": "".join("\t".join(row) + "\n" for row in ROWS),
    "commas": "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in ROWS),
    "semicolons": "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in ROWS),
    "tabs and quotes": "".join("\t".join(f'"{cell}"' for cell in row) + "\n" for row in ROWS),
}


def read(path: Path, content: bytes) -> list[dict[str, str]]:
    path.write_bytes(content)
    return [dict(row.cells) for row in open_table(path, [FORM]).rows()]


def faults(path: Path, content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(TableError) as refused:
        read(path, content)
    return [(fault.column, fault.fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_one_table_reads_the_same_however_it_was_saved(
    tmp_path: Path, text: str, encoding: str, line_end: str, packed: bool
) -> None:
    content = text.replace("\n", line_end).encode(encoding)
    assert read(tmp_path / "table", gzip.compress(content) if packed else content) == READ


def test_text_that_is_not_utf_8_is_read_as_windows_1252_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes("mir\tCancer\nmiR-1\tHürthle cell – oncocytic\n".encode("windows-1252"))
    table = open_table(path, [FORM])
    assert table.encoding == "windows-1252"
    assert next(table.rows()).cells["tumour"] == "Hürthle cell – oncocytic"
    path.write_bytes(b"mir\tCancer\nmiR-1\tfree \x81 byte\n")
    assert open_table(path, [FORM]).encoding == "latin-1"


@given(st.permutations(range(3)), st.sampled_from([str.upper, str.lower, str.title]))
def test_columns_are_found_in_any_order_and_case(order: list[int], case: Callable[[str], str]) -> None:
    rows = [[row[column] for column in order] for row in ROWS]
    rows[0] = [case(heading) for heading in rows[0]]
    with tempfile.TemporaryDirectory() as folder:
        content = "".join("\t".join(row) + "\n" for row in rows).encode()
        assert read(Path(folder) / "table", content) == READ


def test_spaces_that_nobody_sees_and_empty_lines_do_not_matter(tmp_path: Path) -> None:
    content = "mir\tCancer\n miR-1 \tlung\xa0 cancer\n\n\t\n".encode()
    assert read(tmp_path / "table", content) == [{"mirna": "miR-1", "tumour": "lung cancer"}]


def test_rows_keep_the_line_that_they_begin_on(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('mir,Cancer\n"miR-1","a\nb"\n\nmiR-2,c\nmiR-3\n', encoding="utf-8")
    rows = list(open_table(path, [FORM]).rows())
    assert [(row.line, FORM.columns.keys() <= row.cells.keys()) for row in rows] == [(2, True), (5, True), (6, False)]


def test_a_wrong_header_names_every_missing_column_and_what_would_be_right(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refused:
        read(tmp_path / "table", b"mir\tTissue\nmiR-1\tlung\n")
    assert [(one.column, one.fault.code) for one in refused.value.faults] == [
        ("Cancer", "missing_column"),
        ("", "wrong_header"),
    ]
    assert "mirId, Cancer (a form)" in str(refused.value)


def workbook() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (workbook(), "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (gzip.compress(b"mir\tCancer\nmiR-1\tlung cancer\n" * 99)[:-12], "truncated"),
        (gzip.compress(b"mir\tCancer\n")[:12] + b"\0" * 20, "truncated"),
        ("mir\tCancer\n".encode("utf-16-le"), "not_text"),
        (b'mir,Cancer\n"miR-1,lung cancer\n', "malformed"),
        (b'mir,Cancer\nmiR-1,"lung" cancer\n', "malformed"),
        (b"mir,Cancer," + b"x" * 131_073 + b"\nmiR-1,glioma,\n", "malformed"),
        (b"mir,Cancer\nmiR-1," + b"x" * 131_073 + b"\n", "malformed"),
        (gzip.compress(b"mir\tCancer\nmiR-1\t" + b"x" * 2 * LONGEST_LINE), "too_long"),
        (gzip.compress(b"x" * 2 * LONGEST_LINE), "too_long"),
        (b"mir\tCancer" + b"\tx" * 500_000 + b"\n", "too_many_columns"),
        (b"mir\tCancer\nmiR-1\tglioma\nmiR-2", "truncated"),
        (b"mir,Cancer\nmiR-1,glioma\nmiR-2", "truncated"),
        ("mir\tCancer\n".encode("utf-32"), "not_text"),
    ],
    ids=[
        "empty",
        "blank",
        "mark only",
        "xlsx",
        "xls",
        "truncated gz",
        "damaged gz",
        "NUL",
        "open quote",
        "stray quote",
        "long heading",
        "long cell",
        "long line in gz",
        "long header in gz",
        "many columns",
        "cut line with tabs",
        "cut line with commas",
        "UTF-32",
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    assert faults(tmp_path / "table", content) == [("", code)]


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"mir,Cancer\n", b"mir\tCancer\n", b"mir;Cancer\r\n"]), st.booleans()
)
def test_any_bytes_are_a_table_or_refused(content: bytes, header: bytes, packed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(TableError):
        read(Path(folder) / "table", gzip.compress(header + content) if packed else header + content)


def test_a_table_is_known_by_the_digest_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(b"mir\tCancer\n")
    first = open_table(path, [FORM]).sha256
    path.write_bytes(b"mir\tCancer\nmiR-1\tglioma\n")
    assert (len(first), first != open_table(path, [FORM]).sha256) == (64, True)
