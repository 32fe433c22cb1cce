"""What holds of every source and form: order does not matter, twice is the same, and every row is accounted for."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path

import pytest

from models.errors import TableError
from models.knowledge.sources import TARGET_SOURCE, read_roles, read_targets
from training.importers import IMPORTERS


def test_every_form_makes_a_table_of_the_projects_own_form(imported, excerpt, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source, text = excerpt
    found = imported(source, text)
    path = tmp_path / "kept.tsv"
    path.write_bytes(found.table)
    rows = read_targets(path) if source == TARGET_SOURCE.key else read_roles(path)
    assert len(rows) == found.rows > 0


def test_the_order_of_the_rows_does_not_matter(imported, excerpt) -> None:  # type: ignore[no-untyped-def]
    source, text = excerpt
    header, *rows = text.splitlines(keepends=True)
    for shuffled in itertools.permutations(rows):
        assert imported(source, header + "".join(shuffled)).table == imported(source, text).table


def test_importing_twice_gives_the_same_bytes_and_a_repeated_row_adds_nothing_where_papers_are_known(  # type: ignore[no-untyped-def]
    imported, excerpt
) -> None:
    source, text = excerpt
    first = imported(source, text)
    assert imported(source, text).table == first.table
    header, *rows = text.splitlines(keepends=True)
    if "counts" not in first.original.form.name and "collated" not in first.original.form.name:
        assert imported(source, header + "".join(rows + rows)).table == first.table


def test_a_packed_file_with_a_mark_and_other_line_ends_makes_the_same_table(imported, excerpt) -> None:  # type: ignore[no-untyped-def]
    source, text = excerpt
    packed = gzip.compress(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert imported(source, packed, "table.txt.gz").table == imported(source, text).table


def test_every_row_is_used_or_counted_with_its_reason_and_the_account_is_json(imported, excerpt) -> None:  # type: ignore[no-untyped-def]
    source, text = excerpt
    short = text + text.splitlines()[1].split("\t" if "\t" in text else ",")[0] + "\n"
    account = imported(source, short).as_dict()
    assert json.loads(json.dumps(account)) == account
    assert account["rows_read"] == len(short.splitlines()) - 1
    dropped = account["dropped"]
    assert account["rows_used"] + sum(reason["rows"] for reason in dropped) == account["rows_read"]
    assert all(reason["examples"] for reason in dropped)
    assert "the row ends before the last needed column" in {reason["reason"] for reason in dropped}


@pytest.mark.parametrize("source", IMPORTERS)
def test_the_table_of_another_source_or_no_table_is_refused(imported, source: str) -> None:  # type: ignore[no-untyped-def]
    for content, code in ((b"a\tb\n1\t2\n", "missing_column"), (b"", "empty"), (b"PK\x03\x04", "workbook")):
        with pytest.raises(TableError) as refused:
            imported(source, content)
        assert refused.value.faults[0].fault.code == code


def test_a_table_of_which_no_row_can_be_used_is_refused_with_the_reasons(imported, excerpt) -> None:  # type: ignore[no-untyped-def]
    source, text = excerpt
    header, first, *_ = text.splitlines(keepends=True)
    with pytest.raises(TableError) as refused:
        imported(source, header)
    assert refused.value.faults[0].fault.code == "empty"
    with pytest.raises(TableError) as refused:
        imported(source, header + first.split("\t" if "\t" in first else ",")[0] + "\n")
    assert refused.value.faults[0].fault.code == "no_usable_row"


def test_a_file_that_is_not_utf_8_is_read_and_told_so(imported) -> None:  # type: ignore[no-untyped-def]
    text = "category\tmir\tdisease\tpmid\tdescription\n"
    text += "genetics_overexpression_promote\thsa-mir-21\tGlioma\t90000001\tnaïve\n"
    found = imported("hmdd", text.encode("latin-1"))
    assert found.remarks[0] == "read as Windows-1252, since it is not UTF-8"
