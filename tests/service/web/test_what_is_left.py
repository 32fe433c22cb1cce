"""A request leaves nothing in memory that only a collector could take away: not what was sent, nor what was made of it."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from service.auth.keys import SCOPES
from service.web.current import installation_of

REQUESTS = 10
# Werkzeug's matcher of routes is a function that refers to itself; all that pages render is in what Jinja calls a context.
MOST_OF_API, MOST_OF_PAGE = 10, 3_000
GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
BAD = {"source_phenotype": "M77", "cargo_type": "mirna", "species": ["zz"] * 20, "foo": 1}
QUERY = "source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21-5p"
API: list[tuple[str, str, object]] = [
    ("POST", "/v1/scores", {"candidates": [GOOD] * 20}),
    ("POST", "/v1/scores?include=evidence,flips,missing,contributions", {"candidates": [GOOD] * 2}),
    ("POST", "/v1/scores", {"candidates": [BAD] * 20}),
    ("POST", "/v1/scores?partial=true", {"candidates": [BAD, GOOD] * 20}),
    ("POST", "/v1/scores", {"candidates": [0] * 11_000}),
    ("POST", "/v1/scores", {"candidates": [GOOD], "others": ["x"] * 100}),
    ("POST", "/v1/scores?fields=none", {"candidates": [GOOD]}),
    ("POST", "/v1/scores?model=none", {"candidates": [GOOD]}),
    ("POST", "/v1/scores", b"{"),
    ("POST", "/v1/scores", b"[" * 10_000),
    ("POST", "/v1/findings", {"findings": [{"paper": "x"}] * 20}),
    ("POST", "/v1/findings", {"findings": 1}),
    ("POST", "/v1/trainings", {"seed": "x"}),
    ("POST", "/v1/jobs", {}),
    ("GET", "/v1/reports?" + QUERY, None),
    ("GET", "/v1/reports?x=1", None),
    ("GET", "/v1/findings?limit=50", None),
    ("GET", "/v1/findings?effect=x", None),
    ("GET", "/v1/nothing", None),
    ("GET", "/healthz", None),
]
PAGES = [
    "/",
    "/?" + QUERY,
    "/?" + QUERY + "&species=zz",
    "/compare?c1." + QUERY.replace("&", "&c1."),
    "/findings",
    "/nothing",
]


@pytest.fixture
def collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left_by(app: Flask, method: str, address: str, body: object, key: str = "") -> float:
    """How many objects each of some requests leaves to the collector at least."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}"} if key else {"Accept": "text/html"}

    def ask() -> None:
        path, _, query = address.partition("?")
        builder = EnvironBuilder(
            path, method=method, query_string=query, headers=headers, data=sent, content_type="application/json"
        )
        environ = builder.get_environ()
        builder.close()
        pieces, _, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
        b"".join(pieces)

    # What is remembered is made by the first one.
    ask()
    left: list[int] = []
    # Of three times the least: what a clock sets off, as asking the store anew, leaves something too, but not each time.
    for _ in range(3):
        gc.collect()
        for _ in range(REQUESTS):
            ask()
        left.append(gc.collect())
    return min(left) / REQUESTS


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(("method", "address", "body"), API)
def test_a_request_to_the_api_leaves_nothing(app: Flask, method: str, address: str, body: object) -> None:
    key = installation_of(app).keys.create("tests", SCOPES, "tests")
    assert left_by(app, method, address, body, key) <= MOST_OF_API


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("address", PAGES)
def test_a_page_leaves_what_its_template_leaves(app: Flask, address: str) -> None:
    assert left_by(app, "GET", address, None) <= MOST_OF_PAGE
