"""Sheets are scored as labs write them: headings, columns and cells in their own words, with or without a header."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from models.errors import TableError
from models.scorer import Scorer
from service.batch.formats import Format, format_of
from service.batch.options import BatchSpec, Options
from service.batch.progress import Progress
from service.batch.run import run
from service.cli import main
from tests.service.batch.files import read

SHEETS = Path(__file__).with_name("sheets")
LABS = [
    {"Phenotype": "M2", "Cargo type": "miRNA", "miRNA": "miR-21", "Tumour": "HCC", "plate": "P1"},
    {"Phenotype": "TAM", "Cargo type": "miRNA", "miRNA": "miR-155", "Tumour": "A549", "plate": "P2"},
    {"Phenotype": "M1", "Cargo type": "protein", "miRNA": "TNF", "Tumour": "NA", "plate": "P3"},
]
OURS = [
    {"source_phenotype": row["Phenotype"], "cargo_type": row["Cargo type"], "cargo_name": row["miRNA"]}
    | {"cancer_type": row["Tumour"]}
    for row in LABS
]


def score(scorer: Scorer, source: Path, **options: object) -> tuple[list[dict[str, object]], Progress]:
    out = source.with_name("out.jsonl")
    form = format_of(source)
    assert form
    return_value = run(scorer, BatchSpec(Options(form, Format.JSONL, **options), source, out))  # type: ignore[arg-type]
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()], return_value


def write_as(path: Path, rows: list[dict[str, str]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("\n".join(";".join(cells) for cells in (rows[0].keys(), *(row.values() for row in rows))))
    return path


def test_sixty_rows_of_three_labs_are_scored_by_one_command(trained_var: Path, tmp_path: Path) -> None:
    words = ["batch", str(SHEETS), str(tmp_path / "scores"), "--var", str(trained_var), "--json"]
    result = CliRunner().invoke(main, words)
    summary = json.loads(result.stdout)
    assert summary["rows"] == 60
    assert summary["bad"] <= 2
    assert all("Give one of them" in fault["detail"] or fault["nearest"] for fault in summary["first_faults"])
    assert "gastric cancer" in next(each["nearest"] for each in summary["warnings"] if each["given"] == "gastrc cancer")
    assert len([row for path in (tmp_path / "scores").glob("*.csv") for row in read(path)]) >= 58


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_headings_of_a_lab_are_fields_in_every_format(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    expected, _ = score(scorer, write_as(tmp_path / f"ours.{suffix}", OURS))
    found, progress = score(scorer, write_as(tmp_path / f"labs.{suffix}", LABS))
    assert [row.pop("plate") for row in found] == ["P1", "P2", "P3"]
    assert found == expected
    assert "Column Tumour is read as cancer_type" in progress.remarks
    assert "Carried over to the scores without being read: plate" in progress.remarks


def test_rows_of_json_may_name_their_members_each_in_its_way(scorer: Scorer, tmp_path: Path) -> None:
    expected, _ = score(scorer, write_as(tmp_path / "ours.jsonl", OURS))
    mixed = [LABS[0], OURS[1], {**OURS[2], "Tumour": "NA", "cancer_type": "NA"}]
    found, progress = score(scorer, write_as(tmp_path / "mixed.jsonl", mixed))
    assert progress.bad == 0
    for row, of_ours in zip(found, expected, strict=True):
        assert {name: row[name] for name in of_ours} == of_ours


def test_a_member_that_cannot_be_a_field_is_carried_over(scorer: Scorer, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({**OURS[0], "number": 1.5, "state": {"x": 1}}) + "\n")
    (row,), progress = score(scorer, source)
    assert (row["number"], row["state"], progress.bad) == (1.5, {"x": 1}, 0)


def test_columns_are_named_where_a_file_has_no_header(scorer: Scorer, tmp_path: Path) -> None:
    expected, _ = score(scorer, write_as(tmp_path / "labs.csv", LABS))
    source = tmp_path / "bare.csv"
    source.write_text("\n".join(";".join(row.values()) for row in LABS))
    with pytest.raises(
        TableError, match=r"its 5 columns are.*source_phenotype,cargo_type,cargo_name,cancer_type,cargo_state"
    ):
        score(scorer, source)
    found, _ = score(scorer, source, columns=("Phenotype", "cargo_type", "Cargo", "Cancer", "plate"))
    assert found == expected
    with pytest.raises(TableError, match="The first row has 5 cells, but 2 columns are named"):
        score(scorer, source, columns=("Phenotype", "cargo_type"))
    with pytest.raises(TableError, match="This line already names the columns"):
        score(scorer, write_as(tmp_path / "ours.csv", OURS), columns=("a", "b", "c", "d"))


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_constant_is_the_value_of_all_rows_that_state_none(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    rows = [{**row, "cancer_type": tumour} for row, tumour in zip(OURS, ("melanoma", "", "n.d."), strict=True)]
    stated = [{**row, "cancer_type": row["cancer_type"] or "HCC", "species": "human"} for row in rows]
    stated[2]["cancer_type"] = "HCC"
    expected, _ = score(scorer, write_as(tmp_path / f"stated.{suffix}", stated))
    constants = {"cancer_type": "HCC", "species": "human"}
    found, progress = score(scorer, write_as(tmp_path / f"in.{suffix}", rows), constants=constants)
    assert found == expected
    assert "cancer_type is HCC in every row that states none" in progress.remarks


def test_a_constant_may_stand_for_a_column_that_is_needed(scorer: Scorer, tmp_path: Path) -> None:
    rows = [{"cargo_name": row["cargo_name"]} for row in OURS[:2]]
    for suffix in ("jsonl", "parquet"):
        found, progress = score(
            scorer,
            write_as(tmp_path / f"in.{suffix}", rows),
            constants={"source_phenotype": "M2", "cargo_type": "mirna"},
        )
        assert (len(found), progress.bad) == (2, 0)


def test_a_constant_that_is_no_term_is_refused_once(scorer: Scorer, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cargo_state is set to 'depletd'.*Did you mean depleted"):
        score(scorer, write_as(tmp_path / "in.csv", OURS), constants={"cargo_state": "depletd"})
