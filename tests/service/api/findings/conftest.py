"""An application on both databases, and what is sent to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import Settings, create_app
from service.installation import Installation
from service.web.current import installation_of
from tests.servers import PostgreSQL
from tests.service.api.findings.answers import Cells

numbers = itertools.count()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    address = ""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        address = server.database()
    app = create_app(Settings(var=tmp_path_factory.mktemp("var"), database_url=address))
    yield app
    installation_of(app).close()


@pytest.fixture
def installation(app: Flask) -> Installation:
    return installation_of(app)


@pytest.fixture(scope="session")
def key(app: Flask) -> dict[str, str]:
    return {"Authorization": f"Bearer {installation_of(app).keys.create('anna', ['score', 'curate'], 'tests')}"}


@pytest.fixture
def paper() -> str:
    return f"lab:{next(numbers)}"


@pytest.fixture
def good(paper: str) -> Cells:
    return {
        "paper": paper,
        "source_phenotype": "M2",
        "cargo_type": "mirna",
        "cargo_name": "miR-146a",
        "effect": "promoting",
    }


@pytest.fixture
def post(client: FlaskClient, key: dict[str, str]) -> Callable[..., TestResponse]:
    def send(*rows: object, **given: Any) -> TestResponse:
        headers = key | given.pop("headers", {})
        return client.post("/v1/findings", json={"findings": list(rows), **given}, headers=headers)

    return send


@pytest.fixture
def added(post: Callable[..., TestResponse], good: Cells) -> str:
    """The address of a finding of the lab's own."""
    finding_id = post(good).get_json()["added"][0]["finding_id"]
    return f"/v1/findings/{finding_id}"


@pytest.fixture
def patch(client: FlaskClient, key: dict[str, str], added: str) -> Callable[..., TestResponse]:
    def send(revision: object, **body: Any) -> TestResponse:
        return client.patch(added, json=body, headers=key | {"If-Match": f'"{revision}"'})

    return send
