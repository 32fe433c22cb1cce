"""Claims over every route of the API.

The OpenAPI document is valid 3.1 and true: each documented answer has the documented shape. Every error, of every route
and method but those of another protocol under /v2, is an RFC 9457 problem: {"type", "title", "status", "detail",
"request_id"} and, where there are several faults, "errors".
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.auth.keys import SCOPES
from service.batch.formats import Format
from service.jobs import batch_uploads
from service.jobs.batch_uploads import BatchRequest
from service.jobs.process import run_job
from service.scoring.design_requests import PinnedRequest
from service.web.current import installation_of
from service.web.session import is_page

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = (
    "/v1/scores",
    "/v1/scores/none",
    "/v1/reports",
    "/v1/findings",
    "/v1/findings/none",
    "/v1/findings/none/history",
    "/v1/findings.csv",
    "/v1/findings.tsv",
    "/v1/conflicts",
    "/v1/trainings",
    "/v1/advice",
    "/v1/jobs",
    "/v1/jobs/none",
    "/v1/batches",
    "/v1/batches/none",
    "/v1/batches/none/result",
    "/v1/batches/none/errors",
    "/v1/designs",
    "/v1/designs/none",
    "/v1/models",
    "/v1/models/none",
    "/v1/models/rollback",
    "/v1/vocabulary",
    "/v1/names",
    "/v1/drift",
    "/v1/keys",
    "/v1/keys/none",
    "/v1/audit",
    "/metrics",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/",
    "/v1",
    "/nothing",
)
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
FINDING = GOOD | {"paper": "lab:contract", "effect": "suppressing", "targets": ["PTEN-"], "cancer_type": "GC"}
SHIPPED = {
    "paper": "pmid:35210436",
    "source_phenotype": "M1",
    "cargo_type": "lncrna",
    "cargo_name": "HOTTIP",
    "cancer_type": "head and neck squamous cell carcinoma",
    "recipient_cell": "cancer_cell;macrophage",
    "effect": "suppressing",
}
DESIGN = {
    "fixed": {"source_phenotype": "M1", "cargo_type": "mirna", "cancer_type": "gastrc cancer", "polarisation": ["LPS"]},
    "vary": {"cargo_name": ["miR-21", "miR-155", "miR-34a", "blorb"], "cargo_state": ["native", "loaded"]},
}
LARGE_DESIGN = {"vary": dict.fromkeys(("source_cell", "source_phenotype", "cargo_type", "cargo_name"), "known")}
TABLE = b"id,source_phenotype,cargo_type,cargo_name\n1,M2,mirna,miR-21\n2,M9,mirna,miR-21\n"
ONE, OTHER = "/v1/findings/EXF-5f0084ae", "/v1/findings/EXF-4ad36283"
REQUESTS: list[tuple[str, str, object, int]] = [
    ("POST", "/v1/scores", {"candidates": [GOOD]}, 200),
    ("POST", "/v1/scores?include=contributions", {"candidates": [GOOD | {"id": "7", "polarisation": ["LPS"]}]}, 200),
    (
        "POST",
        "/v1/scores?include=evidence,flips,missing,contributions",
        {"candidates": [GOOD | {"cancer_type": "HCC"}]},
        200,
    ),
    ("POST", "/v1/scores?partial=true", {"candidates": [GOOD, {}, 3]}, 200),
    ("POST", "/v1/scores", {"candidates": [{}, GOOD | {"cargo_state": "?"}]}, 422),
    ("POST", "/v1/scores", {"candidate": []}, 422),
    ("POST", "/v1/scores?model=none", {"candidates": [GOOD]}, 404),
    ("GET", "/v1/scores/none", None, 404),
    ("POST", "/v1/scores", b'{"cargo_type": "mirna"}\n{', 200),
    ("POST", "/v1/scores?model=none", b"{}", 404),
    ("POST", "/v1/findings", {"findings": [FINDING, SHIPPED]}, 201),
    ("POST", "/v1/findings", {"findings": [SHIPPED]}, 200),
    ("POST", "/v1/findings", {"findings": [SHIPPED, {}, 3]}, 422),
    ("GET", "/v1/findings?limit=3&cancer_type=HCC", None, 200),
    ("GET", "/v1/findings?paper=nobody", None, 200),
    ("GET", "/v1/findings?effect=none", None, 422),
    ("GET", ONE, None, 200),
    ("GET", "/v1/findings/none", None, 404),
    ("GET", f"{ONE}/history", None, 200),
    ("GET", "/v1/findings/none/history", None, 404),
    ("PATCH", OTHER, {"changes": {"dose": "1 µg", "species": ["human"]}, "reason": "from the supplement"}, 200),
    ("PATCH", OTHER, {"changes": {"effect": "none"}, "reason": "misread"}, 422),
    ("PATCH", "/v1/findings/none", {"retracted": False, "reason": "misread"}, 404),
    ("PATCH", OTHER, {"retracted": True}, 422),
    ("GET", "/v1/findings.csv?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.bib?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.bib?effect=none", None, 422),
    ("GET", "/v1/findings.ris?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.ris?effect=none", None, 422),
    ("GET", "/v1/findings.csl?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.csl?effect=none", None, 422),
    ("GET", "/v1/findings.zip?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.zip?effect=none", None, 422),
    ("GET", "/v1/findings.tsv?cargo_name=miR21", None, 200),
    ("GET", "/v1/findings.tsv?effect=none", None, 422),
    ("GET", "/v1/conflicts?limit=1", None, 200),
    ("GET", "/v1/conflicts?cursor=none", None, 422),
    ("GET", "/v1/reports?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21&cancer_type=HCC&id=7", None, 200),
    ("GET", "/v1/reports?source_phenotype=TAM&cargo_type=whole_vesicle&polarisation=LPS&species=mouse,rat", None, 200),
    ("GET", "/v1/reports?source_phenotype=M1&cargo_type=protein&cargo_name=blorb+x&format=json", None, 200),
    ("GET", "/v1/reports?cargo_state=?&colour=red", None, 422),
    ("GET", "/v1/reports?source_phenotype=M2&cargo_type=whole_vesicle&model=none", None, 404),
    ("POST", "/v1/trainings", {"seed": 1}, 202),
    ("POST", "/v1/trainings", {"seed": -1, "colour": 3}, 422),
    ("POST", "/v1/trainings", {"force": True}, 422),
    ("POST", "/v1/advice", {"top": 3}, 202),
    ("POST", "/v1/advice", {"top": 0}, 422),
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
    ("POST", "/v1/models/{model}/difference", {"candidates": [GOOD, {}]}, 200),
    ("POST", "/v1/models/{model}/difference", {"candidates": []}, 422),
    ("POST", "/v1/models/none/difference", {"candidates": [GOOD]}, 404),
    ("GET", "/v1/models/{model}/scorecard", None, 200),
    ("GET", "/v1/models/none/scorecard", None, 404),
    ("GET", "/v1/models/{model}/card", None, 200),
    ("GET", "/v1/models/{model}/card?format=pdf", None, 422),
    ("GET", "/v1/models/none/card", None, 404),
    ("GET", "/v1/models/{model}/datasheet", None, 200),
    ("GET", "/v1/models/none/datasheet", None, 404),
    ("POST", "/v1/models/{model}/gate", None, 202),
    ("POST", "/v1/models/none/gate", None, 404),
    ("POST", "/v1/models/{model}/promote", {"reason": "again"}, 200),
    ("POST", "/v1/models/none/promote", {"reason": "again"}, 404),
    ("POST", "/v1/models/{model}/promote", None, 422),
    ("POST", "/v1/models/rollback", {"reason": "worse"}, 409),
    ("POST", "/v1/models/rollback", {"reason": " "}, 422),
    ("POST", "/v1/models/rollback", {"reason": ""}, 422),
    ("POST", "/v1/models/rollback", {}, 422),
    ("POST", "/v1/models/{model}/rollback", {"why": "worse"}, 422),
    ("POST", "/v1/models/{model}/rollback", {"reason": "worse"}, 409),
    ("POST", "/v1/models/{model}/retire", {"reason": "old"}, 409),
    ("POST", "/v1/models/none/retire", {"reason": "old"}, 404),
    ("POST", "/v1/models/{model}/restore", {"reason": "needed"}, 200),
    ("POST", "/v1/models/none/restore", {"reason": "needed"}, 404),
    ("GET", "/metrics", None, 200),
    ("GET", "/v1/vocabulary", None, 200),
    ("GET", "/v1/vocabulary?field=colour", None, 422),
    ("GET", "/v1/names?q=miR-21*", None, 200),
    ("GET", "/v1/names?q=HCC&cargo_type=drug", None, 200),
    ("GET", "/v1/names", None, 422),
    ("GET", "/v1/names?q=p53&cargo_type=colour", None, 422),
    ("GET", "/v1/drift?days=7", None, 200),
    ("GET", "/v1/drift?days=0", None, 422),
    ("POST", "/v1/keys", {"name": "anna", "scopes": ["score"]}, 201),
    ("POST", "/v1/keys", {"name": "anna", "scopes": ["writ"]}, 422),
    ("GET", "/v1/keys", None, 200),
    ("DELETE", "/v1/keys/none?reason=lost", None, 404),
    ("DELETE", "/v1/keys/none", None, 422),
    ("GET", "/v1/audit?limit=2", None, 200),
    ("GET", "/v1/audit?cursor=x", None, 422),
    ("POST", "/v1/batches?format=jsonl&include=contributions&partial=true", TABLE, 202),
    ("POST", "/v1/batches", {"candidates": []}, 415),
    ("POST", "/v1/batches?format=xlsx", TABLE, 422),
    ("POST", "/v1/batches?model=none", TABLE, 404),
    ("GET", "/v1/batches/{batch}", None, 200),
    ("GET", "/v1/batches/none", None, 404),
    ("GET", "/v1/batches/{batch}/result", None, 200),
    ("GET", "/v1/batches/none/result", None, 404),
    ("GET", "/v1/batches/{waiting}/result", None, 409),
    ("GET", "/v1/batches/{batch}/errors", None, 200),
    ("GET", "/v1/batches/none/errors", None, 404),
    ("DELETE", "/v1/batches/{waiting}", None, 422),
    ("DELETE", "/v1/batches/{waiting}?reason=a+copy+is+kept", None, 204),
    ("GET", "/v1/batches/{waiting}", None, 200),
    ("GET", "/v1/batches/{waiting}/result", None, 410),
    ("DELETE", "/v1/batches/none?reason=old", None, 404),
    ("POST", "/v1/designs", DESIGN, 200),
    ("POST", "/v1/designs", DESIGN | {"limit": 1000, "test_first": 0, "constraints": {"inside_domain": False}}, 200),
    ("POST", "/v1/designs?format=csv", DESIGN, 200),
    ("POST", "/v1/designs", LARGE_DESIGN, 202),
    ("POST", "/v1/designs", {"goal": "healing", "vary": {"colour": ["red"]}}, 422),
    ("POST", "/v1/designs?format=pdf", DESIGN, 422),
    ("POST", "/v1/designs", DESIGN | {"model": "none"}, 404),
    ("GET", "/v1/designs/{design}", None, 200),
    ("GET", "/v1/designs/{design}?format=csv", None, 200),
    ("GET", "/v1/designs/{waiting_design}", None, 409),
    ("GET", "/v1/designs/none", None, 404),
    ("GET", "/healthz", None, 200),
    ("GET", "/readyz", None, 200),
]


# What a request is refused with that sends these headers instead of a key that may do everything.
REFUSED: list[tuple[str, str, object, dict[str, str], int]] = [
    ("POST", "/v1/findings", {"findings": [FINDING]}, {}, 401),
    ("POST", "/v1/findings", {"findings": [FINDING]}, {"Authorization": "Bearer no"}, 401),
    ("PATCH", ONE, {"retracted": False}, {}, 401),
    ("POST", "/v1/findings", {"findings": [FINDING]}, {"scopes": "train"}, 403),
    ("PATCH", ONE, {"retracted": False}, {"scopes": "score"}, 403),
    ("PATCH", ONE, {"retracted": False, "reason": "right"}, {"scopes": "curate"}, 428),
    ("PATCH", ONE, {"retracted": False, "reason": "right"}, {"scopes": "curate", "If-Match": '"0"'}, 412),
    ("POST", "/v1/findings", None, {"scopes": "curate"}, 415),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Flask:
    app = create_app(Settings(var=tmp_path_factory.mktemp("contract")))
    registry = installation_of(app).registry
    registry.save(produced, "tests")
    registry.promote(produced.id, "tests")
    return app


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return found


@pytest.fixture(scope="module")
def names(app: Flask, produced: Bundle) -> dict[str, str]:
    """What stands in the addresses of REQUESTS: a model, a job, and batches of which one has ended."""
    installation = installation_of(app)
    asked = BatchRequest(Format.CSV, Format.CSV, (), keep=True, bad_rows="drop", partial=True, model="")
    ended, waiting = (batch_uploads.create(installation, BytesIO(TABLE), asked, "tests")["id"] for _ in range(2))
    small = PinnedRequest.parse(DESIGN).as_dict() | {"model": produced.id}
    design, waiting_design = (installation.jobs.submit("design", small, "anyone") for _ in range(2))
    for job_id in (ended, design):
        lease = installation.jobs.lease(job_id)
        assert lease
        run_job(installation, lease)
    return {
        "model": produced.id,
        "job": installation.jobs.submit("training", {}, "tests"),
        "batch": ended,
        "waiting": waiting,
        "design": design,
        "waiting_design": waiting_design,
    }


@pytest.fixture(scope="module")
def key(app: Flask) -> dict[str, str]:
    """The header of a key with every scope."""
    return {"Authorization": f"Bearer {installation_of(app).keys.create('tests', SCOPES, 'tests')}"}


def template(rule: str) -> str:
    """A rule of Flask's as a path of the document."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def test_the_document_is_valid_openapi_31_and_lists_every_route(app: Flask, document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"
    rules = {template(rule.rule) for rule in app.url_map.iter_rules() if not is_page(rule.endpoint)}
    # The Open Inference Protocol has a document of its own.
    protocol = {path for path in rules if path.startswith("/v2")}
    undocumented = protocol | {"/docs", "/help/", "/help/{path}", "/openapi.json", "/static/{filename}"}
    assert rules - undocumented == set(document["paths"])


def test_every_documented_operation_is_among_the_requests(
    app: Flask, document: dict[str, Any], names: dict[str, str]
) -> None:
    asked = {(method, path_of(app, method, address.format(**names))) for method, address, _, _ in REQUESTS}
    assert asked == {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method.upper() in METHODS
    }


def path_of(app: Flask, method: str, address: str) -> str:
    """The path of the document that an address is one of."""
    rule, _ = app.url_map.bind("").match(address.partition("?")[0], method, return_rule=True)
    return template(rule.rule)


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
    newest = {"If-Match": "*"} if method == "PATCH" else {}
    of_bytes = "text/csv" if body == TABLE else "application/x-ndjson"
    sent = {"data": body, "content_type": of_bytes} if isinstance(body, bytes) else {"json": body}
    # A body of bytes has a type beside it, one of JSON has not: mypy knows no such choice of arguments.
    response = client.open(address, method=method, headers=key | newest, buffered=True, **sent)  # type: ignore[arg-type]
    assert response.status_code == status, response.get_json()
    validate_answer(document, path_of(client.application, method, address), method, response)


@pytest.mark.parametrize(("method", "address", "body", "headers", "status"), REFUSED)
def test_every_refusal_is_documented(
    app: Flask,
    client: FlaskClient,
    document: dict[str, Any],
    method: str,
    address: str,
    body: object,
    headers: dict[str, str],
    status: int,
) -> None:
    sent = dict(headers)
    if scope := sent.pop("scopes", None):
        sent["Authorization"] = f"Bearer {installation_of(app).keys.create('some', [scope], 'tests')}"
    response = client.open(address, method=method, json=body, headers=sent)
    assert response.status_code == status, response.get_json()
    validate_answer(document, path_of(client.application, method, address), method, response)


def validate_answer(document: dict[str, Any], path: str, method: str, response: TestResponse) -> None:
    """Raises where an answer is not of the shape that its operation documents."""
    operation = document["paths"][path][method.lower()]
    documented = operation["responses"][str(response.status_code)]
    if "$ref" in documented:
        documented = document["components"]["responses"][documented["$ref"].rpartition("/")[2]]
    if response.status_code == 204:
        assert "content" not in documented
        assert not response.data
        return
    schema = documented["content"][response.mimetype]["schema"]
    if "$ref" in schema:
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        registry = Registry().with_resource("urn:document", resource)
        schema = {"$ref": f"urn:document{schema['$ref']}"}
        Draft202012Validator(schema, registry=registry).validate(response.get_json())
    else:
        answer = response.get_json() if response.is_json else response.get_data().decode("utf-8", "replace")
        Draft202012Validator(schema).validate(answer)


def test_no_shape_allows_a_key_that_it_does_not_document(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name


def test_every_member_of_every_shape_says_what_it_holds(document: dict[str, Any]) -> None:
    """The value of an error is whatever was sent, of any type; every other member has a type or names another schema."""
    undocumented = [
        (name, member)
        for name, schema in document["components"]["schemas"].items()
        for member, inner in schema["properties"].items()
        if not set(inner) - {"description"}
    ]
    assert undocumented == [("Fault", "given"), ("RowError", "given")]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", METHODS)
def test_every_error_of_every_route_is_a_problem(client: FlaskClient, method: str, address: str) -> None:
    response = client.open(address, method=method)
    if response.status_code < 400:
        return
    assert response.content_type == "application/problem+json"
    problem = response.get_json()
    told = {"type", "title", "status", "detail", "request_id"}
    assert told <= set(problem) <= told | {"errors", "errors_left_out"}
    assert problem["status"] == response.status_code
    if response.status_code == 405:
        assert response.headers["Allow"]
