"""A table that was written is read as the same rows, without the marks of formulas; what is no table costs little to refuse."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TableError
from training.data.tabular import MAX_FAULTS, format_rows, parse_table

COLUMNS = ("title", "dose")
# As cells of findings are: no white space but single spaces.
CELLS = st.text("='+-@;\uff1d1. ea", max_size=9).map(lambda text: " ".join(text.split()))


@pytest.mark.parametrize("by_commas", [True, False])
@given(st.lists(st.fixed_dictionaries({"title": CELLS.filter(bool), "dose": CELLS}), min_size=1, max_size=3))
def test_what_is_exported_is_imported_without_change(by_commas: bool, rows: list[dict[str, str]]) -> None:
    content = "".join(format_rows(rows, COLUMNS, by_commas)).encode()
    assert [row.cells for row in parse_table(content, by_commas, COLUMNS, ())] == rows


@pytest.mark.parametrize("by_commas", [True, False])
def test_formulas_are_marked_in_what_is_exported(by_commas: bool) -> None:
    _, line = format_rows([{"title": '=HYPERLINK("x")', "dose": "-0.5"}], COLUMNS, by_commas)
    assert line == ('"\'=HYPERLINK(""x"")",-0.5\n' if by_commas else '\'=HYPERLINK("x")\t-0.5\n')


@pytest.mark.parametrize(
    "content",
    [
        b"title,dose" + b",x" * 2_000_000,
        b"title,dose\n" + b"x\n" * 2_000_000,
        b"," * 4_000_000,
        b"title\n" + b"\n" * 4_000_000,
    ],
    ids=["columns", "short rows", "commas", "empty lines"],
)
def test_what_is_no_table_is_refused_soon_and_in_few_words(content: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(TableError) as refused:
        parse_table(content, True, COLUMNS, COLUMNS)
    assert len(refused.value.faults) <= MAX_FAULTS + len(COLUMNS)
    assert time.process_time() - begun < 10


@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_are_a_table_or_refused(content: bytes, by_commas: bool) -> None:
    for header in (b"", b"title,dose\n", b"title\tdose\n"):
        try:
            parse_table(header + content, by_commas, COLUMNS, ())
        except TableError:
            continue
