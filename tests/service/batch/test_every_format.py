"""The scores of a file are those of the API, to the last bit and in order, whatever the formats, the pieces and the workers; and
what the API says of a bad candidate, the errors say of its row."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.estimator.features import Features
from models.scorer import Scorer
from service.batch.formats import Format, format_of
from service.batch.options import CONTRIBUTIONS, KEEP_EMPTY, BatchSpec, Options
from service.batch.run import run
from service.scoring.documents import select_fields
from service.scoring.serializer import ScoreSerializer
from tests.service.batch.files import as_row, read, write

BAD: list[dict[str, Any]] = [
    {},
    {"source_phenotype": "M2"},
    {"source_phenotype": "M7", "cargo_type": "mirna", "cargo_name": "miR-21"},
    {"source_phenotype": "M2", "cargo_type": "mirna"},
    {"source_phenotype": "CAF", "cargo_type": "mirnaa", "cargo_name": "miR-21", "species": "martian"},
    {"source_phenotype": "M2", "cargo_type": "whole_vesicle", "cargo_name": "PTEN", "id": "x" * 301},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "y" * 301, "id": "שלום"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "id": "a\x7fb"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR\x01-21", "engineering": ";".join("a" * 51)},
]
QUOTED: list[dict[str, Any]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": 'miR-21 "best", 5\'', "id": 'a, "b"'},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21\nmiR-22", "id": "two\r\nlines"},
    {"source_phenotype": "M2", "cargo_type": "protein", "cargo_name": '"', "id": "  spaces  ", "cancer_type": "שלום"},
]
WRONG_TYPES: list[Any] = [
    3,
    None,
    [],
    {"source_phenotype": 3, "cargo_type": "mirna", "cargo_name": "miR-21"},
    {"source_phenotype": ["M2"], "cargo_type": "mirna", "cargo_name": "miR-21", "id": 7},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "species": [None]},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "\ud800"},
    {"source_phenotype": " M2" * 150, "cargo_type": "mirna", "cargo_name": "miR-21" + " " * 400},
]


class Pool(list[dict[str, Any]]):
    """Rows to choose from, too many to be shown."""

    def __repr__(self) -> str:
        return f"{len(self)} rows"


@pytest.fixture(scope="module")
def pool(features: Features) -> Pool:
    """Rows to choose from, mostly good ones."""
    return Pool([*map(dict, Candidates(features, 5).draw(120)), *BAD])


@pytest.fixture(scope="module")
def serializer(scorer: Scorer) -> ScoreSerializer:
    return ScoreSerializer(scorer)


def expected(
    serializer: ScoreSerializer, rows: list[Any]
) -> tuple[list[dict[str, Any]], list[tuple[int, str, str, str]]]:
    """The scores of the good rows, by their number, and the faults of the bad ones."""
    if not rows:
        return [], []
    body = json.loads(serializer.respond(rows, partial=True, fields=select_fields([CONTRIBUTIONS])).body)
    scores, faults = [], []
    for number, document in enumerate(body["scores"], 1):
        if "label" in document:
            scores.append({"row": number, **as_row(document)})
        faults += [
            (number, error["pointer"][1:], error["code"], error["detail"]) for error in document.get("errors", ())
        ]
    return scores, faults


Score = Callable[..., tuple[list[dict[str, Any]], list[tuple[int, str, str, str]]]]


@pytest.fixture(scope="module")
def score(scorer: Scorer) -> Iterator[Score]:
    """Writes rows into a file, scores it, and gives what the API would be given, with the scores and faults that came."""
    with TemporaryDirectory() as folder:

        def do(rows: list[Any], source: str, target: str, errors: str = "jsonl", **settings: Any) -> Any:
            paths = [
                Path(folder) / f"{name}.{form}" for name, form in (("in", source), ("out", target), ("bad", errors))
            ]
            given_rows = write(paths[0], rows)
            forms = [format_of(path) for path in paths]
            options = Options(*forms, include=(CONTRIBUTIONS,), bad_rows=settings.pop("bad_rows", "drop"))  # type: ignore[arg-type]
            far = run(scorer, BatchSpec(options, *paths, **settings))
            assert far.rows == len(rows)
            told = read_faults(paths[2])
            assert far.bad == len({fault[0] for fault in told})
            found = read(paths[1])
            assert all(row.pop("model") in (scorer.bundle.id, None) for row in found)
            return given_rows, found, told

        yield do


def read_faults(path: Path) -> list[tuple[int, str, str, str]]:
    told = [json.loads(line) for line in path.read_text().splitlines()] if path.suffix == ".jsonl" else read(path)
    return [(int(one["row"]), one.get("field", ""), one["code"], one["detail"]) for one in told]


@given(
    chosen_rows=st.lists(st.integers(0, 128), max_size=40),
    source=st.sampled_from([str(one) for one in Format]),
    target=st.sampled_from([str(one) for one in Format]),
    block_bytes=st.integers(2000, 9000),
    block_rows=st.integers(1, 20),
)
def test_scores_and_faults_are_those_of_the_api(
    pool: Pool,
    serializer: ScoreSerializer,
    score: Score,
    chosen_rows: list[int],
    source: str,
    target: str,
    block_bytes: int,
    block_rows: int,
) -> None:
    rows = [pool[place] for place in chosen_rows]
    given_rows, found, told = score(rows, source, target, block_bytes=block_bytes, block_rows=block_rows)
    scores, faults = expected(serializer, given_rows)
    assert found == scores
    assert told == faults


@pytest.mark.parametrize("target", [str(one) for one in Format])
@pytest.mark.parametrize("source", [str(one) for one in Format])
def test_several_workers_write_the_same_bytes(
    pool: Pool, score: Score, tmp_path: Path, scorer: Scorer, source: str, target: str
) -> None:
    rows = [random.Random(3).choice(pool) for _ in range(400)]
    write(tmp_path / f"in.{source}", rows)
    written = []
    for workers in (1, 2, 5):
        paths = [tmp_path / f"in.{source}", tmp_path / f"out{workers}.{target}", tmp_path / f"bad{workers}.csv"]
        options = Options(*map(format_of, paths))  # type: ignore[arg-type]
        run(scorer, BatchSpec(options, *paths, workers=workers, block_bytes=6000, block_rows=50))
        written.append([path.read_bytes() for path in paths[1:]])
    assert written[0] == written[1] == written[2]


@pytest.mark.parametrize("source", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("target", ["csv", "jsonl", "parquet"])
def test_quotes_line_ends_and_other_scripts_go_through(
    serializer: ScoreSerializer, score: Score, source: str, target: str
) -> None:
    given_rows, found, told = score(QUOTED * 3, source, target)
    scores, faults = expected(serializer, given_rows)
    assert (found, told) == (scores, faults)


def test_json_of_other_types_has_the_read_errors_the_api(serializer: ScoreSerializer, score: Score) -> None:
    given_rows, found, told = score(WRONG_TYPES, "jsonl", "jsonl")  # type: ignore[arg-type]
    assert (found, told) == expected(serializer, given_rows)


@pytest.mark.parametrize("target", [str(one) for one in Format])
@pytest.mark.parametrize("source", [str(one) for one in Format])
def test_bad_rows_can_be_kept_without_scores(
    pool: Pool, serializer: ScoreSerializer, score: Score, source: str, target: str
) -> None:
    rows = [pool[0], *BAD[:5], pool[1]]
    given_rows, found, _ = score(rows, source, target, bad_rows=KEEP_EMPTY)
    scores, _ = expected(serializer, given_rows)
    assert [found[0], found[-1]] == scores
    assert [row["row"] for row in found] == list(range(1, 8))
    assert not any(row["label"] for row in found[1:-1])
