"""JSON that nobody means to send is refused with words, or taken for what it says; nothing of it is a defect of the service."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.auth.keys import SCOPES
from service.web.current import installation_of

DEEP = 100_000
BODIES = {
    "arrays": b"[" * DEEP + b"]" * DEEP,
    "open arrays": b"[" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "open objects": b'{"candidates":' * DEEP,
    "objects in an array": b"[{" * DEEP,
    "half of a pair": b'"\\ud800"',
    "half of a pair as a name": b'{"\\ud800": 1}',
    "pair the wrong way round": b'{"candidates": ["\\udc00\\ud800"]}',
    "NaN": b"NaN",
    "infinity": b'{"candidates": [-Infinity]}',
    "an infinite number": b'{"candidates": [1e999]}',
    "a long number": b'{"candidates": [' + b"9" * 100_000 + b"]}",
    "a long fraction": b'{"candidates": [0.' + b"9" * 100_000 + b"]}",
    "a long exponent": b'{"candidates": [1e' + b"9" * 100_000 + b"]}",
    "null": b"null",
    "nothing": b"",
    "spaces": b" " * 1_000,
    "a text": b'"' + b"x" * 1_000_000 + b'"',
    "no UTF-8": b'{"candidates": ["\xff\xfe"]}',
    "UTF-16": '{"candidates": []}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"candidates": []}',
    "NUL": b"\0",
    "NUL within": b'{"candidates": ["\0"]}',
    "names given twice": b'{"candidates": 1, "candidates": 2, "findings": 1, "findings": 2}',
    "a trailing comma": b'{"candidates": [1,]}',
    "an own name": b'{"__proto__": {"a": 1}, "__class__": 1, "": 2}',
}
# What stands where a text, a list of texts, a number or an object is wanted.
VALUES: dict[str, bytes] = {
    "deep arrays": b"[" * 900 + b"]" * 900,
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "half of a pair": b'"\\ud800 x"',
    "halves in a list": b'["\\ud800", "\\udfff"]',
    "NUL": b'"a\\u0000b"',
    "a long number": b"9" * 4_000,
    "a small number": b"-1e-400",
    "a large number": b"1e308",
    "minus nothing": b"-0.0",
    "beyond 64 bits": b"18446744073709551616",
    "true": b"true",
    "null": b"null",
    "an empty object": b"{}",
    "nested lists": b"[[[]], {}, null, 1.5]",
    "digits of other scripts": '"٣٣፩²"'.encode(),
    "a long text": b'"' + b"x" * 100_000 + b'"',
    "all of white space": '"\u00a0\u2028\u3000\\t\\n"'.encode(),
}
MEMBERS = {
    "/v1/scores": b'{"candidates": [{"id": %s, "source_phenotype": %s, "species": %s, "cargo_name": %s, "polarisation": [%s]}]}',
    "/v1/scores?partial=true": b'{"candidates": [%s, {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": %s}]}',
    "/v1/findings": b'{"findings": [%s, {"paper": %s, "title": %s, "year": %s, "targets": %s, "effect": %s}], "held_out": false}',
    "/v1/trainings": b'{"seed": %s, "force": %s, "reason": %s}',
    "/v1/keys": b'{"name": %s, "scopes": %s, "expires": %s}',
    "/v1/models/rollback": b'{"reason": %s, "force": %s}',
}


@pytest.fixture
def key(app: Flask) -> dict[str, str]:
    return {"Authorization": f"Bearer {installation_of(app).keys.create('tests', SCOPES, 'tests')}"}


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method and address of the API that takes a JSON body."""
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return [
        (method, path.replace("{", "").replace("}", ""))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_odd_body_is_refused_in_words_by_every_address(
    app: Flask, client: FlaskClient, key: dict[str, str], body: bytes
) -> None:
    for method, address in addresses(app):
        response = client.open(
            address, method=method, data=body, content_type="application/json", headers=key | {"If-Match": "*"}
        )
        # A body may be left out of some requests, which then are about a model or a job that is not there.
        assert 400 <= response.status_code < 500 or (response.status_code < 300 and not body.strip()), address
        problem = json.loads(response.data, parse_constant=pytest.fail)
        assert problem.get("detail", "accepted")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("address", MEMBERS)
def test_an_odd_value_is_no_defect_and_the_answer_is_json(
    client: FlaskClient, key: dict[str, str], address: str, value: bytes
) -> None:
    shape = MEMBERS[address]
    body = shape.replace(b"%s", value)
    response = client.post(address, data=body, content_type="application/json", headers=key)
    assert response.status_code < 500
    json.loads(response.data, parse_constant=pytest.fail)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_odd_body_is_no_defect_of_a_page(client: FlaskClient, key: dict[str, str], body: bytes) -> None:
    for address in ("/findings/add", "/findings/import", "/batch", "/key", "/models"):
        for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            response = client.post(address, data=body, content_type=kind, headers={"Accept": "text/html"})
            assert response.status_code < 500, (address, kind)


@pytest.mark.parametrize(
    "text", ["%ED%A0%80", "%00", "%FF", "9" * 5_000, "%D9%A3%F0%9D%9F%97", "a=b&" * 2_000, "x" * 20_000]
)
def test_an_odd_query_is_no_defect(client: FlaskClient, key: dict[str, str], text: str) -> None:
    for address in (
        *(
            "/v1/reports?source_phenotype=",
            "/v1/reports?cargo_type=mirna&source_phenotype=M2&cargo_name=",
            "/?cargo_name=",
        ),
        *(
            "/v1/findings?limit=",
            "/v1/findings?cursor=",
            "/v1/findings?q=",
            "/v1/findings?cargo_name=",
            "/v1/conflicts?cursor=",
        ),
        *(
            "/v1/drift?days=",
            "/v1/jobs?limit=",
            "/v1/audit?cursor=",
            "/v1/vocabulary?field=",
            "/compare?c1.cargo_name=",
        ),
        *("/understood/cargo_name?cargo_type=mirna&cargo_name=", "/findings?q=", "/drift?days=", "/models/drift?days="),
    ):
        response = client.get(address + text, headers=key)
        assert response.status_code < 500, address
