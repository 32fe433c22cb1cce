"""`store=false`: nothing of a request is counted or kept, by whichever way it comes; without it, it is counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service import Settings, create_app
from service.db.tables import Base
from service.web.access import LINES
from service.web.current import installation_of

ONE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
ADDRESS = "source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21-5p"


@pytest.fixture
def counting(own_var: Path) -> Iterator[Flask]:
    app = create_app(Settings(var=own_var))
    yield app
    installation_of(app).close()


def state(app: Flask) -> tuple[dict[str, int], str]:
    """How many rows each table has, and what the metrics say of scores."""
    installation = installation_of(app)
    installation.submissions.flush()
    with installation.database.read() as session:
        rows = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
    metrics = app.test_client().get("/metrics").text.splitlines()
    of_scores = ("exoscore_scores", "exoscore_undetermined", "exoscore_outside")
    return rows, "\n".join(line for line in metrics if line.startswith(of_scores))


def as_json(client: FlaskClient, query: str) -> None:
    assert client.post(f"/v1/scores{query}", json={"candidates": [ONE]}).status_code == 200


def as_lines(client: FlaskClient, query: str) -> None:
    answer = client.post(f"/v1/scores{query}", data=json.dumps(ONE), headers={"Content-Type": LINES})
    assert json.loads(answer.data)["label"]


def as_tensors(client: FlaskClient, query: str) -> None:
    inputs = [{"name": name, "datatype": "BYTES", "shape": [1], "data": [value]} for name, value in ONE.items()]
    parameters = {"parameters": {"store": False}} if query else {}
    assert client.post("/v2/models/exoscore/infer", json={"inputs": inputs} | parameters).status_code == 200


def choose(client: FlaskClient, count: str) -> None:
    """Has what is scored on the pages counted, or not."""
    (token,) = set(re.findall(r'name="csrf" value="(\w+)"', client.get("/key").text))
    form = {"count": count, "csrf": token}
    assert client.post("/key/counting", data=form, headers={"Origin": "http://localhost"}).status_code == 303


def on_the_page(client: FlaskClient, query: str) -> None:
    choose(client, "false" if query else "true")
    assert client.get(f"/?{ADDRESS}").status_code == 200


def in_comparison(client: FlaskClient, query: str) -> None:
    choose(client, "false" if query else "true")
    numbered = "&".join(f"c1.{part}" for part in ADDRESS.split("&"))
    assert client.get(f"/compare?{numbered}").status_code == 200
    assert client.get(f"/compare.csv?{numbered}").status_code == 200


WAYS = (as_json, as_lines, as_tensors, on_the_page, in_comparison)


@pytest.mark.parametrize("send", WAYS)
def test_nothing_is_counted_or_kept_of_what_is_not_to_be_stored(counting: Flask, send) -> None:  # type: ignore[no-untyped-def]
    client = counting.test_client()
    before = state(counting)
    send(client, "?store=false")
    assert state(counting) == before
    send(client, "")
    rows, metrics = state(counting)
    assert rows["submissions"] > before[0]["submissions"]
    assert metrics != before[1]


def test_reports_and_designs_that_are_ranked_at_once_are_never_counted_or_kept(counting: Flask) -> None:
    client = counting.test_client()
    before = state(counting)
    assert client.get(f"/v1/reports?{ADDRESS}").status_code == 200
    assert client.post("/v1/designs", json={"fixed": ONE, "vary": {"cargo_state": "known"}}).status_code == 200
    assert state(counting) == before
