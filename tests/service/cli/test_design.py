"""`exoscore design` gives what the library gives; what it wrote can be repeated, and scored again by `exoscore batch`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from models.scorer import Scorer
from service.cli import main
from service.scoring.design_documents import encode_designs

FIX = ["--fix", "source_phenotype=M1", "--fix", "cargo_type=mirna", "--fix", "cancer_type=glioblastoma"]
VARY = ["--vary", "cargo_name=miR-21,miR-34a,let-7a,miR-155-5p,miR-124", "--vary", "cargo_state=native,loaded"]


def run(var: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["design", *words, "--var", str(var)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_prints_the_document_of_the_library(trained_var: Path, scorer: Scorer) -> None:
    names = ["miR-21", "miR-34a", "let-7a", "miR-155-5p", "miR-124"]
    fixed = {"source_phenotype": "M1", "cargo_type": "mirna", "cancer_type": "glioblastoma"}
    designs = scorer.design({"cargo_name": names, "cargo_state": ["native", "loaded"]}, fixed)
    printed = run(trained_var, *FIX, *VARY, "--json")
    assert json.loads(printed.stdout) == json.loads(encode_designs(scorer, designs))


def test_the_table_has_the_shortlist_and_the_tests_below(trained_var: Path) -> None:
    done = run(trained_var, *FIX, *VARY, "--limit", "3", "--test-first", "2")
    assert done.exit_code == 0, done.output
    shortlist, _, tests = done.stdout.partition("Test first")
    assert "miR-34a (loaded)" in shortlist
    assert "Ranked 10 of 10 variants" in shortlist
    assert "uncertainty" in tests
    assert "MISEV2023" in tests


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_what_was_asked_for_is_repeated_from_the_document(trained_var: Path, tmp_path: Path, form: str) -> None:
    first, kept, again = tmp_path / f"first.{form}", tmp_path / "kept.json", tmp_path / f"again.{form}"
    assert run(trained_var, *FIX, *VARY, "--max-per-family", "2", "--output", str(first)).exit_code == 0
    assert run(trained_var, *FIX, *VARY, "--max-per-family", "2", "--output", str(kept)).exit_code == 0
    assert run(trained_var, "--request", str(kept), "--output", str(again)).exit_code == 0
    assert again.read_bytes() == first.read_bytes()
    kept.write_text(json.dumps(json.loads(kept.read_bytes())["request"]), "utf-8")
    assert run(trained_var, "--request", str(kept), "--output", str(again)).exit_code == 0
    assert again.read_bytes() == first.read_bytes()


def test_a_batch_of_the_table_has_the_same_digits(trained_var: Path, tmp_path: Path) -> None:
    wanted, scores = tmp_path / "designs.csv", tmp_path / "scores.csv"
    lists = ["--fix", "polarisation=LPS;IFN-gamma", "--outside-domain", "--max-per-family", "0"]
    assert run(trained_var, *FIX, *VARY, "--vary", "cancer_type=HCC,GBM", *lists).exit_code == 2
    assert run(trained_var, *FIX, *VARY, *lists, "--output", str(wanted)).exit_code == 0
    done = CliRunner().invoke(main, ["batch", str(wanted), str(scores), "--var", str(trained_var)])
    assert done.exit_code == 0, done.output
    proposed, scored = rows_of(wanted), rows_of(scores)
    assert len(proposed) == len(scored) > 3
    columns = list(scored[0])
    of_scores = columns[columns.index("row") + 1 :]
    assert {"label", "probability_suppressing", "interval_low", "warnings", "model"} <= set(of_scores)
    for row, score in zip(proposed, scored, strict=True):
        assert {name: row[name] for name in of_scores} == {name: score[name] for name in of_scores}


def test_values_with_commas_are_quoted_and_files_have_one_on_each_line(trained_var: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("miR-21\n\n miR-34a \n5,6-dimethylxanthenone-4-acetic acid\n", "utf-8")
    (from_file, quoted) = (
        json.loads(run(trained_var, *FIX, "--vary", f"cargo_name={values}", "--outside-domain", "--json").stdout)
        for values in (f"@{names}", 'miR-21,"miR-34a","5,6-dimethylxanthenone-4-acetic acid"')
    )
    assert from_file == quoted
    assert from_file["request"]["vary"]["cargo_name"][2] == "5,6-dimethylxanthenone-4-acetic acid"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], ["--vary: Name at least one field"]),
        (["--vary", "cargo_name=miR-21"], ["--vary source_cell: ", "--vary cargo_type: "]),
        ([*FIX, "--vary", "cargo_nam=x,y"], ["--vary cargo_nam: ", "Did you mean cargo_name"]),
        ([*FIX, "--vary", "cargo_name=miR-21,miR-22", "--fix", "species=cat"], ["--fix species: "]),
        ([*FIX, *VARY, "--min-papers", "-1", "--limit", "0"], ["--min-papers: ", "--limit: "]),
        ([*FIX, *VARY, "--exclude-cargo", "blorb"], ["--exclude-cargo: ", "is no known cargo"]),
        (
            [*FIX, "--vary", "cargo_name=miR-21,miR-21-5p", "--exclude-cargo", "miR-21"],
            ["constraints: No cargo is left"],
        ),
        ([*FIX, "--vary", "miR-21"], ["is not of the form FIELD=A,B,C"]),
        ([*FIX, *VARY, "--vary", "cargo_name=miR-1"], ["cargo_name varies twice"]),
        ([*FIX, "--vary", "cargo_name=@missing.txt"], ["missing.txt cannot be read"]),
        ([*FIX, *VARY, "--output", "designs.pdf"], ["designs.pdf must end in .json, .csv, .xlsx"]),
        ([*FIX, *VARY, "--format", "xlsx"], ["--output designs.xlsx"]),
        ([*FIX, *VARY, "--test-first", "99"], ["--test-first: "]),
    ],
)
def test_errors_name_the_options(trained_var: Path, words: list[str], says: list[str]) -> None:
    done = run(trained_var, *words)
    assert done.exit_code == 2
    shown = " ".join(done.stderr.split())
    assert all(text in shown for text in says), shown


def test_a_request_takes_no_options_that_say_the_same(trained_var: Path, tmp_path: Path) -> None:
    kept = tmp_path / "request.json"
    wanted: dict[str, Any] = {"vary": {"cargo_name": ["miR-21", "miR-34a"]}, "fixed": {"cargo_type": "mirna"}}
    kept.write_text(json.dumps(wanted), "utf-8")
    done = run(trained_var, "--request", str(kept), "--limit", "3", "--exclude-published")
    assert done.exit_code == 2
    assert "Leave out --exclude-published, --limit" in " ".join(done.stderr.split())
    missing = run(trained_var, "--request", str(kept))
    assert "vary.source_cell: " in missing.stderr
