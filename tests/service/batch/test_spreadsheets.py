"""Tables are read as spreadsheets and labs write them: other delimiters, UTF-16, and headings in their own words."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELD_BY_NAME
from models.scoring.scorer import Scorer
from service.batch.formats import Format
from service.batch.options import BatchSpec, Options
from service.batch.readers.header import field_of, name_columns
from service.batch.run import run

ROWS = [
    ["id", "source_phenotype", "cargo_type", "cargo_name", "cancer_type"],
    ["a", "M2", "mirna", "miR-21", "HCC"],
    ["b", "M1", "protein", 'said "p53", wild', "A549"],
    ["c", "TAM", "mirna", "miR-155; miR-21", "n.d."],
]


def as_table(delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(ROWS)
    return text.getvalue()


def scores_of(scorer: Scorer, tmp_path: Path, content: bytes) -> tuple[bytes, list[str]]:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    progress = run(scorer, BatchSpec(Options(Format.CSV, Format.CSV, Format.JSONL), source=source, target=target))
    return target.read_bytes(), progress.remarks


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("delimiter", "remark"),
    [(",", ""), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")],
    ids=["comma", "semicolon", "tab", "bar"],
)
def test_the_scores_are_the_same_whatever_parts_the_cells(
    scorer: Scorer, tmp_path: Path, delimiter: str, remark: str, encoding: str
) -> None:
    plain, _ = scores_of(scorer, tmp_path, as_table(",").encode())
    scores, remarks = scores_of(scorer, tmp_path, as_table(delimiter).encode(encoding))
    assert scores == plain
    assert remark in " ".join(remarks)
    assert bool(remarks) == (bool(remark) or encoding == "utf-16")


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
    assert field_of(heading) == field


@given(
    st.lists(
        st.sampled_from(["Tumour", "cancer_type", "Cancer", "Cargo", "cargo_name", "plate", "Phenotype"]), unique=True
    )
)
def test_no_field_is_named_twice_and_its_own_name_wins(headings: list[str]) -> None:
    columns = name_columns(headings)
    fields = [column for column in columns if column in FIELD_BY_NAME]
    assert len(columns) == len(headings)
    assert len(fields) == len(set(fields))
    assert all(column == heading for heading, column in zip(headings, columns, strict=True) if heading in FIELD_BY_NAME)


def test_what_headings_are_read_as_is_said(scorer: Scorer, tmp_path: Path) -> None:
    content = b"Nr;Source;Cargo type;Cargo;Tumour\n1;M2 macrophages;miRNA;miR-21;HCC\n"
    scores, remarks = scores_of(scorer, tmp_path, content)
    assert b"\n1,1,promoting" in scores
    assert "column Tumour is read as cancer_type" in remarks
