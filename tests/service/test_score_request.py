"""A plain request is cut into candidates without the schemas; any other goes by them. Nobody can tell from the answer which."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service import score_request

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
WRITTEN = json.dumps(GOOD)
BODIES = [
    '{"candidates":[%s]}',
    '{"candidates":[%s], "candidates":[]}',
    '{"candidates":[], "candidates":[%s]}',
    '{"candidates":[%s], "candidat\\u0065s":[{}]}',
    '{"candidates":[{"cargo_name":"\\"candidates\\""}]}',
    '{"candidates":[%s,]}',
    '{"candidates":[%s',
    '{"candidates":[%s],"more":1}',
    '{"candidates":[NaN]}',
    '{"candidates":[1e999]}',
    '{"candidates":["\\ud800"]}',
    '{"candidates":[{"cargo_name":"\\ud800","source_phenotype":"M2","cargo_type":"mirna"}]}',
    '{"candidates":[{"source_phenotype":"M2","source_phenotype":"M1","cargo_type":"mirna","cargo_name":"miR-21"}]}',
    '{"candidates":[{"id":"1","id":5,"source_phenotype":"M2","cargo_type":"mirna","cargo_name":"miR-21"}]}',
    '{"candidates":[null,[],{},"",0]}',
    '{"candidates":' + "[" * 2000 + "}",
    '{"candidates":{}}',
    '\ufeff{"candidates":[%s]}',
    ' { "candidates" : [ %s ] } ',
    '{"candidates":[%s]} x',
    "[]",
    "",
]


def answered(client: FlaskClient, body: bytes, query: str, plain: bool) -> tuple[int, Any]:
    """Status and document, by either way through the service."""
    by_schemas = patch.object(score_request, "_texts", lambda request: None)
    with nullcontext() if plain else by_schemas:
        answer = client.post(f"/v1/scores{query}", data=body, content_type="application/json")
    document = answer.get_json()
    document.pop("request_id", None)
    return answer.status_code, document


@pytest.mark.parametrize(
    "query", ["", "?partial=true", "?partial=true&fields=label,candidate", "?fields=mood", "?model=x"]
)
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_either_way_the_answer_is_the_same(client: FlaskClient, body: str, query: str) -> None:
    given_bytes = body.replace("%s", WRITTEN).encode("utf-8", "surrogatepass")
    assert answered(client, given_bytes, query, plain=True) == answered(client, given_bytes, query, plain=False)


@given(cut=st.integers(0, 200), noise=st.binary(max_size=3))
def test_a_damaged_body_is_told_alike(app: Flask, cut: int, noise: bytes) -> None:
    client = app.test_client()
    whole = json.dumps({"candidates": [GOOD, GOOD | {"id": "é"}]}, ensure_ascii=False).encode()
    damaged = whole[:cut] + noise + whole[cut:]
    assert answered(client, damaged, "", plain=True) == answered(client, damaged, "", plain=False)
