"""The same candidates have the same normalisation, warnings and digits, whichever way they come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from models.scorer import Scorer
from service.batch.formats import Format, format_of
from service.batch.options import BatchSpec, Options
from service.batch.run import run
from service.cli import main
from service.jobs import designs
from service.jobs.process import run_job
from service.scoring import query_string
from service.scoring.design_documents import encode_designs
from service.scoring.serializer import score_document
from service.web.current import installation_of
from tests.service.batch.files import as_row, joined, read, write

# Warnings, cell lines, sources in one piece, brand names, identifiers, and terms spelled in full.
CANDIDATES: list[dict[str, str]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-155a", "cancer_type": "gastrc cancer"},
    {"source_cell": "M2 macrophages", "cargo_type": "miRNA", "cargo_name": "hsa-mir-9-2", "cancer_type": "A549"},
    {"source_cell": "BM-MSC", "cargo_type": "drug", "cargo_name": "Taxol", "cancer_type": "SGC-7901"},
    {"source_phenotype": "THP-1 derived M2", "cargo_type": "siRNA", "cargo_name": "siPD-L1", "cancer_type": "4T1"},
    {"source_cell": "AML blasts", "cargo_type": "miRNA", "cargo_name": "anti-miR-21", "polarisation": "moonlight"},
    {"source_phenotype": "M1", "cargo_type": "protein", "cargo_name": "ENSG00000171862", "species": "Homo sapiens"},
    {"source_phenotype": "TAM", "cargo_type": "drug", "cargo_name": "PTX & DOX", "cargo_state": "loaded"},
    {"source_phenotype": "M2", "cargo_name": "miR-21:0.9+doxorubicin:0.1", "cancer_type": "gastric cancer"},
    {"source_phenotype": "M1", "cargo_type": "miRNA", "cargo_name": "let-7a:20%+miR-21:80%", "cargo_state": "depleted"},
    {
        "source_cell": "MSC",
        "cargo_type": "mirna+siRNA",
        "cargo_name": "miR-155:2+STAT3:1",
        "cargo_state": "native+loaded",
        "cancer_type": "glioma",
    },
]
FIELDS = tuple(dict.fromkeys(name for candidate in CANDIDATES for name in candidate))


@pytest.fixture(scope="module")
def told(scorer: Scorer) -> list[dict[str, Any]]:
    """What Python says of each candidate, as a document."""
    documents = [score_document(scorer, scorer.parser.parse(candidate)) for candidate in CANDIDATES]
    assert sum(bool(document["warnings"]) for document in documents) >= 3
    return [{name: document for name, document in each.items() if name != "versions"} for each in documents]


def test_the_api_says_what_python_says(client: FlaskClient, told: list[dict[str, Any]]) -> None:
    answer = client.post("/v1/scores", json={"candidates": CANDIDATES}).get_json()
    for score, of_python in zip(answer["scores"], told, strict=True):
        assert {name: score[name] for name in of_python} == of_python


def test_the_command_line_says_what_python_says(trained_var: Path, told: list[dict[str, Any]]) -> None:
    for candidate, of_python in zip(CANDIDATES, told, strict=True):
        options = [word for name, text in candidate.items() for word in (f"--{name.replace('_', '-')}", text)]
        result = CliRunner().invoke(main, ["score", *options, "--json", "--var", str(trained_var)])
        (score,) = json.loads(result.stdout)["scores"]
        assert {name: score[name] for name in of_python} == of_python
        assert all(warning["given"] in result.stderr for warning in of_python["warnings"])


def test_the_command_line_decides_and_ranks_as_the_api_does(
    client: FlaskClient, trained_var: Path, tmp_path: Path
) -> None:
    source = tmp_path / "candidates.csv"
    write(source, [*CANDIDATES, {"source_phenotype": "M7"}], FIELDS)
    costs = {"cost_wrong_suppressing": "5", "cost_wrong_promoting": "1", "cost_undetermined": "0.5"}
    options = [word for name, cost in costs.items() for word in (f"--{name.replace('_', '-')}", cost)]
    result = CliRunner().invoke(main, ["score", str(source), "--rank", *options, "--json", "--var", str(trained_var)])
    assert result.exit_code == 3
    answer = client.post(
        "/v1/scores",
        query_string={**costs, "rank": "true", "partial": "true"},
        json={"candidates": [*CANDIDATES, {"source_phenotype": "M7"}]},
    ).get_json()
    for score, of_api in zip(json.loads(result.stdout)["scores"][:-1], answer["scores"][:-1], strict=True):
        for name in ("decision", "rank", "rank_to", "label", "probability_suppressing"):
            assert score.get(name) == of_api.get(name)
    assert any("rank" in score for score in answer["scores"])
    assert {score["decision"]["choice"] for score in answer["scores"][:-1]} >= {"suppressing", "undetermined"}


@pytest.mark.parametrize("form", [str(form) for form in Format])
def test_files_say_what_python_says(scorer: Scorer, tmp_path: Path, told: list[dict[str, Any]], form: str) -> None:
    source, target = tmp_path / f"in.{form}", tmp_path / f"out.{form}"
    write(source, CANDIDATES, FIELDS)
    run(scorer, BatchSpec(Options(format_of(source), format_of(target), include=("contributions",)), source, target))  # type: ignore[arg-type]
    documents = [
        score_document(scorer, scorer.parser.parse(candidate), ("contributions", *of_python))
        for candidate, of_python in zip(CANDIDATES, told, strict=True)
    ]
    for row, document in zip(read(target), documents, strict=True):
        expected = {name: value for name, value in as_row(document).items() if name in row and name != "known"}
        assert {name: row[name] for name in expected} == expected
        assert row["warnings"] == joined(document["warnings"])


def test_a_design_is_the_same_over_the_api_on_the_command_line_and_of_a_job(
    app: Flask, client: FlaskClient, scorer: Scorer, trained_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = {"source_phenotype": "M1", "cargo_type": "miRNA", "cancer_type": "gastrc cancer"}
    vary = {"cargo_name": ["miR-21", "hsa-miR-34a", "blorb", "let7a"], "cargo_state": ["native", "loaded"]}
    constraints = {"max_per_family": 2, "inside_domain": False}
    of_python = json.loads(encode_designs(scorer, scorer.design(vary, fixed, constraints=constraints)))
    assert of_python["warnings"]
    options = [word for name, text in fixed.items() for word in ("--fix", f"{name}={text}")]
    options += [word for name, values in vary.items() for word in ("--vary", f"{name}={','.join(values)}")]
    options += ["--max-per-family", "2", "--outside-domain", "--json", "--var", str(trained_var)]
    assert json.loads(CliRunner().invoke(main, ["design", *options]).stdout) == of_python
    wanted = {"fixed": fixed, "vary": vary, "constraints": constraints}
    assert client.post("/v1/designs", json=wanted).get_json() == of_python
    monkeypatch.setattr(designs, "MAX_AT_ONCE", 1)
    job_id = client.post("/v1/designs", json=wanted).get_json()["id"]
    installation = installation_of(app)
    lease = installation.jobs.lease(job_id)
    assert lease
    run_job(installation, lease)
    assert client.get(f"/v1/designs/{job_id}").get_json() == of_python


def test_pages_say_what_python_says(client: FlaskClient, told: list[dict[str, Any]]) -> None:
    for candidate, of_python in zip(CANDIDATES, told, strict=True):
        answer = client.get(f"/v1/reports?{query_string.write(candidate)}", headers={"Accept": "application/json"})
        score = answer.get_json()["score"]
        assert {name: score[name] for name in of_python} == of_python
        page = client.get(f"/?{query_string.write(candidate)}").get_data(as_text=True)
        assert of_python["label"] in page or "Undetermined" in page
        assert all(warning["done"] in page for warning in of_python["warnings"])
