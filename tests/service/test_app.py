"""The application factory: no global state, problems for every error, probes that tell the truth."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.db.tables import ModelRow
from service.installation import Installation
from service.registry.model_registry import POLL_SECONDS

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def test_two_applications_in_one_process_do_not_share_their_models(trained_var: Path, tmp_path: Path) -> None:
    with_model = create_app(Settings(var=trained_var)).test_client()
    without = create_app(Settings(var=tmp_path)).test_client()
    assert with_model.get("/readyz").status_code == 200
    assert without.get("/readyz").status_code == 503
    assert without.get("/healthz").status_code == 200
    answer = without.post("/v1/scores", json={"candidates": [MIR21]})
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "exoscore train" in answer.get_json()["detail"]


def test_a_model_whose_bytes_were_changed_is_refused(tmp_path: Path, produced: Bundle) -> None:
    installation = Installation.open(Settings(var=tmp_path))
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    with installation.database.write() as session:
        row = session.get_one(ModelRow, produced.id)
        row.bundle = row.bundle[:-9] + bytes([row.bundle[-9] ^ 1]) + row.bundle[-8:]
    client = create_app(Settings(var=tmp_path)).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert produced.id in answer.get_json()["checks"]["model"]["says"]
    assert client.post("/v1/scores", json={"candidates": [MIR21]}).status_code == 503
    installation.registry.save(produced, "tests")
    installation.close()
    assert create_app(Settings(var=tmp_path)).test_client().get("/readyz").status_code == 200


def test_a_promotion_is_seen_by_an_application_that_runs(tmp_path: Path, produced: Bundle) -> None:
    installation = Installation.open(Settings(var=tmp_path))
    client = create_app(Settings(var=tmp_path)).test_client()
    assert client.get("/readyz").status_code == 503
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    installation.close()
    time.sleep(POLL_SECONDS)
    assert client.get("/readyz").get_json()["model"] == produced.id


def test_a_defect_is_a_problem_that_tells_nothing_of_the_inside(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(app.extensions["exoscore"].registry, "scorer", defect)
    answer = client.post("/v1/scores", json={"candidates": [MIR21]})
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "secret" not in answer.get_data(as_text=True)


def test_the_vocabulary_lists_every_field_and_is_not_sent_twice(client: FlaskClient) -> None:
    answer = client.get("/v1/vocabulary")
    fields = answer.get_json()["fields"]
    assert len(fields["source_cell"]) == 21
    assert any(term["term"] == "M1" for term in fields["source_phenotype"])
    again = client.get("/v1/vocabulary", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert list(client.get("/v1/vocabulary?field=species").get_json()["fields"]) == ["species"]


def test_the_documentation_needs_nothing_from_the_network(client: FlaskClient) -> None:
    page = client.get("/docs").get_data(as_text=True)
    assert re.findall(r"""(?:src|href)=["']?[a-z]*:?//""", page) == []
    script = page.partition('src="')[2].partition('"')[0]
    with client.get(script) as found:
        assert found.status_code == 200
