"""`GET /v1/scores/{score_id}` gives the bytes of the score again, though nothing was stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.scorer import Scorer
from models.scoring.score_ids import make_score_id
from service.cli import main
from service.scoring.documents import OPTIONAL_FIELDS

CANDIDATES: list[dict[str, Any]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    {"source_phenotype": " m2 ", "cargo_type": "miRNA", "cargo_name": "miR-155a", "cancer_type": "gastrc cancer"},
    {
        "cargo_name": "PTX & DOX",
        "cargo_state": "loaded",
        "cargo_type": "drug",
        "source_phenotype": "TAM",
        "id": " a/1 ",
    },
    {"source_cell": "BM-MSC", "cargo_type": "whole_vesicle", "cargo_name": None, "species": ["Homo sapiens", "mouse"]},
    {"source_cell": "MSC", "cargo_type": "protein", "cargo_name": "p53 + PTEN", "polarisation": "IL-4;; LPS, IFN-γ"},
    {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "anti-miR-21", "engineering": [], "id": ""},
]


def raw_scores(body: bytes) -> list[bytes]:
    """The bytes of each score of an answer."""
    return [
        json.dumps(score, separators=(",", ":"), ensure_ascii=False).encode() for score in json.loads(body)["scores"]
    ]


@pytest.mark.parametrize("query", ["", f"?include={','.join(OPTIONAL_FIELDS)}", "?fields=label,score_id"])
def test_each_score_comes_again_byte_for_byte(client: FlaskClient, query: str) -> None:
    answer = client.post(f"/v1/scores{query}", json={"candidates": CANDIDATES}).get_data()
    for raw in raw_scores(answer):
        assert raw in answer
        again = client.get(f"/v1/scores/{json.loads(raw)['score_id']}{query}")
        assert (again.status_code, again.mimetype) == (200, "application/json")
        assert again.get_data() == raw


def test_the_command_line_gives_the_same_document_again(client: FlaskClient, trained_var: Path) -> None:
    for candidate in CANDIDATES:
        answer = client.post("/v1/scores", json={"candidates": [candidate]}).get_json()
        words = ["score", "--replay", answer["scores"][0]["score_id"], "--json", "--var", str(trained_var)]
        assert json.loads(CliRunner().invoke(main, words).stdout) == answer


def test_a_replay_takes_no_candidate_and_no_model_beside_its_id(trained_var: Path, scorer: Scorer) -> None:
    score_id = scorer.score(CANDIDATES[0]).score_id
    for more in (["--cargo-type", "mirna"], ["--model", scorer.bundle.id]):
        result = CliRunner().invoke(main, ["score", "--replay", score_id, *more, "--var", str(trained_var)])
        assert result.exit_code == 2
        assert "the id has them" in result.stderr


def test_the_report_and_its_page_lead_to_the_score(client: FlaskClient) -> None:
    query = CANDIDATES[0]
    report = client.get("/v1/reports", query_string=query, headers={"Accept": "application/json"}).get_json()
    address = report["replay"]["score"]
    assert address == f"/v1/scores/{report['score']['score_id']}"
    assert client.get(f"{address}?include={','.join(OPTIONAL_FIELDS)}").get_json() == report["score"]
    assert f'href="{address}"' in client.get("/", query_string=query).text


def test_a_model_that_is_not_stored_here_is_named(client: FlaskClient) -> None:
    refused = client.get(f"/v1/scores/{make_score_id('exo-000000000000', 'promoting', 0.1, CANDIDATES[0])}")
    assert refused.status_code == 404
    assert "exo-000000000000" in refused.get_json()["detail"]


def test_a_prediction_that_is_another_one_now_is_said(client: FlaskClient, scorer: Scorer) -> None:
    refused = client.get(f"/v1/scores/{make_score_id(scorer.bundle.id, 'undetermined', 0.5, CANDIDATES[0])}")
    assert refused.status_code == 409
    assert "undetermined (0.5000)" in refused.get_json()["detail"]


def test_a_candidate_that_nobody_could_have_scored_is_an_error_of_the_candidate(
    client: FlaskClient, scorer: Scorer
) -> None:
    refused = client.get(f"/v1/scores/{make_score_id(scorer.bundle.id, 'promoting', 0.1, {'cargo_type': 'soup'})}")
    assert refused.status_code == 422
    assert any("'soup' is not a known cargo_type" in str(error) for error in refused.get_json()["errors"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="/?#.%\0", exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_no_other_word_is_an_id(client: FlaskClient, word: str) -> None:
    refused = client.get(f"/v1/scores/{word}")
    assert refused.status_code in {404, 400}
    assert refused.mimetype == "application/problem+json"


def test_a_huge_word_is_refused_in_few_words(client: FlaskClient) -> None:
    refused = client.get(f"/v1/scores/{'A' * 40_000}")
    assert refused.status_code == 404
    assert len(refused.get_data()) < 1000
