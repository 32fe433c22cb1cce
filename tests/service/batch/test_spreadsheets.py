"""Tables are read as spreadsheets and labs write them: workbooks, other delimiters and encodings, and headings in their words."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.headings import CANDIDATE_HEADINGS
from models.errors import TableError
from models.scorer import Scorer
from service.batch.formats import Format, format_read
from service.batch.options import BatchSpec, Options
from service.batch.preview import preview
from service.batch.progress import Progress
from service.batch.run import run
from tests import workbooks

HEADINGS = ["Nr", "Source", "Phenotype", "Cargo type", "Cargo", "Tumour", "Comment"]
NAMES = ["miR-21", "miR-155-5p", 'said "p53", wild', "PTEN; STAT3", "5-FU", "TGF-ß", "let-7a", "Café", "", "miR-9-3p"]
ROWS = [
    [
        number + 1,
        ("macrophage", "MSC")[number % 2],
        ("M2", "unspecified")[number % 2],
        ("mirna", "protein", "drug", "mrna")[number % 4],
        NAMES[number % 10],
        ("HCC", "A549", "Mélanome", "n.d.")[number % 4],
        "two; words, and more",
    ]
    for number in range(20)
]
FORMS = workbooks.every_form([HEADINGS, *ROWS])


def scored(scorer: Scorer, path: Path, sheet: str = "", **changes: object) -> tuple[str, Progress]:
    target, errors = path.with_suffix(".scores"), path.with_suffix(".errors")
    chosen = Options(
        format_read(path) or Format.CSV, Format.CSV, Format.CSV, sheet=sheet, keep_columns=True, bad_rows="keep"
    )
    spec = BatchSpec(chosen, source=path, target=target, errors_path=errors)
    progress = run(scorer, replace(spec, **changes))  # type: ignore[arg-type]
    return target.read_text("utf-8") + errors.read_text("utf-8"), progress


@pytest.mark.parametrize("name", FORMS)
def test_the_same_rows_have_the_same_scores_and_faults_in_every_form(scorer: Scorer, tmp_path: Path, name: str) -> None:
    plain, source = tmp_path / "in.csv", tmp_path / name
    plain.write_bytes(FORMS["plain.csv"])
    source.write_bytes(FORMS[name])
    expected, of_plain = scored(scorer, plain)
    scores, progress = scored(scorer, source)
    if name.startswith("separator"):
        # Its first line is none of the table.
        scores = scores.rpartition("row,line")[0] + expected.rpartition("row,line")[1]
        expected = expected.rpartition("row,line")[0] + expected.rpartition("row,line")[1]
    assert scores == expected
    assert (progress.rows, progress.bad) == (of_plain.rows, of_plain.bad) == (20, 2)
    assert progress.remarks[-7:] == of_plain.remarks
    assert len(of_plain.remarks) == 7


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Cargo type", "cargo_type"),
        ("CARGO-NAME", "cargo_name"),
        ("Tumour", "cancer_type"),
        ("Cell line", "cancer_type"),
        ("miRNA", "cargo_name"),
        ("Phenotype", "source_phenotype"),
        ("Exosome source", "source_cell"),
        ("Nr", "id"),
        ("plate", ""),
        ("", ""),
    ],
)
def test_a_heading_names_a_field_in_the_words_of_a_lab(heading: str, field: str) -> None:
    assert CANDIDATE_HEADINGS.column_of(heading) == field


@given(
    st.lists(
        st.sampled_from(["Tumour", "cancer_type", "Cancer", "Cargo", "cargo_name", "plate", "Phenotype"]), unique=True
    )
)
def test_no_field_is_named_twice_and_its_own_name_wins(headings: list[str]) -> None:
    columns = CANDIDATE_HEADINGS.name_columns(headings)
    fields = [column for column in columns if column in FIELD_BY_NAME]
    assert len(columns) == len(headings)
    assert len(fields) == len(set(fields))
    assert all(column == heading for heading, column in zip(headings, columns, strict=True) if heading in FIELD_BY_NAME)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("semicolons.csv", ["The cells are separated by semicolons"]),
        ("unicode.csv", ["The cells are separated by tabs", "The text is UTF-16"]),
        ("tabs.tsv", []),
        ("book.xlsx", []),
        (
            "windows.csv",
            [
                "The cells are separated by semicolons",
                "is not UTF-8 and is read as Windows-1252, as in 'Mélanome' on line 4",
            ],
        ),
        ("old mac.csv", ["is not UTF-8 and is read as Mac Roman, as in 'Mélanome' on line 4"]),
    ],
)
def test_what_is_read_otherwise_than_it_stands_is_said(
    scorer: Scorer, tmp_path: Path, name: str, said: list[str]
) -> None:
    source = tmp_path / name
    source.write_bytes(FORMS[name])
    remarks = scored(scorer, source)[1].remarks
    assert "Column Tumour is read as cancer_type" in remarks
    assert "Carried over to the scores without being read: Comment" in remarks
    own = [remark for remark in remarks if not remark.startswith(("Column", "Carried over"))]
    assert len(own) == len(said)
    assert all(part in remark for part, remark in zip(said, own, strict=True))
    looked_at = preview(scorer, BatchSpec(Options(format_read(source) or Format.CSV, Format.CSV), source, None))
    assert list(looked_at.remarks) == remarks
    assert looked_at.judged == 20


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("source_phenotype,cargo_type,cargo_name\nM2,mirna,für\n".encode() + b"M2,mirna,caf\xe9\n", "not_utf8"),
        (b"source_phenotype,cargo_type,cargo_name\nM2,mirna,\x81\n", "not_utf8"),
        ("source_phenotype;cargo_type;cargo_name\nM2;mirna;für\n".encode("cp437"), "not_utf8"),
        (b"<html><table><tr><td>M2</td></tr></table></html>", "markup"),
        (b"Our vesicles\n\nPhenotype;Cargo type;Cargo\nM2;mirna;miR-21\n", "title_rows"),
        (workbooks.xlsx({"A": [["Our vesicles"], [], ["Phenotype", "Cargo type", "Cargo"]]}), "title_rows"),
        (workbooks.xlsx({"A": []}), "empty"),
        (b'source_phenotype;cargo_type;cargo_name\nM2;mirna;miR-21\nM2;mirna;"miR-21\n', "malformed"),
        (b"PK\x03\x04 and no more", "workbook"),
    ],
)
def test_a_file_that_could_be_misread_is_refused_with_what_to_do(
    scorer: Scorer, tmp_path: Path, content: bytes, code: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    with pytest.raises(TableError) as refused:
        scored(scorer, source)
    assert refused.value.faults[0].fault.code == code


def test_the_line_of_the_header_behind_titles_is_told(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    source.write_bytes(workbooks.xlsx({"A": [[], ["Our vesicles"], [], HEADINGS, *ROWS]}))
    with pytest.raises(
        TableError, match=r"Line 2: This is not a header, but line 4 looks like one. Remove the lines above it"
    ):
        scored(scorer, source)


def test_faults_are_told_by_the_rows_of_the_sheet(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    rows = [["M2", "mirna", "miR-21\nor so"], [], ["M2", "rocket", "miR-21"]]
    source.write_bytes(workbooks.xlsx({"A": [["source_phenotype", "cargo_type", "cargo_name"], *rows]}))
    (fault,) = scored(scorer, source)[1].first_faults
    assert (fault["line"], fault["row"], fault["field"]) == (4, 2, "cargo_type")


def test_a_sheet_is_chosen_by_its_name(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.ods"
    source.write_bytes(workbooks.ods({"Notes": [["nothing"]], "List": [HEADINGS, *ROWS]}))
    with pytest.raises(TableError, match=r"'Notes' is read; there is also 'List'. Its header has no known column"):
        scored(scorer, source)
    _, progress = scored(scorer, source, "List")
    assert progress.rows == 20
    with pytest.raises(TableError, match=r"no sheet 'list'; it has 'Notes', 'List'"):
        scored(scorer, source, "list")
    text = tmp_path / "in.csv"
    text.write_bytes(FORMS["plain.csv"])
    with pytest.raises(TableError, match="nly a workbook has sheets"):
        scored(scorer, text, "List")


def test_how_a_refused_file_was_read_is_said(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    source.write_bytes(workbooks.xlsx({"Old": [["Tumour", "Cargo"], ["HCC", "miR-21"]], "List": [HEADINGS, *ROWS]}))
    with pytest.raises(TableError, match="source_phenotype is missing") as refused:
        scored(scorer, source)
    said = ["The sheet 'Old' is read; there is also 'List'", "Column Tumour is read as cancer_type"]
    assert refused.value.__notes__[:2] == said
    looked_at = preview(scorer, BatchSpec(Options(Format.CSV, Format.CSV), source, None))
    assert list(looked_at.remarks[:2]) == said


@pytest.mark.parametrize("name", ["plain.csv", "semicolons.csv", "unicode.csv", "windows.csv", "book.xlsx"])
def test_a_pipe_is_read_as_the_file_is(scorer: Scorer, tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(FORMS[name])
    expected, _ = scored(scorer, source)
    reads, writes = os.pipe()
    with os.fdopen(reads, "rb") as stdin:
        with os.fdopen(writes, "wb") as pipe:
            pipe.write(FORMS[name])
        scores, _ = scored(scorer, source, source=None, stdin=stdin)
    assert scores == expected


def test_what_comes_of_a_plain_pipe_is_scored_before_its_end(scorer: Scorer, tmp_path: Path) -> None:
    reads, writes = os.pipe()
    rows = b"source_phenotype,cargo_type,cargo_name\n" + b"M2,mirna,miR-21\n" * 10
    scored_rows: list[int] = []

    def report(progress: Progress) -> None:
        if not scored_rows:
            os.write(writes, rows[-160:])
            os.close(writes)
        scored_rows.append(progress.rows)

    os.write(writes, rows)
    with os.fdopen(reads, "rb") as stdin:
        options = Options(Format.CSV, Format.CSV)
        target = tmp_path / "out.csv"
        run(scorer, BatchSpec(options, None, target, stdin=stdin, block_bytes=len(rows) // 3), report)
    assert scored_rows[0] < 10
    assert scored_rows[-1] == 20


def test_headings_in_the_words_of_a_lab_are_scored(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"Nr;Source;Cargo type;Cargo;Tumour\n1;M2 macrophages;miRNA;miR-21;HCC\n")
    scores, _ = scored(scorer, source)
    assert "\n1,M2 macrophages,miRNA,miR-21,HCC,1,promoting" in scores
