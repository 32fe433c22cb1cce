"""Claims over every route of the API.

The OpenAPI document is valid 3.1 and true: each documented answer has the documented shape. Every error, of every route
and method, is an RFC 9457 problem: {"type", "title", "status", "detail"} and, where there are several faults, "errors".
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = (
    "/v1/scores",
    "/v1/reports",
    "/v1/vocabulary",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/",
    "/v1",
    "/nothing",
)
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
REQUESTS: list[tuple[str, str, object, int]] = [
    ("POST", "/v1/scores", {"candidates": [GOOD]}, 200),
    ("POST", "/v1/scores?include=contributions", {"candidates": [GOOD | {"id": "7", "polarisation": ["LPS"]}]}, 200),
    ("POST", "/v1/scores?include=evidence,flips,contributions", {"candidates": [GOOD | {"cancer_type": "HCC"}]}, 200),
    ("POST", "/v1/scores?partial=true", {"candidates": [GOOD, {}, 3]}, 200),
    ("POST", "/v1/scores", {"candidates": [{}, GOOD | {"cargo_state": "?"}]}, 422),
    ("POST", "/v1/scores", {"candidate": []}, 422),
    ("POST", "/v1/scores?model=none", {"candidates": [GOOD]}, 404),
    ("GET", "/v1/reports?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21&cancer_type=HCC&id=7", None, 200),
    ("GET", "/v1/reports?source_phenotype=TAM&cargo_type=whole_vesicle&polarisation=LPS&species=mouse,rat", None, 200),
    ("GET", "/v1/reports?source_phenotype=M1&cargo_type=protein&cargo_name=blorb+x&format=json", None, 200),
    ("GET", "/v1/reports?cargo_state=?&colour=red", None, 422),
    ("GET", "/v1/reports?source_phenotype=M2&cargo_type=whole_vesicle&model=none", None, 404),
    ("GET", "/v1/vocabulary", None, 200),
    ("GET", "/v1/vocabulary?field=colour", None, 422),
    ("GET", "/healthz", None, 200),
    ("GET", "/readyz", None, 200),
]


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return found


def test_the_document_is_valid_openapi_31_and_lists_every_route(app: Flask, document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"
    undocumented = {"/", "/docs", "/openapi.json", "/static/<path:filename>"}
    assert {rule.rule for rule in app.url_map.iter_rules()} - undocumented == set(document["paths"])


@pytest.mark.parametrize(("method", "address", "body", "status"), REQUESTS)
def test_every_answer_has_the_shape_that_is_documented(
    client: FlaskClient, document: dict[str, Any], method: str, address: str, body: object, status: int
) -> None:
    response = client.open(address, method=method, json=body)
    assert response.status_code == status, response.get_json()
    operation = document["paths"][address.partition("?")[0]][method.lower()]
    documented = operation["responses"][str(status)]
    if "$ref" in documented:
        documented = document["components"]["responses"][documented["$ref"].rpartition("/")[2]]
    schema = documented["content"][response.content_type]["schema"]
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:document", resource)
    Draft202012Validator({"$ref": f"urn:document{schema['$ref']}"}, registry=registry).validate(response.get_json())


def test_no_shape_allows_a_key_that_it_does_not_document(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", METHODS)
def test_every_error_of_every_route_is_a_problem(client: FlaskClient, method: str, address: str) -> None:
    response = client.open(address, method=method)
    if response.status_code < 400:
        return
    assert response.content_type == "application/problem+json"
    problem = response.get_json()
    assert {"type", "title", "status", "detail"} <= set(problem) <= {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == response.status_code
    if response.status_code == 405:
        assert response.headers["Allow"]
