"""Claims over every route of the API.

The OpenAPI document is valid 3.1 and true: each documented answer has the documented shape. Every error, of every route
and method, is an RFC 9457 problem: {"type", "title", "status", "detail", "request_id"} and, where there are several faults,
"errors".
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from models.artifact import Bundle
from service.keys import SCOPES
from service.services import services_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = (
    "/v1/scores",
    "/v1/reports",
    "/v1/trainings",
    "/v1/jobs",
    "/v1/jobs/none",
    "/v1/models",
    "/v1/models/none",
    "/v1/models/rollback",
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
    ("POST", "/v1/trainings", {"seed": 1}, 202),
    ("POST", "/v1/trainings", {"seed": -1, "colour": 3}, 422),
    ("POST", "/v1/trainings", {"force": True}, 409),
    ("GET", "/v1/jobs?kind=training&limit=1", None, 200),
    ("GET", "/v1/jobs?cursor=x", None, 422),
    ("GET", "/v1/jobs/{job}", None, 200),
    ("GET", "/v1/jobs/none", None, 404),
    ("POST", "/v1/jobs/{job}/cancel", None, 200),
    ("POST", "/v1/jobs/none/cancel", None, 404),
    ("GET", "/v1/models", None, 200),
    ("GET", "/v1/models/{model}", None, 200),
    ("GET", "/v1/models/none", None, 404),
    ("GET", "/v1/models/{model}/difference?to={model}", None, 200),
    ("GET", "/v1/models/none/difference", None, 404),
    ("POST", "/v1/models/{model}/gate", None, 202),
    ("POST", "/v1/models/none/gate", None, 404),
    ("POST", "/v1/models/{model}/promote", {"reason": "again"}, 200),
    ("POST", "/v1/models/none/promote", None, 404),
    ("POST", "/v1/models/rollback", None, 409),
    ("POST", "/v1/models/{model}/rollback", {"reason": "worse"}, 409),
    ("POST", "/v1/models/{model}/retire", {"reason": "old"}, 409),
    ("POST", "/v1/models/none/retire", None, 404),
    ("POST", "/v1/models/{model}/restore", None, 200),
    ("POST", "/v1/models/none/restore", None, 404),
    ("GET", "/v1/vocabulary", None, 200),
    ("GET", "/v1/vocabulary?field=colour", None, 422),
    ("GET", "/healthz", None, 200),
    ("GET", "/readyz", None, 200),
]


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return found


@pytest.fixture(scope="module")
def names(app: Flask, produced: Bundle) -> dict[str, str]:
    """What stands in the addresses of REQUESTS: a model, and a job."""
    return {"model": produced.id, "job": services_of(app).jobs.submit("training", {}, "tests")}


@pytest.fixture(scope="module")
def key(app: Flask) -> dict[str, str]:
    """The header of a key with every scope."""
    return {"Authorization": f"Bearer {services_of(app).keys.create('tests', SCOPES, 'tests')}"}


def template(rule: str) -> str:
    """A rule of Flask's as a path of the document."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def test_the_document_is_valid_openapi_31_and_lists_every_route(app: Flask, document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"
    undocumented = {"/", "/docs", "/openapi.json", "/static/{filename}"}
    assert {template(rule.rule) for rule in app.url_map.iter_rules()} - undocumented == set(document["paths"])


@pytest.mark.parametrize(("method", "address", "body", "status"), REQUESTS)
def test_every_answer_has_the_shape_that_is_documented(
    client: FlaskClient,
    document: dict[str, Any],
    names: dict[str, str],
    key: dict[str, str],
    method: str,
    address: str,
    body: object,
    status: int,
) -> None:
    address = address.format(**names)
    response = client.open(address, method=method, json=body, headers=key)
    assert response.status_code == status, response.get_json()
    rule, _ = client.application.url_map.bind("").match(address.partition("?")[0], method, return_rule=True)
    operation = document["paths"][template(rule.rule)][method.lower()]
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
    told = {"type", "title", "status", "detail", "request_id"}
    assert told <= set(problem) <= told | {"errors"}
    assert problem["status"] == response.status_code
    if response.status_code == 405:
        assert response.headers["Allow"]
