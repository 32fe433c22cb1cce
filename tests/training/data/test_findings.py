"""A file of findings is read, or every fault of it is told with line, column and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.errors import TableError
from tests import workbooks
from training.data.findings import (
    COLUMNS as EVERY_COLUMN,
)
from training.data.findings import (
    CORPUS,
    Finding,
    cells_of,
    check_rows,
    fingerprint,
    merge_files,
    paper_weights,
    read_findings,
    read_labelled,
)
from training.data.tabular import TableRow, format_rows, parse_table

COLUMNS = ("paper", "source_cell", "source_phenotype", "cargo_type", "cargo_name", "effect", "title")
GOOD = ("lab:1", "macrophage", "M2", "mirna", "miR-21", "promoting", "")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of findings: rows as tuples, or the whole content."""

    def of(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS, name: str = "own.tsv") -> Path:
        path = tmp_path / name
        separator = "," if name.endswith(".csv") else "\t"
        path.write_text("".join(separator.join(row) + "\n" for row in (columns, *rows)), encoding="utf-8")
        return path

    return of


def faults(path: Path, reader: CandidateParser) -> list[tuple[int, str, str]]:
    with pytest.raises(TableError) as caught:
        read_findings(path, reader)
    assert all(fault.fault.remedy for fault in caught.value.faults)
    return [(fault.line, fault.column, fault.fault.code) for fault in caught.value.faults]


def changed(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(column, cell) for column, cell in zip(COLUMNS, GOOD, strict=True))


@pytest.mark.parametrize("name", ["own.tsv", "own.csv"])
def test_a_labs_own_findings_are_read(write: Write, reader: CandidateParser, name: str) -> None:
    (finding,) = read_findings(write(GOOD, name=name), reader)
    assert (finding.paper, finding.effect, finding.candidate.cargo_name) == ("lab:1", "promoting", "miR-21")
    assert finding.finding_id.startswith("EXF-")


def test_every_fault_of_every_row_is_reported_together(write: Write, reader: CandidateParser) -> None:
    path = write(
        GOOD, changed(paper="lab:2", effect="curing", cargo_type="mirnaz"), changed(paper="", source_phenotype="M7")
    )
    assert faults(path, reader) == [
        (3, "cargo_type", "unknown_term"),
        (3, "effect", "unknown_term"),
        (4, "paper", "missing"),
        (4, "source_phenotype", "unknown_term"),
    ]


def test_contradictions_and_repeats_are_told(write: Write, reader: CandidateParser) -> None:
    assert faults(write(GOOD, GOOD), reader) == [(3, "", "repeated")]
    assert faults(write(GOOD, changed(effect="suppressing")), reader) == [(3, "effect", "contradiction")]
    columns = (*COLUMNS, "pmid")
    path = write((*changed(paper="pmid:1"), "2"), columns=columns)
    assert faults(path, reader) == [(2, "paper", "contradiction")]
    columns = (*COLUMNS, "finding_id")
    path = write((*GOOD, "a"), (*changed(paper="lab:2"), "a"), columns=columns)
    assert faults(path, reader) == [(3, "finding_id", "repeated")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (1, "", "empty")),
        (b"\n\n", (1, "", "empty")),
        ("\t".join(COLUMNS).encode() + b"\n", (1, "", "empty")),
        ("\t".join(COLUMNS).encode() + b"\nlab:1\tmacrophage\tM2\n", (2, "source_phenotype", "truncated")),
        ("\t".join(COLUMNS).encode() + b"\n" + b"\t" * 9 + b"x\n", (2, "title", "extra_cells")),
        ("\t".join(COLUMNS).encode() + b"\nlab:1\tmacroph\x81ge\n", (2, "", "not_utf8")),
        (b"PK\x03\x04\x00\x00", (0, "", "workbook")),
        (b"a\x00b", (1, "", "not_text")),
        (workbooks.xlsx({"A": [["My findings"], list(COLUMNS), list(GOOD)]}), (1, "", "title_rows")),
        (b"paper\tsource_phenotype\tcargo_type\tcargo_name\n", (1, "effect", "missing_column")),
        (b"paper\tpaper\tsource_phenotype\tcargo_type\tcargo_name\teffect\n", (1, "paper", "doubled_column")),
        (
            b"paper\tsource_fenotype\tsource_phenotype\tcargo_type\tcargo_name\teffect\n",
            (1, "source_fenotype", "unknown_column"),
        ),
    ],
)
def test_a_file_of_the_wrong_form_is_told_where(
    tmp_path: Path, reader: CandidateParser, content: bytes, expected: tuple[int, str, str]
) -> None:
    path = tmp_path / "own.tsv"
    path.write_bytes(content)
    assert faults(path, reader) == [expected]


def test_the_byte_that_is_not_utf8_is_told(tmp_path: Path, reader: CandidateParser) -> None:
    path = tmp_path / "own.tsv"
    path.write_bytes("\t".join(COLUMNS).encode() + b"\nlab:1\tmacroph\x81ge\n")
    with pytest.raises(TableError, match="Byte 14 of the line"):
        read_findings(path, reader)


HEADINGS = ("PubMed ID", "Cell source", "Phenotype", "Cargo type", "miRNA", "Tumour", "Outcome", "Journal", "Year")
ROWS = [
    [
        str(30_000_000 + number),
        "macrophage",
        ("M1", "M2")[number % 2],
        "mirna",
        f"miR-{(21, 155, 146, 210)[number % 4]}",
        "A549",
        ("suppressing", "promoting")[number % 2],
        "Zeitschrift für Krebs; Teil 2",
        "2019",
    ]
    for number in range(20)
]
FORMS = workbooks.every_form([HEADINGS, *ROWS])


@pytest.mark.parametrize("name", FORMS)
def test_the_same_rows_are_the_same_findings_in_every_form(tmp_path: Path, reader: CandidateParser, name: str) -> None:
    plain, path = tmp_path / "in.csv", tmp_path / name
    plain.write_bytes(FORMS["plain.csv"])
    path.write_bytes(FORMS[name])
    remarks: list[str] = []
    findings = read_findings(path, reader, on_remark=remarks.append)
    assert findings == read_findings(plain, reader)
    assert [finding.paper for finding in findings] == [f"pmid:{row[0]}" for row in ROWS]
    assert {finding.citation["journal"] for finding in findings} == {"Zeitschrift für Krebs; Teil 2"}
    assert {"Column PubMed ID is read as pmid", "Column Outcome is read as effect"} < set(remarks)


def test_numbers_of_a_workbook_are_read_as_they_are_seen(tmp_path: Path, reader: CandidateParser) -> None:
    path = tmp_path / "own.xlsx"
    rows = [HEADINGS, *([float(row[0]), *row[1:8], 2019.0] for row in ROWS)]
    path.write_bytes(workbooks.xlsx({"Notes": [["none"]], "Found": rows}))
    findings = read_findings(path, reader, "Found")
    assert {finding.citation["year"] for finding in findings} == {"2019"}
    assert findings[0].paper == "pmid:30000000"


def test_faults_of_a_workbook_are_told_by_its_rows(tmp_path: Path, reader: CandidateParser) -> None:
    path = tmp_path / "own.ods"
    path.write_bytes(workbooks.ods({"A": [COLUMNS, GOOD, [None], changed(paper="lab:2\nlab:3", effect="curing")]}))
    assert faults(path, reader) == [(4, "effect", "unknown_term")]


def test_windows_line_ends_a_byte_order_mark_and_quoted_csv_are_read(tmp_path: Path, reader: CandidateParser) -> None:
    path = tmp_path / "own.csv"
    rows = [COLUMNS, changed(title='"A title, ""quoted"" and\nbroken"')]
    path.write_bytes(b"\xef\xbb\xbf" + "".join(",".join(row) + "\r\n" for row in rows).encode())
    (finding,) = read_findings(path, reader)
    assert finding.citation["title"] == 'A title, "quoted" and\nbroken'


@pytest.mark.parametrize("cut", [100, 2_000, 50_000])
def test_a_corpus_cut_off_anywhere_is_refused_at_its_last_line(
    tmp_path: Path, reader: CandidateParser, cut: int
) -> None:
    content = CORPUS.read_bytes()[:cut]
    path = tmp_path / "cut.tsv"
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_findings(path, reader)
    assert caught.value.faults[0].line in (1, content.count(b"\n") + 1)


def test_evaluation_backs_off_from_words_it_does_not_know_and_says_so(write: Write, reader: CandidateParser) -> None:
    path = write(
        ("lab:1", "plant", "dragonfruit", "whole_vesicle", "", "suppressing", ""),
        ("lab:1", "plant", "moonflower", "whole_vesicle", "", "promoting", ""),
        GOOD,
    )
    sheet = read_labelled(path, reader)
    assert [finding.candidate.source_phenotype for finding in sheet.findings] == ["unspecified", "unspecified", "M2"]
    assert sorted(fault.line for fault in sheet.backed_off) == [2, 3]


def test_evaluation_refuses_rows_whose_candidate_or_effect_is_wrong(write: Write, reader: CandidateParser) -> None:
    with pytest.raises(TableError) as caught:
        read_labelled(write(GOOD, changed(paper="lab:2", effect=""), changed(cargo_type="x")), reader)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(3, "effect"), (4, "cargo_type")]


def test_the_same_paper_is_known_by_all_its_names(
    reader: CandidateParser, corpus: tuple[Finding, ...], write: Write
) -> None:
    seen = next(finding for finding in corpus if finding.citation["doi"] and finding.paper.startswith("pmid:"))
    columns = (*COLUMNS, "doi")
    (other,) = read_findings(write((*changed(paper="lab:x"), seen.citation["doi"].upper()), columns=columns), reader)
    assert other.paper_names & seen.paper_names


def test_every_paper_weighs_one_and_the_fingerprint_does_not_see_the_order(corpus: tuple[Finding, ...]) -> None:
    papers = [finding.paper for finding in corpus]
    assert sum(paper_weights(papers)) == pytest.approx(len(set(papers)))
    assert fingerprint(reversed(corpus)) == fingerprint(corpus)
    assert fingerprint(corpus[1:]) != fingerprint(corpus)


def test_a_finding_in_two_files_is_counted_once(corpus: tuple[Finding, ...]) -> None:
    assert merge_files([corpus, corpus[:10]]) == corpus


def test_one_paper_cited_in_two_ways_by_two_files_is_one_paper_of_the_merge(
    corpus: tuple[Finding, ...], reader: CandidateParser, write: Write
) -> None:
    seen = next(finding for finding in corpus if finding.citation["doi"] and finding.paper.startswith("pmid:"))
    columns = (*COLUMNS, "doi")
    own = read_findings(write((*changed(paper="lab:x"), seen.citation["doi"].upper()), columns=columns), reader)
    for sheets in ([corpus, own], [own, corpus]):
        merged = merge_files(sheets)
        assert len(merged) == len(corpus) + 1
        assert {finding.paper for finding in merged if finding.paper_names & seen.paper_names} == {seen.paper}
        assert len({finding.paper for finding in merged}) == len({finding.paper for finding in corpus})


def test_results_of_one_laboratory_with_the_same_title_stay_apart(reader: CandidateParser, write: Write) -> None:
    titled = [changed(paper=f"lab:{number}", title="Unpublished") for number in range(3)]
    assert len({finding.paper for finding in merge_files([read_findings(write(*titled), reader)])}) == 3


FREE_TEXT = ["cell_model", "pathways", "title", "journal", "dose", "markers", "first_author"]
SPELLINGS = ["circSERPINE2", "TPTPS", "CTLA4", "C17orf91", "miR-21*", "PTX", "HIF-1α", "let7b", "blorb", "p53", "RP17"]
AROUND = ["{}", "anti-{}", "{} siRNA", "circ_{}", "exosomal {}", "lncRNA {}", "{} mimic", "{} inhibitor+DOX"]


@given(
    cargo=st.builds(str.format, st.sampled_from(AROUND), st.sampled_from(SPELLINGS)),
    cargo_type=st.sampled_from(["mirna", "circrna", "sirna", "protein", "lipid"]),
    texts=st.dictionaries(st.sampled_from(FREE_TEXT), st.text(st.characters(exclude_categories=["Cc", "Cs"]))),
    by_commas=st.booleans(),
)
def test_a_canonical_row_that_is_written_and_read_is_the_same_finding(
    reader: CandidateParser, cargo: str, cargo_type: str, texts: dict[str, str], by_commas: bool
) -> None:
    given_row = {
        "paper": "lab:1",
        "source_phenotype": "M2",
        "effect": "promoting",
        "cargo_type": cargo_type,
        "cargo_name": cargo,
    }
    tidy = {name: " ".join(text.split()) for name, text in (given_row | texts).items()}
    (finding,) = check_rows([TableRow(2, tidy)], reader)
    cells = cells_of(finding, reader)
    sheet = "".join(format_rows([cells], EVERY_COLUMN, by_commas)).encode()
    (again,) = check_rows(parse_table(sheet, by_commas, EVERY_COLUMN, EVERY_COLUMN), reader)
    assert (again.content, cells_of(again, reader)) == (finding.content, cells)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"cargo_name": "miR-21:0.9+let-7a:0.1"}, "cargo_name"),
        ({"cargo_name": "miR-21:0.9"}, "cargo_name"),
        ({"cargo_name": "miR-21+doxorubicin", "cargo_type": "mirna+small_molecule"}, "cargo_type"),
        ({"cargo_name": "miR-21+let-7a", "cargo_type": ""}, "cargo_type"),
        ({"cargo_name": "miR-21", "cargo_type": ""}, "cargo_type"),
    ],
)
def test_a_finding_has_no_weights_and_one_type(
    write: Write, reader: CandidateParser, cells: dict[str, str], column: str
) -> None:
    assert [each[1] for each in faults(write(changed(**cells)), reader)] == [column]
    (finding,) = read_findings(write(changed(cargo_name="CHEBI:28748", cargo_type="drug")), reader)
    assert finding.candidate.cargo_name == "doxorubicin"
