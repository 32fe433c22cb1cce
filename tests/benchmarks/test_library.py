"""A library of candidates is over the whole vocabulary, understood, with few repeats, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from benchmarks.library import MOST_ALIKE, Library, as_table, write
from models.columnar.scorer import BatchScorer, RawColumn
from models.estimator.features import Features
from models.scorer import Scorer

COUNT = 20_000


@pytest.fixture(scope="module")
def drawn(features: Features) -> dict[str, RawColumn]:
    return Library(features).draw(COUNT)


def test_every_candidate_is_understood(drawn: dict[str, RawColumn], scorer: Scorer) -> None:
    some = {name: RawColumn(column.values, column.codes[:2_000]) for name, column in drawn.items()}
    scored = BatchScorer(scorer).score(some)
    assert len(scored.good) == 2_000
    assert not scored.bad


def test_no_candidate_is_in_it_more_than_three_times(features: Features) -> None:
    # Few cargos, and no more of them than fit: many candidates are drawn alike, so some have to be left out.
    drawn = Library(features, names=14).draw(200_000)
    rows = Counter(zip(*(column.codes.tolist() for column in drawn.values()), strict=True))
    assert max(rows.values()) <= MOST_ALIKE


def test_its_cargos_are_about_as_many_as_asked_for(drawn: dict[str, RawColumn], features: Features) -> None:
    assert 4_000 < len(drawn["cargo_name"].values) < 6_000
    assert len(Library(features, names=500).draw(10)["cargo_name"].values) < 700


def test_values_are_distinct_and_all_sources_and_states_are_met(
    drawn: dict[str, RawColumn], features: Features
) -> None:
    for name, column in drawn.items():
        assert len(set(column.values)) == len(column.values), name
    for field in ("source_cell", "cargo_type", "cargo_state"):
        met = {drawn[field].values[code] for code in np.unique(drawn[field].codes)}
        assert met >= set(features.vocabulary.names(field))


def test_it_is_the_same_for_the_same_seed(drawn: dict[str, RawColumn], features: Features) -> None:
    again = Library(features).draw(COUNT)
    assert as_table(again, 0).equals(as_table(drawn, 0))
    assert not as_table(Library(features, seed=1).draw(COUNT), 0).equals(as_table(drawn, 0))


def test_both_formats_hold_the_same_candidates(features: Features, tmp_path: Path) -> None:
    for suffix in ("parquet", "csv"):
        write(tmp_path / f"library.{suffix}", 500, features)
    columns = parquet.read_table(tmp_path / "library.parquet")
    texts = dict.fromkeys(columns.column_names, pa.string())
    read = csv.read_csv(tmp_path / "library.csv", convert_options=csv.ConvertOptions(column_types=texts))
    assert read.to_pylist() == columns.to_pylist()
    assert columns["id"].to_pylist() == [str(number) for number in range(500)]
