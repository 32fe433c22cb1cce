"""A table that is looked at before it is added: the preview says what adding would come to, and changes nothing."""

from __future__ import annotations

import pytest

from models.errors import TableError
from service.errors import UnknownImportError
from service.findings import imports
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all
from tests import workbooks
from training.data.findings import CORPUS

HEADER = "paper,source_phenotype,cargo_type,cargo_name,effect,targets\n"
GOOD = HEADER + "lab:1,M2,miRNA,hsa-miR-21-5p,promoting,PTEN-\nlab:1,M1,miRNA,miR-155,suppressing,\n"
BAD = HEADER + "lab:1,M9,miRNA,miR-21-5p,promoting,PTEN\nlab:1,M1,miRNA,miR-155,suppressing,\n"


def sent(findings: FindingRepository, text: str, name: str = "own.csv", held_out: bool = False) -> str:
    return imports.create_import(findings, name, text.encode(), held_out, "anna")


def looked_at(findings: FindingRepository, import_id: str) -> imports.Preview:
    return imports.preview(findings, imports.get_import(findings, import_id))


def here(findings: FindingRepository) -> list[str]:
    return [one.finding_id for one in iter_all(findings, Filters(origin="lab"))]


def test_a_preview_shows_rows_as_they_would_be_added_and_adds_none(findings: FindingRepository) -> None:
    import_id = sent(findings, GOOD)
    preview = looked_at(findings, import_id)
    assert [(row.line, row.becomes, row.cells["cargo_name"]) for row in preview.rows] == [
        (2, imports.NEW, "miR-21-5p"),
        (3, imports.NEW, "miR-155"),
    ]
    assert preview.fault_count == 0
    assert here(findings) == []
    assert looked_at(findings, import_id) == preview


def test_what_is_confirmed_is_what_was_seen_and_is_added_once(findings: FindingRepository) -> None:
    import_id = sent(findings, GOOD)
    seen = [row.cells["finding_id"] for row in looked_at(findings, import_id).rows]
    result = imports.confirm(findings, import_id, "berta")
    assert [one["finding_id"] for one in result["added"]] == seen == here(findings)
    assert imports.confirm(findings, import_id, "berta") == result
    assert {one.author for one in findings.history(seen[0])} == {"berta"}
    again = looked_at(findings, sent(findings, GOOD))
    assert [(row.becomes, row.finding_id) for row in again.rows] == [(imports.EXISTING, one) for one in seen]


def test_every_fault_of_every_row_is_told_and_nothing_can_be_confirmed(findings: FindingRepository) -> None:
    import_id = sent(findings, BAD)
    preview = looked_at(findings, import_id)
    assert [(row.line, row.becomes, [fault.field for fault in row.faults]) for row in preview.rows] == [
        (2, imports.FAULTY, ["targets", "source_phenotype"]),
        (3, imports.FINE, []),
    ]
    assert preview.fault_count == 2
    with pytest.raises(TableError):
        imports.confirm(findings, import_id, "anna")
    assert here(findings) == []


def test_a_row_that_contradicts_what_came_meanwhile_is_refused_when_it_is_confirmed(
    findings: FindingRepository,
) -> None:
    import_id = sent(findings, GOOD)
    assert looked_at(findings, import_id).fault_count == 0
    imports.confirm(findings, sent(findings, GOOD.replace("promoting", "suppressing")), "berta")
    with pytest.raises(TableError, match="Keep one"):
        imports.confirm(findings, import_id, "anna")
    (fault,) = looked_at(findings, import_id).rows[0].faults
    assert fault.code == "contradiction"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\x81", "not_utf8"), (b"a\0b", "not_text"), (b"<html>", "markup"), (b"", "empty"), (HEADER.encode(), "empty")],
)
def test_what_is_no_table_has_a_fault_of_the_file(findings: FindingRepository, content: bytes, code: str) -> None:
    import_id = imports.create_import(findings, "own.csv", content, False, "anna")
    preview = looked_at(findings, import_id)
    assert [fault.fault.code for fault in preview.faults] == [code]
    assert preview.rows == ()


def test_a_sheet_of_a_workbook_is_kept_as_text_with_its_lines(findings: FindingRepository) -> None:
    rows = [row.split(",") for row in GOOD.splitlines()]
    content = workbooks.xlsx({"A": [], "B": [rows[0], [], *rows[1:]]})
    remarks: list[str] = []
    with pytest.raises(TableError, match="it has 'A', 'B'"):
        imports.create_import(findings, "own.xlsx", content, False, "anna", "C", remarks.append)
    import_id = imports.create_import(findings, "own.xlsx", content, False, "anna", "B", remarks.append)
    table = imports.get_import(findings, import_id)
    assert (table.name, imports.text_of(table)) == ("own.xlsx, sheet B", GOOD.replace("\n", "\n\n", 1))
    assert [(row.line, row.becomes) for row in looked_at(findings, import_id).rows] == [(3, "new"), (4, "new")]
    with pytest.raises(TableError, match=r"'A' is read; there is also 'B'. Its header has no known column"):
        imports.create_import(findings, "own.xlsx", content, False, "anna", "", remarks.append)
    first = workbooks.xlsx({"B": rows, "A": []})
    imports.create_import(findings, "own.xlsx", first, False, "anna", "", remarks.append)
    assert remarks == ["The sheet 'B' is read; there is also 'A'"]


def test_what_is_read_otherwise_than_it_stands_is_said(findings: FindingRepository) -> None:
    text = GOOD.replace(",", ";").replace("source_phenotype", "Phenotype").replace("miR-155", "miR-155 größer")
    import_id = imports.create_import(findings, "own.csv", text.encode("cp1252"), False, "anna")
    preview = looked_at(findings, import_id)
    parted, encoding, heading = preview.remarks
    assert parted == "The cells are separated by semicolons"
    assert "Windows-1252, as in 'miR-155 größer' on line 3" in encoding
    assert heading == "Column Phenotype is read as source_phenotype"
    assert imports.text_of(imports.get_import(findings, import_id)) == text.replace(";", ",")


def test_too_many_rows_are_refused(findings: FindingRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_ROWS", 1)
    assert [one.fault.code for one in looked_at(findings, sent(findings, GOOD)).faults] == ["too_many"]


@pytest.mark.parametrize("name", ["pasted", "own.txt", "own.tsv", "own.TAB"])
def test_cells_are_parted_as_the_name_or_else_the_header_says(findings: FindingRepository, name: str) -> None:
    assert looked_at(findings, sent(findings, GOOD.replace(",", "\t"), name)).of(imports.NEW) == 2
    if name in ("pasted", "own.txt"):
        assert looked_at(findings, sent(findings, GOOD, name)).of(imports.NEW) == 2


def test_the_shipped_corpus_can_be_imported_once(findings: FindingRepository) -> None:
    imports.confirm(findings, sent(findings, CORPUS.read_text("utf-8"), "findings.tsv"), "anna")
    preview = looked_at(findings, sent(findings, CORPUS.read_text("utf-8"), "findings.tsv"))
    assert preview.of(imports.EXISTING) == len(preview.rows) > 300


def test_tables_are_kept_for_a_week(findings: FindingRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    old = sent(findings, GOOD)
    moment = imports.now() + imports.KEPT_FOR / 2
    monkeypatch.setattr(imports, "now", lambda: moment)
    sent(findings, GOOD)
    imports.get_import(findings, old)
    moment += imports.KEPT_FOR
    new = sent(findings, GOOD)
    imports.get_import(findings, new)
    with pytest.raises(UnknownImportError):
        imports.get_import(findings, old)


def test_held_out_tables_are_added_for_blind_tests(findings: FindingRepository) -> None:
    imports.confirm(findings, sent(findings, GOOD, held_out=True), "anna")
    assert all(one.held_out for one in iter_all(findings, Filters(origin="lab")))
