"""Bodies sent to /v1/scores that are damaged, or not as long as they say, and requests that come without what they need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service import Settings, create_app

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
# The same type, spelled as some clients spell it.
WITH_CHARSET = "application/json; charset=utf-8"


@given(cut=st.integers(0, 120), noise=st.binary(max_size=3))
def test_a_damaged_body_is_the_fault_of_who_sent_it(app: Flask, cut: int, noise: bytes) -> None:
    client = app.test_client()
    whole = json.dumps({"candidates": [GOOD]}).encode()
    damaged = whole[:cut] + noise + whole[cut:]
    answers = [
        client.post("/v1/scores", data=damaged, content_type=content_type)
        for content_type in ("application/json", WITH_CHARSET)
    ]
    assert answers[0].status_code in (200, 400, 422)
    assert answers[0].status_code == answers[1].status_code


@pytest.mark.parametrize("length", ["0", "5", "", "-1", "x", "999999999999"])
def test_a_body_that_is_not_as_long_as_it_says_is_refused(client: FlaskClient, length: str) -> None:
    answer = client.post(
        "/v1/scores",
        data=b'{"candidates":[]}',
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": length},
    )
    assert answer.status_code in (400, 413, 422)
    assert answer.mimetype == "application/problem+json"


def test_where_keys_are_required_no_score_is_given_without_one(own_var: Path) -> None:
    service = create_app(Settings(var=own_var, require_key=True))
    assert service.test_client().post("/v1/scores", json={"candidates": [GOOD]}).status_code == 401


def test_a_bad_key_is_refused_although_none_is_needed(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer exo_nobody"}
    assert client.post("/v1/scores", json={"candidates": [GOOD]}, headers=headers).status_code == 401


def test_without_a_model_the_problem_is_that(tmp_path: Path) -> None:
    service = create_app(Settings(var=tmp_path))
    answer = service.test_client().post("/v1/scores", json={"candidates": [GOOD]})
    assert (answer.status_code, answer.get_json()["type"]) == (503, "urn:exoscore:problem:no-model")
