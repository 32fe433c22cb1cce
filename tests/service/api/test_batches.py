"""A batch is there for the key that sent it, or, sent without one, for whoever knows an id that cannot be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import Settings, create_app
from service.db.jobs import new_job_id
from service.web.current import installation_of

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
READ = ["/v1/batches/{}", "/v1/batches/{}/result", "/v1/batches/{}/errors", "/v1/jobs/{}"]
PAGES = [
    "/batch/{}",
    "/batch/{}/progress",
    "/batch/{}/result",
    "/batch/{}/errors",
    "/models/jobs/{}",
    "/models/jobs/{}/progress",
]


@pytest.fixture
def app(own_var: Path) -> Flask:
    return create_app(Settings(var=own_var))


@pytest.fixture
def keys(app: Flask) -> dict[str, str]:
    """The keys of two people, of one who trains, and of an administrator; and that of nobody."""
    make = installation_of(app).keys.create
    scopes = {"anna": ["score"], "ben": ["score"], "trainer": ["score", "train"], "admin": ["admin", "score", "train"]}
    return {"nobody": ""} | {name: make(name, scope, "tests") for name, scope in scopes.items()}


def ask(client: FlaskClient, key: str, method: str, address: str) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.open(address, method=method, headers=headers).status_code


def send(client: FlaskClient, key: str) -> str:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = client.post("/v1/batches", data=TABLE, headers={"Content-Type": "text/csv", **headers})
    assert answer.status_code == 202
    return str(answer.get_json()["id"])


def listed(client: FlaskClient, key: str, query: str = "") -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return [job["id"] for job in client.get(f"/v1/jobs?{query}", headers=headers).get_json()["jobs"]]


def test_a_batch_of_a_key_is_there_for_that_key_and_for_admins_alone(app: Flask, keys: dict[str, str]) -> None:
    client = app.test_client()
    batch = send(client, keys["anna"])
    for address in READ:
        for other in ("nobody", "ben", "trainer"):
            assert ask(client, keys[other], "GET", address.format(batch)) == 404, (other, address)
        for owner in ("anna", "admin"):
            assert ask(client, keys[owner], "GET", address.format(batch)) in (200, 409), (owner, address)
    for other in ("nobody", "ben", "trainer"):
        assert ask(client, keys[other], "DELETE", f"/v1/batches/{batch}?reason=published") == 404
    assert ask(client, keys["trainer"], "POST", f"/v1/jobs/{batch}/cancel") == 404
    for page in PAGES:
        assert ask(client, "", "GET", page.format(batch)) == 404, page
    assert ask(client, keys["anna"], "GET", f"/v1/batches/{batch}/result") == 409, "it was not touched"
    assert ask(client, keys["anna"], "DELETE", f"/v1/batches/{batch}?reason=published") == 204


def test_a_batch_of_nobody_is_there_for_whoever_knows_its_id(app: Flask, keys: dict[str, str]) -> None:
    client = app.test_client()
    batch = send(client, "")
    for name in ("nobody", "ben"):
        assert ask(client, keys[name], "GET", f"/v1/batches/{batch}") == 200
    assert ask(client, "", "DELETE", f"/v1/batches/{batch}?reason=published") == 204


def test_jobs_list_only_the_batches_that_are_there_for_who_asks(app: Flask, keys: dict[str, str]) -> None:
    client = app.test_client()
    training = installation_of(app).jobs.submit("training", {}, "tests")
    batches = {name: send(client, keys[name]) for name in ("nobody", "anna", "ben")}
    assert listed(client, "") == listed(client, keys["trainer"]) == [training]
    assert sorted(listed(client, keys["anna"])) == sorted([batches["anna"], training])
    assert listed(client, keys["anna"], "kind=batch") == [batches["anna"]]
    assert sorted(listed(client, keys["admin"])) == sorted([*batches.values(), training])
    for page in ("/models", "/models/jobs", "/batch", "/metrics"):
        content = app.test_client().get(page).get_data(as_text=True)
        assert not [batch for batch in batches.values() if batch in content], page


def test_ids_have_128_random_bits_and_fit_their_column() -> None:
    ids = {new_job_id() for _ in range(1000)}
    alphabet = set("abcdefghijklmnopqrstuvwxyz234567")
    assert len(ids) == 1000
    assert all(len(job_id) <= 32 and set(job_id.removeprefix("job-")) <= alphabet for job_id in ids)
    assert min(len(job_id.removeprefix("job-")) for job_id in ids) * 5 >= 128
