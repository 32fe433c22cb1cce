"""What will be removed is announced where it is used, documented, counted and logged, and the client warns of it once."""

from __future__ import annotations

import json
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask, Response, jsonify
from marshmallow import fields
from prometheus_client.parser import text_string_to_metric_families

from exoscore_client import Client
from service import Settings, create_app
from service.api.openapi import Blueprint
from service.monitoring.logs import configure
from service.schemas import StrictSchema
from service.web.access import require
from service.web.deprecation import Deprecation, deprecated

ROOT = Path(__file__).parents[3]
WHOLE = Deprecation(date(2026, 11, 1), date(2027, 5, 31), "use GET /v1/models.")
PART = Deprecation(date(2026, 10, 1), date(2027, 1, 31), "leave it out.")


class QuerySchema(StrictSchema):
    """A query with an old parameter."""

    colour = fields.String(metadata=PART.describe("A colour."))
    size = fields.String()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, with a route that is deprecated and one that has a deprecated parameter."""
    blueprint = Blueprint("old", __name__, url_prefix="/v1/old")

    @blueprint.get("/<old_id>")
    @blueprint.response(200, {"type": "object"})
    @require("score")
    @deprecated(WHOLE)
    def get_old(old_id: str) -> Response:
        """Get something old.

        It is old.
        """
        return jsonify({"id": old_id})

    @blueprint.get("")
    @blueprint.arguments(QuerySchema, location="query")
    @blueprint.response(200, {"type": "object"})
    @require("score")
    @deprecated(PART, parameter="colour")
    def list_old(query: dict[str, Any]) -> Response:
        """List what is old."""
        return jsonify(query)

    from service.api import blueprints

    monkeypatch.setattr("service.app.blueprints", lambda: [*blueprints(), blueprint])
    settings = Settings(var=tmp_path, rate_limit=0, log_format="json")
    configure(settings)
    return create_app(settings)


def test_a_deprecated_route_says_since_and_until_when_it_works_and_where_to_read(app: Flask) -> None:
    answer = app.test_client().get("/v1/old/1")
    assert (answer.status_code, answer.get_json()) == (200, {"id": "1"})
    assert answer.headers["Deprecation"] == "@1793491200"
    assert answer.headers["Sunset"] == "Mon, 31 May 2027 00:00:00 GMT"
    links = answer.headers.getlist("Link")
    for relation in ("deprecation", "sunset"):
        (link,) = (link for link in links if f'rel="{relation}"' in link)
        page, _, place = link[1 : link.index(">")].removeprefix("/help/").partition("/#")
        text = (ROOT / "docs" / f"{page}.md").read_text("utf-8").lower().replace(" ", "-")
        assert f"##-{place}" in text
        assert 'title="GET /v1/old/<old_id>"' in link


def test_a_deprecated_parameter_is_announced_only_where_it_is_used(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/v1/old?colour=red").headers["Deprecation"] == "@1790812800"
    for address in ("/v1/old", "/v1/old?size=1", "/v1/models", "/nothing", "/"):
        headers = client.get(address).headers
        assert "Deprecation" not in headers, address
        assert "Sunset" not in headers


def test_errors_of_what_is_deprecated_announce_it_too(app: Flask) -> None:
    answer = app.test_client().get("/v1/old?colour=red&shape=round")
    assert (answer.status_code, answer.headers["Deprecation"]) == (422, "@1790812800")


def test_the_document_marks_it_with_the_dates_in_words(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    whole = paths["/v1/old/{old_id}"]["get"]
    assert whole["deprecated"] is True
    assert "since 1 November 2026, removed after 31 May 2027: use GET /v1/models." in whole["description"]
    assert "It is old." in whole["description"]
    part = paths["/v1/old"]["get"]
    assert "deprecated" not in part
    marked = {each["name"]: each.get("deprecated", False) for each in part["parameters"]}
    assert marked == {"colour": True, "size": False}
    (colour,) = (each for each in part["parameters"] if each["name"] == "colour")
    assert "A colour. Deprecated since 1 October 2026" in colour["description"]


def test_an_operator_sees_who_still_uses_it(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    client = app.test_client()
    for address in ("/v1/old/1", "/v1/old/2", "/v1/old?colour=red", "/v1/old"):
        client.get(address)
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    used = [line for line in logged if line["event"] == "something deprecated was used"]
    assert [(line["route"], line["parameter"]) for line in used] == [("/v1/old/<old_id>", "")] * 2 + [
        ("/v1/old", "colour")
    ]
    assert all({"key_id", "request_id", "trace_id"} <= line.keys() for line in used)
    counted = {
        (sample.labels["route"], sample.labels["parameter"]): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "exoscore_deprecated_requests_total"
    }
    assert counted == {("/v1/old/<old_id>", ""): 2, ("/v1/old", "colour"): 1}


def test_nothing_is_removed_before_it_is_deprecated() -> None:
    with pytest.raises(ValueError, match="before it is deprecated"):
        Deprecation(date(2027, 1, 1), date(2026, 1, 1), "")


def test_the_client_warns_once_of_each_route() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": []}, headers=WHOLE.headers(f"{request.method} {request.url.path}"))

    with Client(transport=httpx.MockTransport(answer)) as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            client.list_keys()
            client.health()
    said = [str(warning.message) for warning in caught if warning.category is DeprecationWarning]
    assert len(said) == 2
    assert "GET /v1/keys is deprecated" in said[0]
    assert "Mon, 31 May 2027" in said[0]
    assert "/help/how-to/use-over-http" in said[0]
    assert all(warning.filename == __file__ for warning in caught)
