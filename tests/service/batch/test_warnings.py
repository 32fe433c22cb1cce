"""What could not be understood of a row is said beside its score, counted, and refused where that is wished."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.candidates.candidate import Normalization
from models.columnar.lookup import DictionaryColumn
from models.columnar.scorer import BatchScorer
from models.columnar.warnings_column import WarningsColumn
from models.scorer import Scorer
from service.batch.formats import Format, format_of
from service.batch.options import BatchSpec, Options
from service.batch.progress import Progress
from service.batch.results import ResultQuery, read_page
from service.batch.run import run
from tests.service.batch.files import read, write

SUFFIXES = [str(form) for form in Format]
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "cancer_type": "HCC"}
MISSPELT = {**MIR21, "cancer_type": "gastrc cancer"}
ROWS = [MIR21, MISSPELT, {**MIR21, "cancer_type": "SGC-7901", "cargo_name": "blorb"}, MISSPELT, MIR21]


def score(
    scorer: Scorer, folder: Path, rows: list[dict[str, str]], source: str, target: str, strict: bool = False
) -> tuple[Path, Progress]:
    paths = folder / f"in.{source}", folder / f"out.{target}", folder / "bad.jsonl"
    write(paths[0], rows)
    options = Options(*map(format_of, paths), strict=strict)  # type: ignore[arg-type]
    return paths[1], run(scorer, BatchSpec(options, *paths))


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
def test_each_row_has_its_own_warnings(scorer: Scorer, tmp_path: Path, source: str, target: str) -> None:
    path, progress = score(scorer, tmp_path, ROWS, source, target)
    warnings = [row["warnings"] for row in read(path)]
    assert [warning is None for warning in warnings] == [True, False, False, False, True]
    assert warnings[1] == warnings[3] == "; ".join(map(str, scorer.score(ROWS[1]).warnings))
    assert "gastric cancer" in warnings[1]
    assert "misidentified" in warnings[2]
    assert "'blorb'" in warnings[2]
    assert progress.warned == 3
    assert next((each.warning.given, each.rows) for each in progress.warnings) == ("gastrc cancer", 2)
    shown = [row["warnings"] or None for row in read_page(path, Format(target), ResultQuery()).rows]
    assert shown == warnings


@pytest.mark.parametrize("source", SUFFIXES)
def test_strictly_such_rows_are_bad_ones(scorer: Scorer, tmp_path: Path, source: str) -> None:
    path, progress = score(scorer, tmp_path, ROWS, source, "csv", strict=True)
    assert [row["row"] for row in read(path)] == [1, 5]
    assert (progress.bad, progress.warned) == (3, 0)
    faults = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text("utf-8").splitlines()]
    assert {(fault["row"], fault["field"], fault["code"]) for fault in faults} == {
        (2, "cancer_type", "not_understood"),
        (3, "cancer_type", "not_understood"),
        (3, "cargo_name", "not_understood"),
        (4, "cancer_type", "not_understood"),
    }
    assert "gastrc cancer" in faults[0]["detail"]
    assert "scored" not in faults[0]["detail"]


def test_what_is_not_understood_in_many_ways_is_counted_by_row(scorer: Scorer, tmp_path: Path) -> None:
    rows = [{**MIR21, "cargo_name": f"blorb{place}", "cancer_type": "nowhere"} for place in range(150)]
    path, progress = score(scorer, tmp_path, rows, "csv", "csv")
    assert progress.warned == 150
    assert (progress.warnings[0].warning.given, progress.warnings[0].rows) == ("nowhere", 150)
    for row, found in zip(rows, read(path), strict=True):
        assert f"'{row['cargo_name']}'" in str(found["warnings"])
        assert "'nowhere'" in str(found["warnings"])


def test_values_that_are_read_differently_may_have_one_warning(scorer: Scorer) -> None:
    notes = [Normalization("source_cell", "cells", used, "part", remark="a word was left out") for used in ("a", "b")]
    warned = DictionaryColumn([(), *((note,) for note in notes)], np.array([1, 0, 2, 1], dtype=np.int32))
    scored = BatchScorer(scorer).score({"source_phenotype": DictionaryColumn(["M2"], np.zeros(4, dtype=np.int32))})
    column, rows, _ = WarningsColumn(scorer.parser.warnings).build(replace(scored, warned=warned), np.arange(4))
    text = "source_cell 'cells': a word was left out."
    assert (column.to_pylist(), rows) == ([text, None, text, text], 3)
