"""A table that is looked at before it is added: the preview says what adding would come to, and changes nothing."""

from __future__ import annotations

import pytest

from models.errors import TableError
from service.errors import UnknownImportError
from service.findings import imports
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all
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
    with pytest.raises(TableError, match="keep one"):
        imports.confirm(findings, import_id, "anna")
    (fault,) = looked_at(findings, import_id).rows[0].faults
    assert fault.code == "contradiction"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"PK\x03\x04", "not_text"), (b"\xff", "not_utf8"), (b"", "empty"), (HEADER.encode(), "empty")],
)
def test_what_is_no_table_has_a_fault_of_the_file(findings: FindingRepository, content: bytes, code: str) -> None:
    import_id = imports.create_import(findings, "own.csv", content, False, "anna")
    preview = looked_at(findings, import_id)
    assert [fault.fault.code for fault in preview.faults] == [code]
    assert preview.rows == ()


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
