"""Findings that are sent again under one Idempotency-Key are added once, and answered with the same bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.web.current import installation_of
from tests.service.api.findings.answers import Cells
from tests.threads import in_threads


def test_the_same_request_with_the_same_key_is_answered_with_the_same_bytes(
    client: FlaskClient, app: Flask, key: dict[str, str], post: Callable[..., TestResponse], good: Cells, paper: str
) -> None:
    named = {"Idempotency-Key": f"import of {paper}"}
    first = post(good, headers=named)
    other = post(good | {"paper": f"{paper}-2"})
    again = post(good, headers=named)
    assert (first.status_code, other.status_code) == (201, 201)
    assert (again.status_code, again.data) == (201, first.data)
    reused = post(good | {"paper": f"{paper}-3"}, headers=named)
    assert (reused.status_code, reused.get_json()["errors"][0]["parameter"]) == (422, "Idempotency-Key")
    assert post(good, held_out=True, headers=named).status_code == 422
    bens = {"Authorization": f"Bearer {installation_of(app).keys.create('ben', ['curate'], 'tests')}"}
    assert post(good, headers=named | bens).status_code == 200


def test_a_refused_request_does_not_use_up_its_key(post: Callable[..., TestResponse], good: Cells, paper: str) -> None:
    named = {"Idempotency-Key": paper}
    refused = [post(good | {"effect": "curing"}, headers=named) for _ in range(2)]
    assert [one.status_code for one in refused] == [422, 422]
    said = [one.get_json() | {"request_id": ""} for one in refused]
    assert said[0] == said[1]
    assert post(good, headers=named).status_code == 201


@pytest.mark.parametrize("name", ["x" * 201, "käse", "a\tb"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(
    post: Callable[..., TestResponse], good: Cells, name: str
) -> None:
    assert post(good, headers={"Idempotency-Key": name}).status_code == 422
    assert post(good).status_code == 201


def test_of_concurrent_identical_requests_one_is_done_and_all_are_answered_alike(
    app: Flask, key: dict[str, str], good: Cells, paper: str
) -> None:
    answers = []

    def send(_: int) -> None:
        client = app.test_client()
        answer = client.post("/v1/findings", json={"findings": [good]}, headers=key | {"Idempotency-Key": paper})
        answers.append((answer.status_code, answer.data))

    assert in_threads(send, 6) == []
    assert len(answers) == 6
    ((status, _),) = set(answers)
    assert status == 201
