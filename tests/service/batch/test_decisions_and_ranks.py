"""A file has the decisions and ranks that the API gives the same candidates, in every format and in blocks of any size."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.errors import CandidateError
from models.estimator.features import Features
from models.scorer import Scorer
from models.scoring.decisions import Costs
from service.batch.errors import BatchError
from service.batch.formats import Format, format_of
from service.batch.options import KEEP_EMPTY, BatchSpec, Options
from service.batch.run import run
from service.batch.writers.atomic_file import PartialFile
from service.scoring.serializer import ScoreSerializer, decode
from tests.service.batch.files import read, write

COSTS = Costs(5, 1, 0.5)
COST = st.sampled_from([0.0, 0.3, 1.0, 7.0])
COLUMNS = ("decision", "decision_because", "decision_cost", "decision_sure", "rank", "rank_to")


def candidates(features: Features, count: int = 120) -> list[dict[str, Any]]:
    """Candidates of which some have errors and some are outside the domain."""
    rows = [dict(row) for row in Candidates(features, 5).draw(count)]
    for place in range(0, count, 17):
        rows[place] = {"source_phenotype": "M2", "id": f"bad {place}"}
    for place in range(3, count, 11):
        rows[place] = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": f"blorb{place}"}
    return rows


def of_api(scorer: Scorer, rows: list[dict[str, Any]], costs: Costs = COSTS) -> list[dict[str, Any]]:
    """What the API says of each, as the columns of a file."""
    body = ScoreSerializer(scorer).respond(rows, partial=True, costs=costs, rank=True).body
    return [_cells(score) for score in decode(body)["scores"]]


def _cells(score: dict[str, Any]) -> dict[str, Any]:
    decision = score.get("decision", {})
    return {
        "decision": decision.get("choice"),
        "decision_because": decision.get("because"),
        "decision_cost": decision.get("cost"),
        "decision_sure": decision.get("sure"),
        "rank": score.get("rank"),
        "rank_to": score.get("rank_to"),
    }


def _of_file(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS}


@pytest.fixture
def source(tmp_path: Path, features: Features) -> Path:
    path = tmp_path / "in.jsonl"
    write(path, candidates(features))
    return path


@pytest.mark.parametrize("form", [str(form) for form in Format])
@pytest.mark.parametrize("block_bytes", [2000, 10**7], ids=["many blocks", "one block"])
def test_a_file_says_what_the_api_says(
    scorer: Scorer, features: Features, source: Path, tmp_path: Path, form: str, block_bytes: int
) -> None:
    target = tmp_path / f"out.{form}"
    options = Options(Format.JSONL, format_of(target), bad_rows=KEEP_EMPTY, costs=COSTS, rank=True)  # type: ignore[arg-type]
    run(scorer, BatchSpec(options, source, target, workers=2, block_bytes=block_bytes))
    expected = of_api(scorer, candidates(features))
    rows = read(target)
    assert [_of_file(row) for row in rows] == expected
    assert [row["row"] for row in rows] == list(range(1, len(expected) + 1))
    assert {cells["decision"] for cells in expected} == {"suppressing", "promoting", "undetermined", None}
    assert len({cells["rank"] for cells in expected}) > 3
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", target.name}


def test_ranks_change_no_other_byte(scorer: Scorer, source: Path, tmp_path: Path) -> None:
    for form in ("csv", "tsv"):
        options = Options(Format.JSONL, Format(form))
        plain, ranked = tmp_path / f"plain.{form}", tmp_path / f"ranked.{form}"
        run(scorer, BatchSpec(options, source, plain))
        run(scorer, BatchSpec(replace(options, rank=True), source, ranked, block_bytes=3000))
        lines = [line.rsplit("," if form == "csv" else "\t", 2)[0] for line in ranked.read_text().splitlines()]
        assert lines == plain.read_text().splitlines()


def test_a_pipe_is_ranked_too(scorer: Scorer, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    options = Options(Format.JSONL, Format.CSV, costs=COSTS, rank=True)
    run(scorer, BatchSpec(options, source, target))
    for form in (Format.CSV, Format.PARQUET):
        stdout = io.BytesIO()
        piped = replace(options, target=form)
        run(
            scorer, BatchSpec(piped, None, None, stdin=io.BytesIO(source.read_bytes()), stdout=stdout, block_bytes=3000)
        )
        copy = tmp_path / f"copy.{form}"
        copy.write_bytes(stdout.getvalue())
        assert [_of_file(row) for row in read(copy)] == [_of_file(row) for row in read(target)]


def test_a_column_of_the_input_that_is_called_rank_is_kept_beside_the_ranks(scorer: Scorer, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("source_phenotype,cargo_type,cargo_name,rank,decision\nM2,mirna,miR-21,gold,buy\n")
    run(scorer, BatchSpec(Options(Format.CSV, Format.CSV, costs=COSTS, rank=True), source, target))
    (row,) = read(target)
    assert (row["input_rank"], row["rank"], row["input_decision"], row["decision"]) == ("gold", 1, "buy", "promoting")


def test_a_disk_that_is_full_while_the_ranks_are_written_costs_no_score(
    scorer: Scorer, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    spec = BatchSpec(Options(Format.JSONL, Format.CSV, rank=True), source, target, block_bytes=3000)
    run(scorer, spec)
    undisturbed = target.read_bytes()
    target.write_text("of before")
    write_into = PartialFile.write

    def write_or_fail(file: PartialFile, content: bytes) -> None:
        if file.partial_path.name.endswith(".unfinished"):
            raise OSError(28, "No space left on device")
        write_into(file, content)

    with monkeypatch.context() as full:
        full.setattr(PartialFile, "write", write_or_fail)
        with pytest.raises(OSError, match="No space"):
            run(scorer, spec)
    assert target.read_text() == "of before"
    progress = run(scorer, replace(spec, resume=True))
    assert progress.resumed == progress.rows
    assert target.read_bytes() == undisturbed
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "out.csv"}


def test_files_of_a_folder_are_not_ranked_together(scorer: Scorer, source: Path, tmp_path: Path) -> None:
    from service.batch import dataset

    options = Options(Format.JSONL, Format.JSONL, rank=True)
    with pytest.raises(BatchError, match="of one file"):
        list(dataset.parts(scorer, BatchSpec(options, tmp_path, tmp_path / "scores")))


def test_a_frame_and_python_say_what_the_api_says(scorer: Scorer, features: Features) -> None:
    rows = candidates(features, 60)
    expected = of_api(scorer, rows)
    frame = scorer.score_frame(pd.DataFrame(rows), costs=COSTS, rank=True)
    assert frame["rank"].dtype.kind == "i"
    table = pa.Table.from_pandas(frame)
    assert table.column_names[-1] == "error"
    assert [{name: row[name] for name in COLUMNS} for row in table.to_pylist()] == expected

    scores, understood = [], []
    for row, cells in zip(rows, expected, strict=True):
        try:
            scores.append(scorer.score(row))
        except CandidateError:
            continue
        understood.append(cells)
    for score, rank, cells in zip(scores, scorer.rank(scores), understood, strict=True):
        decision = scorer.decide(score, COSTS)
        assert (rank and (rank.rank, rank.rank_to)) == (rank and (cells["rank"], cells["rank_to"]))
        assert (rank is None) == (cells["rank"] is None)
        said = (decision.choice, decision.because, decision.cost, decision.is_sure)
        assert said == tuple(cells[name] for name in COLUMNS[:4])


@given(st.builds(Costs, COST.filter(bool), COST.filter(bool), st.none() | COST))
def test_whole_columns_are_decided_as_each_candidate_is(scorer: Scorer, costs: Costs) -> None:
    raw = [
        {"source_phenotype": phenotype, "cargo_type": "mirna", "cargo_name": name}
        for phenotype in ("M0", "M1", "M2", "TAM", "unspecified")
        for name in ("miR-21", "let-7b", "miR-155", "blorb")
    ]
    frame = scorer.score_frame(pa.Table.from_pylist(raw), costs=costs)
    documents = decode(ScoreSerializer(scorer).respond(raw, costs=costs).body)["scores"]
    for row, document in zip(frame.to_pylist(), documents, strict=True):
        assert {name: row[name] for name in COLUMNS[:4]} == {name: _cells(document)[name] for name in COLUMNS[:4]}
