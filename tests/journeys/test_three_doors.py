"""A newcomer starts the server on an empty folder, and asks the same thing at every door."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from typing import Any

import pytest

from models.rounding import round_probability
from service import open_scorer
from tests.journeys.conftest import COMMAND, Served

CANDIDATES: list[dict[str, str]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    {"source_phenotype": "classically activated", "cargo_type": "microRNA", "cargo_name": "MIR155"},
    {"source_cell": "MSC", "source_phenotype": "bone marrow", "cargo_type": "lncRNA", "cargo_name": "PTENP1"},
    {"source_phenotype": "TAM", "cargo_type": "siRNA", "cargo_name": "siKRAS", "cargo_state": "loaded"},
    {"source_cell": "milk", "source_phenotype": "unspecified", "cargo_type": "drug", "cargo_name": "PTX+DOX"},
]


def post(served: Served, body: object, query: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(
        f"{served.address}/v1/scores{query}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def probabilities(document: bytes) -> list[float]:
    """The probabilities of an answer, as they are written."""
    return [score["probability_suppressing"] for score in json.loads(document)["scores"]]


def test_http_command_line_and_python_give_the_same_probability(served: Served) -> None:
    status, answer = post(served, {"candidates": CANDIDATES})
    assert status == 200
    over_http = probabilities(answer)
    on_the_command_line = []
    for candidate in CANDIDATES:
        options = [word for field, text in candidate.items() for word in (f"--{field.replace('_', '-')}", text)]
        done = subprocess.run(
            [COMMAND, "score", *options, "--json"], check=True, capture_output=True, env=served.environment
        )
        on_the_command_line += probabilities(done.stdout)
    scorer = open_scorer(served.var)
    in_python = [round_probability(scorer.score(candidate).probability_suppressing) for candidate in CANDIDATES]
    assert over_http == on_the_command_line == in_python
    assert len(set(over_http)) == len(CANDIDATES)


def test_the_same_request_gets_the_same_bytes_from_every_worker(served: Served) -> None:
    answers = {post(served, {"candidates": CANDIDATES}, "?include=contributions")[1] for _ in range(20)}
    assert len(answers) == 1


def test_bad_requests_are_told_over_a_real_connection(served: Served) -> None:
    status, problem = post(served, {"candidates": [{"source_phenotype": "M2"}, {}]})
    assert (status, len(json.loads(problem)["errors"])) == (422, 3)
    status, problem = post(served, {"candidates": [{"cargo_name": "x" * (17 * 1024 * 1024)}]})
    assert (status, "16 MiB" in json.loads(problem)["detail"]) == (413, True)


def test_the_server_keeps_its_signing_key_to_itself(served: Served) -> None:
    assert (served.var / "signing.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("address", ["/docs", "/openapi.json", "/v1/vocabulary"])
def test_the_pages_of_the_api_are_served(served: Served, address: str) -> None:
    with urllib.request.urlopen(served.address + address, timeout=30) as answer:
        body: Any = answer.read()
        assert (answer.status, bool(body)) == (200, True)


def test_a_later_command_uses_the_same_model_without_training_again(served: Served) -> None:
    model = json.loads(post(served, {"candidates": CANDIDATES})[1])["model"]["id"]
    words = ["--source-phenotype", "M1", "--cargo-type", "whole_vesicle", "--json"]
    done = subprocess.run([COMMAND, "score", *words], check=True, capture_output=True, env=served.environment)
    assert json.loads(done.stdout)["model"]["id"] == model
    assert done.stderr == b""
