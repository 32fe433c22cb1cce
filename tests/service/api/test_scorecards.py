"""A score card is JSON or a table, as the Accept header or the parameter says, of the model that is asked for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from models.estimator.artifact import Bundle

TSV = "text/tab-separated-values"


@pytest.fixture
def address(produced: Bundle) -> str:
    return f"/v1/models/{produced.id}/scorecard"


def test_the_card_is_json_unless_a_table_is_asked_for(client: FlaskClient, address: str, produced: Bundle) -> None:
    document = client.get(address).get_json()
    assert document["model"] == produced.id
    assert document["rows"][0]["points"]["native"] == pytest.approx(produced.model.baseline, abs=1e-6)
    for response in (client.get(address, headers={"Accept": TSV}), client.get(f"{address}?format=tsv")):
        assert response.mimetype == TSV
        assert response.headers["Vary"] == "Accept"
        header, *lines = response.text.splitlines()
        assert header == "field\tlevel\tof\tterms\tnative\tenriched\tloaded\tdepleted"
        assert len(lines) == len(document["rows"])
    assert client.get(f"{address}?format=json", headers={"Accept": TSV}).get_json() == document


def test_cargos_are_listed_where_they_are_asked_for(client: FlaskClient, address: str) -> None:
    short, whole = (client.get(f"{address}?cargos={cargos}").get_json()["rows"] for cargos in ("false", "true"))
    named = {row["level"] for row in whole if row["field"] == "cargo_name"}
    assert {"miR-21-5p", "TP53", "MALAT1"} <= named
    assert {row["level"] for row in short if row["field"] == "cargo_name"} == {"any other"}


def test_what_is_no_card_is_refused(client: FlaskClient, address: str) -> None:
    refused = client.get(address, headers={"Accept": "text/html"})
    assert refused.status_code == 406
    assert "A score card is available as application/json or text/tab-separated-values" in refused.get_json()["detail"]
    assert client.get(f"{address}?format=csv").status_code == 422
    assert client.get("/v1/models/exo-000000000000/scorecard").status_code == 404
