"""A set of cargos has the same digits, warnings and parts by every way in, whatever is in it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.cargo_sets import write_weight
from models.errors import CandidateError
from models.scorer import Scorer
from service.batch.formats import format_of
from service.batch.options import BatchSpec, Options
from service.batch.run import run
from service.cli import main
from service.scoring.documents import DEFAULT_FIELDS
from service.scoring.serializer import score_document
from tests.service.batch.files import as_row, joined

CARGOS = [
    *(("mirna", name) for name in ("miR-21", "let-7a", "anti-miR-221", "miR-9999", "hsa-miR-34a-5p")),
    *(("protein", name) for name in ("PTEN", "HGNC:6871", "CD274", "blorb")),
    *(("sirna", name) for name in ("STAT3", "KRAS")),
    *(("small_molecule", name) for name in ("doxorubicin", "CHEBI:45863")),
    ("lncrna", "MALAT1"),
]
weights = st.one_of(st.floats(min_value=1e-6, max_value=1e6), st.integers(min_value=1, max_value=100))


@st.composite
def candidates(draw: st.DrawFn) -> dict[str, Any]:
    """A candidate in JSON whose cargos are a set."""
    cargos = draw(st.lists(st.sampled_from(CARGOS), min_size=2, max_size=4, unique=True))
    listed: list[dict[str, Any]] = [{"type": kind, "name": name} for kind, name in cargos]
    if draw(st.booleans()):
        listed = [{**cargo, "weight": draw(weights)} for cargo in listed]
    states = draw(st.sampled_from([(), ("loaded",), ("enriched", "loaded"), ("depleted", "loaded")]))
    if states:
        listed = [{**cargo, "state": draw(st.sampled_from(states))} for cargo in listed]
    source = draw(st.sampled_from([{"source_phenotype": "M2"}, {"source_cell": "MSC"}, {"source_cell": "plant"}]))
    tumour = draw(st.sampled_from([{}, {"cancer_type": "gastric cancer"}, {"cancer_type": "A549"}]))
    return {**source, **tumour, "cargo": listed}


def as_text(candidate: dict[str, Any]) -> dict[str, str]:
    """The same candidate as tables and the command line have it."""
    cargos = candidate["cargo"]
    names = [
        f"{each['name']}:{write_weight(float(each['weight']))}" if "weight" in each else each["name"] for each in cargos
    ]
    flat = {
        "cargo_type": "+".join(each["type"] for each in cargos),
        "cargo_name": "+".join(names),
        "cargo_state": "+".join(each.get("state", "") for each in cargos).strip("+"),
    }
    others = {name: value for name, value in candidate.items() if name != "cargo"}
    return {name: text for name, text in {**others, **flat}.items() if text}


@given(st.lists(candidates(), min_size=1, max_size=20))
def test_lists_texts_columns_and_frames_have_the_same_digits(
    app: Flask, scorer: Scorer, drawn: list[dict[str, Any]]
) -> None:
    answer = (
        app.test_client().post("/v1/scores?partial=true&include=contributions", json={"candidates": drawn}).get_json()
    )
    texts = list(map(as_text, drawn))
    columns = list(dict.fromkeys(name for text in texts for name in text))
    frame = pl.DataFrame(
        {name: [text.get(name) for text in texts] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )
    framed = scorer.score_frame(frame.with_columns(cargo_type=pl.col("cargo_type")), contributions=True).to_dicts()
    for candidate, text, score, row in zip(drawn, texts, answer["scores"], framed, strict=True):
        if "status" in score:
            with pytest.raises(CandidateError) as refused:
                scorer.parser.parse(text)
            assert row["error"] == str(refused.value)
            continue
        reading = scorer.parser.parse(candidate)
        assert scorer.parser.parse(text) == reading
        document = score_document(scorer, reading, ("contributions", *DEFAULT_FIELDS))
        assert {**score, "versions": None} == {**document, "versions": None}
        expected = {name: value for name, value in as_row(document).items() if name in row}
        assert {name: row[name] or None for name in expected} == {
            name: value or None for name, value in expected.items()
        }
        if "cargo_set" in score:
            parts = sum(part["contribution"] for part in score["cargo_set"]["parts"])
            whole = score["contributions"]["fields"].get("cargo_name", 0.0)
            assert abs(parts - whole) < 1e-4 * (len(score["cargo_set"]["parts"]) + 1)


LISTED = [
    {"type": "mirna", "name": "miR-21", "weight": 0.9},
    {"type": "small_molecule", "name": "doxorubicin", "weight": 0.1},
]
LINES: list[dict[str, Any]] = [
    {"source_phenotype": "M2", "cargo": LISTED, "cancer_type": "HCC"},
    {"source_phenotype": "M2", "cargo_name": "miR-21:0.9+doxorubicin:0.1", "cancer_type": "HCC"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21", "cancer_type": "HCC"},
    {"source_phenotype": "M2", "cargo": [{**LISTED[0], "weight": 0}, LISTED[1]]},
    {"source_phenotype": "M2", "cargo": LISTED, "cargo_type": "mirna"},
]


@pytest.mark.parametrize("order", [1, -1])
def test_lines_of_json_may_have_the_list(scorer: Scorer, tmp_path: Path, order: int) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text("".join(json.dumps(line) + "\n" for line in LINES[:3][::order] + LINES[3:]))
    result = run(scorer, BatchSpec(Options(format_of(source), format_of(target)), source, target))
    document = score_document(scorer, scorer.parser.parse(LINES[0]))
    with target.open(newline="", encoding="utf-8-sig") as file:
        scored = list(csv.DictReader(file))[::order]
    assert len(scored) == 3
    for row in scored[:2]:
        assert float(row["probability_suppressing"]) == document["probability_suppressing"]
        assert row["warnings"] == joined(document["warnings"])
    assert result.bad == 2


def test_the_command_line_shows_what_each_cargo_adds(trained_var: Path) -> None:
    words = [
        "score",
        "--source-phenotype",
        "M2",
        "--cargo-name",
        "miR-21:0.9+doxorubicin:0.1",
        "--var",
        str(trained_var),
    ]
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0
    for said in ("What each cargo adds", "weight 0.9", "assumption"):
        assert said in shown.stdout
    assert "assumption" in shown.stderr


def test_an_error_in_the_list_points_at_its_place(client: FlaskClient) -> None:
    answer = client.post("/v1/scores", json={"candidates": LINES}).get_json()
    pointers = [(error["pointer"], error["code"]) for error in answer["errors"]]
    assert pointers == [("/candidates/3/cargo/0/weight", "invalid_weight"), ("/candidates/4/cargo", "conflict")]


def test_pages_and_the_report_show_what_each_cargo_adds(client: FlaskClient) -> None:
    query = {"source_phenotype": "M2", "cargo_name": "miR-21:0.9+doxorubicin:0.1"}
    for address in ("/", "/v1/reports"):
        page = client.get(address, query_string=query, headers={"Accept": "text/html"}).get_data(as_text=True)
        for said in ("What each cargo adds", "rests on an assumption", "doxorubicin 10"):
            assert said in page
    report = client.get("/v1/reports", query_string={**query, "format": "json"}).get_json()
    assert [part["weight"] for part in report["score"]["cargo_set"]["parts"]] == [0.9, 0.1]
    again = report["replay"]["request"]
    scores = client.post(again["path"], json=again["body"]).get_json()["scores"]
    assert scores[0]["cargo_set"] == report["score"]["cargo_set"]


@pytest.mark.parametrize("typed", ["", "mirna+small_molecule"])
def test_the_form_reads_a_set_and_keeps_its_types(client: FlaskClient, typed: str) -> None:
    query = {"source_phenotype": "M2", "cargo_type": typed, "cargo_name": "miR-21:0.9+doxorubicin:0.1"}
    form = client.get("/", query_string={**query, "edit": 1}, follow_redirects=True).get_data(as_text=True)
    assert "is not a known" not in form
    assert ('<option value="mirna+small_molecule" selected>' in form) == bool(typed)
    part = client.get("/understood/cargo_name", query_string=query).get_data(as_text=True)
    assert "miR-21" in part
    assert "doxorubicin" in part
    refused = client.get("/understood/cargo_name", query_string={**query, "cargo_name": "miR-21:0+doxorubicin:1"})
    assert "The weight of miR-21 is 0" in refused.get_data(as_text=True)
