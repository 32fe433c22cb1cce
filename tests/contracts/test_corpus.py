"""The curated corpus is code: every row keeps these claims, and a failure names the row."""

from __future__ import annotations

import re

import pytest

from models.candidates.parser import CandidateParser
from training.data.findings import CANDIDATE_COLUMNS, CORPUS, Finding, read_findings
from training.data.tabular import read_table

ROWS = CORPUS.read_text(encoding="utf-8").rstrip("\n").split("\n")
HEADER = ROWS[0].split("\t")
CELLS = [dict(zip(HEADER, row.split("\t"), strict=True)) for row in ROWS[1:]]


def test_the_corpus_passes_the_checks_that_users_files_pass(reader: CandidateParser) -> None:
    assert len(read_findings(CORPUS, reader)) == len(CELLS)


@pytest.mark.parametrize("row", CELLS, ids=lambda row: row["finding_id"])
def test_every_row_is_clean_cited_and_canonical(row: dict[str, str], reader: CandidateParser) -> None:
    for column, cell in row.items():
        assert cell == " ".join(cell.split()), column
    assert re.fullmatch(r"EXF-[0-9a-f]{8}", row["finding_id"])
    identified = any(row[kind] for kind in ("pmid", "doi", "pmcid"))
    assert row["title"] or identified or row["url"], "no citation"
    assert not (identified and row["url"]), "a link of last resort beside an identifier"
    assert not re.search(r"(?i)\b10\.\d{4,9}(?:/|%2f)|\bPMC\d+|pubmed\D*\d", row["url"]), "the link holds an identifier"
    for column in ("source_cell", "source_phenotype", "cargo_type", "cargo_state", "effect", "grade"):
        assert reader.vocabulary.has(column, row[column]), column
    for column in ("evidence", "engineering", "recipient_cell", "species", "mechanism", "processes", "polarisation"):
        for part in filter(None, row[column].split(";")):
            assert reader.vocabulary.has(column, part), (column, part)
    if row["cancer_type"]:
        assert reader.vocabulary.has("cancer_type", row["cancer_type"])


# Names of cargo that are right as they stand, and that no table knows: of mice and plants, withdrawn from miRBase, or made up
# by the paper for an RNA of its own.
NOVEL = {"miR-145a-5p", "miR-7239-3p", "miR-159", "miR-4461", "immRNA"}


def test_every_word_of_a_candidate_is_read(corpus: tuple[Finding, ...]) -> None:
    unread = {
        (finding.finding_id, note.field, note.given)
        for finding in corpus
        for note in finding.reading.notes
        if note.how in ("unknown", "ambiguous") and note.given not in NOVEL
    }
    assert unread == set()


def test_ids_are_unique_and_a_paper_has_one_key(corpus: tuple[Finding, ...]) -> None:
    ids = [row["finding_id"] for row in CELLS]
    assert sorted(ids) == sorted(set(ids))
    keys: dict[str, set[str]] = {}
    for finding in corpus:
        for name in finding.paper_names:
            keys.setdefault(name, set()).add(finding.paper)
    assert {key: papers for key, papers in keys.items() if len(papers) > 1} == {}


def test_the_papers_own_reports_are_not_among_the_candidates_inputs() -> None:
    inputs = {"cell_model", "targets", "pathways", "mechanism", "processes", "evidence", "grade", "effect"}
    assert inputs.isdisjoint(CANDIDATE_COLUMNS)


def test_the_file_is_read_as_it_is_written(corpus: tuple[Finding, ...]) -> None:
    rows = read_table(CORPUS, HEADER, HEADER)
    assert [dict(row.cells) for row in rows] == CELLS
    assert [finding.finding_id for finding in corpus] == [row["finding_id"] for row in CELLS]
