"""What is carried over from the input as it is, and what is added on request."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from models.rounding import round_number
from models.scorer import Scorer
from service.batch.errors import BatchError
from service.batch.formats import format_of
from service.batch.options import CONTRIBUTIONS, EVIDENCE, BatchSpec, Options
from service.batch.run import run
from service.scoring.serializer import score_document
from tests.service.batch.files import read, write

FIELDS = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21"}
OTHERS = {
    "dose": pa.array([1.5, None, 1e-300]),
    "count": pa.array([1, None, 3]),
    "ready": pa.array([True, None, False]),
    "day": pa.array([date(2026, 1, 2), None, date(2026, 3, 4)]),
    "price": pa.array([Decimal("1.10"), None, Decimal("2.00")]),
    "evidence": pa.array(["none", None, "some"]),
    "note": pa.array(['says "so", and\nmore', None, "שלום"]),
    "tags": pa.array([["a", "b"], None, []]),
    "more": pa.array([{"x": 1}, None, {"x": None}]),
    "bytes": pa.array([b"\x00\xff", None, b""]),
}


def score(scorer: Scorer, source: Path, target: str, **options: object) -> Path:
    out = source.with_name(f"out.{target}")
    forms = format_of(source), format_of(out)
    run(scorer, BatchSpec(Options(*forms, **options), source, out))  # type: ignore[arg-type]
    return out


@pytest.fixture
def table(tmp_path: Path) -> Path:
    columns = {name: pa.array([value] * 3) for name, value in FIELDS.items()}
    parquet.write_table(
        pa.table({**OTHERS, **columns, "species": pa.array([["human", "mouse"]] * 3)}), tmp_path / "in.parquet"
    )
    return tmp_path / "in.parquet"


def test_parquet_has_the_versions_that_made_its_rows(scorer: Scorer, table: Path) -> None:
    metadata = parquet.read_metadata(score(scorer, table, "parquet")).metadata
    versions = {name.decode(): text.decode() for name, text in metadata.items() if name.startswith(b"exoscore.")}
    assert versions == {f"exoscore.{name}": text for name, text in asdict(scorer.versions).items()}
    assert versions["exoscore.model"] == scorer.bundle.id


def test_columns_of_every_type_are_carried_over(scorer: Scorer, table: Path) -> None:
    given = parquet.read_table(table)
    kept = parquet.read_table(score(scorer, table, "parquet", keep_columns=True))
    assert kept.column_names[: given.num_columns] == given.column_names
    assert kept.select(given.column_names).to_pylist() == given.to_pylist()
    assert kept.select(given.column_names).schema.types == given.schema.types


def test_columns_of_every_type_become_texts_and_json(scorer: Scorer, table: Path) -> None:
    with score(scorer, table, "csv", keep_columns=True).open(newline="") as file:
        first, second, third = csv.DictReader(file)
    assert [float(first["dose"]), float(third["dose"])] == [1.5, 1e-300]
    assert {name: first[name] for name in ("count", "ready", "day", "price", "note", "species")} == {
        "count": "1",
        "ready": "true",
        "day": "2026-01-02",
        "price": "1.10",
        "note": 'says "so", and\nmore',
        "species": "human;mouse",
    }
    assert json.loads(first["more"]) == {"x": 1}
    assert {second[name] for name in OTHERS} == {""}
    lines = score(scorer, table, "jsonl", keep_columns=True).read_text("utf-8").splitlines()
    row = json.loads(lines[0])
    assert (row["dose"], row["count"], row["ready"], row["tags"], row["more"]) == (1.5, 1, True, ["a", "b"], {"x": 1})
    assert (row["note"], row["species"]) == ('says "so", and\nmore', ["human", "mouse"])
    assert {json.loads(lines[1])[name] for name in OTHERS} == {None}


def test_members_of_json_are_carried_over(scorer: Scorer, tmp_path: Path) -> None:
    rows = [
        {**FIELDS, "note": 'a "b"', "deep": {"x": [1.0, None]}, "number": 1e-7},
        {**FIELDS, "number": None, "species": ["human"]},
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read(score(scorer, source, "jsonl", keep_columns=True))
    assert [{name: row[name] for name in given} for row, given in zip(found, rows, strict=True)] == rows
    kept = parquet.read_table(score(scorer, source, "parquet", keep_columns=True)).to_pylist()
    assert (kept[0]["note"], json.loads(kept[0]["deep"]), float(kept[0]["number"])) == (
        'a "b"',
        {"x": [1.0, None]},
        1e-7,
    )
    assert json.loads(kept[1]["species"]) == ["human"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_column_that_the_scores_have_too_gets_another_name(scorer: Scorer, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in.{suffix}"
    given = {**FIELDS, "label": "mine", "input_label": "ours", "warnings": "none"}
    write(source, [given], tuple(given))
    for target in ("csv", "jsonl", "parquet"):
        (row,) = read(score(scorer, source, target))
        assert row["input_label"] == "ours"
        assert row["input_label_2"] == "mine"
        assert row["input_warnings"] == "none"
        assert row["label"] == "promoting"


def test_what_tabs_cannot_separate_is_refused(scorer: Scorer, table: Path) -> None:
    with pytest.raises(BatchError, match="A cell of note contains a tab or a line break"):
        score(scorer, table, "tsv", keep_columns=True)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_contributions_and_evidence_are_those_of_the_api(scorer: Scorer, tmp_path: Path, form: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text(",".join(FIELDS) + "\n" + (",".join(FIELDS.values()) + "\n") * 2)
    row = read(score(scorer, source, form, include=(CONTRIBUTIONS, EVIDENCE)))[1]
    told = score_document(scorer, scorer.parser.parse(FIELDS), ("contributions", "evidence"))
    fields = told["contributions"]["fields"]
    assert row["log_odds"] == round_number(told["contributions"]["log_odds"])
    assert {name: row[f"contribution_{name}"] for name in fields} == {
        name: round_number(value) for name, value in fields.items()
    }
    if form == "jsonl":
        assert row["evidence"] == told["evidence"]
    else:
        nearest = dict(one.split("=") for one in row["evidence"].split(";"))
        assert {name: float(likeness) for name, likeness in nearest.items()} == {
            one["finding_id"]: round_number(one["likeness"]) for one in told["evidence"]
        }
