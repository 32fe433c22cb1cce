"""A plain request is answered around Flask, any other by it; from the answer, its headers and what is counted nobody can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.scorer import Scorer
from service import Settings, create_app
from service.services import services_of
from tests.service.test_score_request import BODIES, GOOD, WRITTEN

# The same type as far as Flask is concerned, but not a plain one.
BY_FLASK = "application/json; charset=utf-8"


def answered(
    client: FlaskClient, body: bytes, content_type: str = "application/json"
) -> tuple[int, Any, dict[str, str]]:
    answer = client.post("/v1/scores", data=body, content_type=content_type)
    document = answer.get_json()
    document.pop("request_id", None)
    told = {name: text for name, text in answer.headers if name not in ("X-Request-ID", "RateLimit", "Content-Length")}
    return answer.status_code, document, told


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_either_way_a_body_gets_the_same_answer(client: FlaskClient, body: str) -> None:
    written = body.replace("%s", WRITTEN).encode("utf-8", "surrogatepass")
    assert answered(client, written) == answered(client, written, BY_FLASK)


def test_candidates_of_every_kind_get_the_same_answer(client: FlaskClient, scorer: Scorer) -> None:
    for candidate in Candidates(scorer.features, 31).draw(60):
        body = json.dumps({"candidates": [candidate, GOOD]}).encode()
        assert answered(client, body) == answered(client, body, BY_FLASK)


@given(cut=st.integers(0, 120), noise=st.binary(max_size=3))
def test_a_damaged_body_is_told_alike(app: Flask, cut: int, noise: bytes) -> None:
    client = app.test_client()
    whole = json.dumps({"candidates": [GOOD]}).encode()
    damaged = whole[:cut] + noise + whole[cut:]
    assert answered(client, damaged) == answered(client, damaged, BY_FLASK)


def test_what_is_larger_than_its_length_says_or_smaller_is_no_matter_of_the_way(client: FlaskClient) -> None:
    for length in ("0", "5", "", "-1", "x", "999999999999"):
        environ = {"CONTENT_LENGTH": length}
        found = [
            client.post(
                "/v1/scores", data=b'{"candidates":[]}', content_type=kind, environ_overrides=environ
            ).status_code
            for kind in ("application/json", BY_FLASK)
        ]
        assert found[0] == found[1], length


def test_both_ways_share_one_limit_and_one_count(own_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.limits.time", lambda: 1_000_000_000.0)
    service = create_app(Settings(var=own_var, rate_limit=4))
    client, body = service.test_client(), json.dumps({"candidates": [GOOD]}).encode()
    statuses = [
        client.post("/v1/scores", data=body, content_type=kind).status_code
        for kind in ("application/json", BY_FLASK) * 3
    ]
    assert statuses == [200] * 4 + [429] * 2
    refused = client.post("/v1/scores", data=body, content_type="application/json")
    assert refused.headers["Retry-After"]
    assert len(refused.headers.getlist("RateLimit")) == 1
    metrics = services_of(service).metrics
    assert metrics._scores.labels("promoting")._value.get() == 4


def test_where_keys_are_required_there_is_no_way_around(own_var: Path) -> None:
    service = create_app(Settings(var=own_var, require_key=True))
    assert service.test_client().post("/v1/scores", json={"candidates": [GOOD]}).status_code == 401


def test_a_bad_key_is_told_although_none_is_needed(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer exo_nobody"}
    assert client.post("/v1/scores", json={"candidates": [GOOD]}, headers=headers).status_code == 401


def test_without_a_model_it_is_said_so(tmp_path: Path) -> None:
    service = create_app(Settings(var=tmp_path))
    answer = service.test_client().post("/v1/scores", json={"candidates": [GOOD]})
    assert (answer.status_code, answer.get_json()["type"]) == (503, "urn:exoscore:problem:no-model")
