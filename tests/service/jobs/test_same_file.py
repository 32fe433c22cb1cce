"""The same file of the same sender is the same batch, however many send it at once; of others it is another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from models.estimator.artifact import Bundle
from service import create_app
from service.auth.keys import Principal
from service.batch.formats import Format
from service.db.tables import Job, now
from service.installation import Installation
from service.jobs import batch_uploads
from service.jobs.process import run_job
from service.settings import Settings
from service.web.current import installation_of
from tests.threads import in_threads

TABLE = b"source_phenotype,cargo_type,cargo_name\nM2,mirna,miR-21\n"
REQUEST = batch_uploads.BatchRequest(Format.CSV, Format.JSONL, (), keep=False, bad_rows="drop", partial=True, model="")


@pytest.fixture
def installation(address: str, tmp_path: Path, produced: Bundle) -> Iterator[Installation]:
    opened = Installation.open(Settings(var=tmp_path / "var", database_url=address))
    opened.registry.save(produced, "tests")
    opened.registry.promote(produced.id, "tests")
    yield opened
    opened.close()


def send(
    installation: Installation, table: bytes = TABLE, author: str = "anna", key: str = "", **changed: Any
) -> dict[str, Any]:
    request = replace(REQUEST, **changed)
    return batch_uploads.create(installation, BytesIO(table), request, author, key, own=None)


def folders(installation: Installation) -> set[str]:
    return {folder.name for folder in (installation.settings.var / batch_uploads.FOLDER).iterdir()}


def work(installation: Installation, job_id: str) -> str:
    lease = installation.jobs.lease(job_id)
    assert lease
    run_job(installation, lease)
    return installation.jobs.get(job_id).state


def test_a_file_that_is_sent_again_is_the_batch_that_it_was(installation: Installation) -> None:
    first = send(installation)
    assert not first["duplicate"]
    assert send(installation) == first | {"duplicate": True}
    assert work(installation, first["id"]) == "done"
    again = send(installation)
    assert (again["id"], again["duplicate"], again["state"]) == (first["id"], True, "done")
    assert folders(installation) == {first["id"]}


def test_what_differs_in_bytes_options_model_or_sender_is_another(installation: Installation) -> None:
    ids = {
        send(installation)["id"],
        send(installation, TABLE + b"\n")["id"],
        send(installation, author="ben")["id"],
        send(installation, keep=True)["id"],
        send(installation, target=Format.CSV)["id"],
        send(installation, constants={"cancer_type": "glioma"})["id"],
        send(installation, strict=True)["id"],
    }
    assert len(ids) == 7
    # A model that is named is the same as the one in use, as long as that is in use.
    assert send(installation, model=installation.registry.current_id())["id"] in ids


def test_many_who_send_a_file_at_once_make_one_batch(installation: Installation) -> None:
    batches: list[dict[str, Any]] = []
    assert in_threads(lambda place: batches.append(send(installation)), 8) == []
    assert len({batch["id"] for batch in batches}) == 1
    assert sorted(batch["duplicate"] for batch in batches) == [False] + [True] * 7
    assert folders(installation) == {batches[0]["id"]} == set(installation.jobs.queued())


@pytest.mark.parametrize("end", ["failed", "cancelled", "cancelling", "removed", "expired"])
def test_a_batch_that_came_to_nothing_or_is_gone_is_not_found_again(installation: Installation, end: str) -> None:
    batch_id = send(installation)["id"]
    if end == "failed":
        lease = installation.jobs.lease(batch_id)
        assert lease
        installation.jobs.fail(lease, "no")
    elif end == "cancelled":
        installation.jobs.cancel(batch_id, "anna")
    elif end == "cancelling":
        installation.jobs.lease(batch_id)
        assert installation.jobs.cancel(batch_id, "anna") == "running"
    else:
        assert work(installation, batch_id) == "done"
        if end == "removed":
            batch_uploads.remove(installation, batch_id, Principal("", "", ("admin",)), "to test")
        else:
            old = now() - timedelta(days=installation.settings.batch_days + 1)
            with installation.database.write() as session:
                session.execute(update(Job).where(Job.job_id == batch_id).values(finished=old))
    fresh = send(installation)
    assert not fresh["duplicate"]
    assert fresh["id"] != batch_id


def test_an_idempotency_key_goes_before_the_content(installation: Installation) -> None:
    first = send(installation, key="one")
    assert send(installation, key="one") == first
    other = send(installation, key="two")
    assert (other["id"], other["duplicate"]) == (first["id"], True)
    installation.jobs.cancel(first["id"], "anna")
    assert send(installation, key="one")["id"] == first["id"]
    assert send(installation, key="three")["id"] != first["id"]


def post(client: FlaskClient, query: str = "", key: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "text/csv"} | ({"Authorization": f"Bearer {key}"} if key else {})
    answer = client.post(f"/v1/batches{query}", data=TABLE, headers=headers)
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(answer.get_json()["id"])
    found: dict[str, Any] = answer.get_json()
    return found


def app_of(own_var: Path, **settings: Any) -> Flask:
    return create_app(Settings(var=own_var, **settings))


def test_over_http_it_is_found_again_by_key_and_made_anew_where_that_is_asked_for(own_var: Path) -> None:
    app = app_of(own_var)
    anna, ben = (installation_of(app).keys.create(name, ["score"], "tests") for name in ("anna", "ben"))
    client = app.test_client()
    first = post(client, key=anna)
    assert post(client, key=anna) == first | {"duplicate": True}
    assert post(client, key=ben)["id"] != first["id"]
    fresh = post(client, "?again=true", key=anna)
    assert (fresh["duplicate"], fresh["id"] != first["id"]) == (False, True)
    assert "duplicate" not in client.get(fresh["links"]["self"], headers={"Authorization": f"Bearer {anna}"}).json


OF_MANY = ({"host": "0.0.0.0", "allow_open": True}, {"trusted_proxies": 1}, {"allowed_hosts": "lab.example"})


@pytest.mark.parametrize("settings", OF_MANY, ids=str)
def test_strangers_without_keys_are_not_handed_the_batches_of_each_other(own_var: Path, settings: Any) -> None:
    client = app_of(own_var, **settings).test_client()
    assert post(client)["id"] != post(client)["id"]


def test_whoever_is_alone_on_their_machine_needs_no_key(own_var: Path) -> None:
    client = app_of(own_var).test_client()
    assert post(client)["id"] == post(client)["id"]
