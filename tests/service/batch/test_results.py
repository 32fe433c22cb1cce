"""A page of scores holds the rows that the file holds, whatever its format, filter and order."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from benchmarks.candidates import Candidates
from models.scorer import Scorer
from service.batch.formats import DELIMITERS, Format
from service.batch.options import KEEP_EMPTY, BatchSpec, Options
from service.batch.results import ROWS, SORTS, UNSCORED, ResultQuery, Rows, read_errors, read_page
from service.batch.run import run
from tests.service.batch.files import write

BAD = {"source_phenotype": "M7", "cargo_type": "mirna", "cargo_name": "miR-21", "id": "b,\"a'd"}


@pytest.fixture(scope="module", params=list(Format))
def scored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, scorer: Scorer
) -> tuple[Path, Format]:
    form: Format = request.param
    folder = tmp_path_factory.mktemp(form)
    rows = [dict(row) for row in Candidates(scorer.features, 2).draw(400)]
    write(folder / "in.csv", [*rows[:100], BAD, *rows[100:], BAD])
    options = Options(Format.CSV, form, keep_columns=True, bad_rows=KEEP_EMPTY)
    run(scorer, BatchSpec(options, folder / "in.csv", folder / f"out.{form}", folder / "errors.jsonl"))
    return folder / f"out.{form}", form


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, with None for what is empty."""
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()  # type: ignore[no-any-return]
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    rows = csv.DictReader(text.splitlines(), delimiter=DELIMITERS[Format(path.suffix[1:])])
    return [{name: value or None for name, value in row.items()} for row in rows]


def all_pages(path: Path, form: Format, **wanted: Any) -> list[Any]:
    numbers, page = [], 1
    while True:
        found: Rows = read_page(path, form, ResultQuery(page=page, **wanted))
        numbers += [row["row"] for row in found.rows]
        if not found.further:
            return numbers
        assert len(found.rows) == ROWS
        page += 1


def test_the_pages_together_are_the_file(scored: tuple[Path, Format]) -> None:
    path, form = scored
    assert all_pages(path, form) == [int(row["row"]) for row in read(path)]
    first = read_page(path, form, ResultQuery()).rows[0]
    assert first["cargo_name"] == read(path)[0]["cargo_name"]


def test_a_filter_shows_the_rows_that_are_so_and_no_others(scored: tuple[Path, Format]) -> None:
    path, form = scored
    rows = read(path)
    for label in ("suppressing", "promoting", "undetermined"):
        assert all_pages(path, form, label=label) == [int(row["row"]) for row in rows if row["label"] == label]
    assert all_pages(path, form, label=UNSCORED) == [101, 402]
    thin = [int(row["row"]) for row in rows if row["undetermined_because"] == "both_possible"]
    assert all_pages(path, form, because="both_possible") == thin
    assert all_pages(path, form, because="both_possible", label="promoting") == []


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_an_order_is_that_of_the_column_and_then_of_the_file(
    scored: tuple[Path, Format], sort: str, descending: bool
) -> None:
    path, form = scored
    rows = [row for row in read(path) if row["label"]]
    ordered = sorted(rows, key=lambda row: ((-1 if descending else 1) * float(row[sort]), int(row["row"])))
    assert all_pages(path, form, sort=sort, descending=descending) == [int(row["row"]) for row in ordered]


def test_faults_are_read_from_one_on(scored: tuple[Path, Format]) -> None:
    errors = scored[0].with_name("errors.jsonl")
    assert [one["row"] for one in read_errors(errors, 0, 10)] == [101, 402]
    assert [one["id"] for one in read_errors(errors, 1, 10)] == [BAD["id"]]
