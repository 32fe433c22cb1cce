"""Keys and the audit over HTTP and on the command line: the same core, the same words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from service import Settings, create_app
from service.auth.keys import SCOPES, Keys
from service.cli import main
from service.db.tables import now
from service.web.current import installation_of


@pytest.fixture
def service(tmp_path: Path) -> Flask:
    return create_app(Settings(var=tmp_path))


@pytest.fixture
def keys(service: Flask) -> Keys:
    return installation_of(service).keys


@pytest.fixture
def admin(service: Flask, keys: Keys) -> FlaskClient:
    """Somebody who may do everything."""
    client = service.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {keys.create('root', SCOPES, 'tests')}"
    return client


WHY = ("--reason", "lost")


def run(var: Path, *words: str) -> Result:
    return CliRunner(env={"EXOSCORE_VAR": str(var)}).invoke(main, list(words))


def test_a_key_is_told_once_over_http_opens_its_scopes_and_is_revoked(service: Flask, admin: FlaskClient) -> None:
    made = admin.post("/v1/keys", json={"name": "ben", "scopes": ["train", "curate"]})
    document = made.get_json()
    key = document.pop("key")
    assert (made.status_code, document["scopes"], document["state"]) == (201, ["curate", "train"], "good")
    assert made.headers["Cache-Control"] == "no-store"
    listed = admin.get("/v1/keys")
    assert document in listed.get_json()["keys"]
    assert key.split("_", 2)[2] not in listed.get_data(as_text=True)
    ben = {"Authorization": f"Bearer {key}"}
    assert service.test_client().post("/v1/trainings", json={}, headers=ben).status_code == 202
    revoked = admin.delete(f"/v1/keys/{document['id']}?reason=lost")
    assert (revoked.status_code, revoked.get_json()["state"]) == (200, "revoked")
    assert service.test_client().post("/v1/trainings", json={}, headers=ben).status_code == 401
    assert admin.delete(f"/v1/keys/{document['id']}?reason=lost").get_json() == revoked.get_json()
    assert admin.delete("/v1/keys/nobody?reason=lost").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/name", "/scopes"}),
        ({"name": "", "scopes": []}, {"/name", "/scopes"}),
        ({"name": "x" * 101, "scopes": ["score"]}, {"/name"}),
        ({"name": "\x00", "scopes": ["score"]}, {"/name"}),
        ({"name": "ben", "scopes": ["score", "writ"]}, {"/scopes/1"}),
        ({"name": "ben", "scopes": "score"}, {"/scopes"}),
        ({"name": "ben", "scopes": ["score"], "expires": "2001-01-01T00:00:00Z"}, {"/expires"}),
        ({"name": "ben", "scopes": ["score"], "expires": "2101-01-01T00:00:00"}, {"/expires"}),
        ({"name": "ben", "scopes": ["score"], "colour": "red"}, {"/colour"}),
    ],
)
def test_a_request_that_cannot_be_met_names_every_bad_field_and_makes_no_key(
    admin: FlaskClient, keys: Keys, body: dict[str, Any], pointers: set[str]
) -> None:
    before = len(keys.all())
    answer = admin.post("/v1/keys", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert {error["pointer"] for error in answer.get_json()["errors"]} == pointers
    assert len(keys.all()) == before


def test_the_words_for_an_unknown_scope_name_the_right_ones_at_both_doors(admin: FlaskClient, tmp_path: Path) -> None:
    over_http = admin.post("/v1/keys", json={"name": "ben", "scopes": ["writ"]}).get_json()["errors"][0]["detail"]
    done = run(tmp_path, "keys", "create", "--name", "ben", "--scopes", "score,writ")
    assert done.exit_code == 2
    for words in (over_http, done.stderr):
        assert all(scope in words for scope in SCOPES)


def test_the_command_prints_a_key_that_works_and_the_list_never_shows_it(tmp_path: Path, keys: Keys) -> None:
    done = run(tmp_path, "keys", "create", "--name", "anna", "--scopes", "curate, train", "--expires", "30", "--json")
    made = json.loads(done.stdout)
    assert keys.holder(made["key"]).scopes == ("curate", "train")
    ends = datetime.fromisoformat(made["expires"]) - now()
    assert timedelta(days=29) < ends <= timedelta(days=30)
    plain = run(tmp_path, "keys", "create", "--name", "ben", "--scopes", "score")
    assert keys.holder(plain.stdout.strip()).name == "ben"
    listed = [run(tmp_path, "keys", "list", *how).stdout for how in ((), ("--json",))]
    for text in listed:
        assert {"anna", "ben"} <= set(text.replace('"', " ").replace(",", " ").split())
        assert made["key"].split("_", 2)[2] not in text
    assert json.loads(listed[1])["keys"][0] == {name: value for name, value in made.items() if name != "key"}


@pytest.mark.parametrize(
    ("expires", "status"), [("2101-03-04", 0), ("0", 2), ("2001-01-01", 2), ("soon", 2), ("-5", 2), ("9" * 12, 2)]
)
def test_an_expiry_is_days_or_a_date_to_come(tmp_path: Path, keys: Keys, expires: str, status: int) -> None:
    done = run(tmp_path, "keys", "create", "--name", "anna", "--scopes", "score", f"--expires={expires}", "--json")
    assert done.exit_code == status, done.output
    if status == 0:
        assert [key.expires for key in keys.all()] == [datetime(2101, 3, 4, tzinfo=UTC)]
    else:
        assert keys.all() == []


def test_a_key_is_revoked_by_its_id_and_an_unknown_id_is_told(tmp_path: Path, keys: Keys) -> None:
    key_id = keys.get(keys.create("anna", ["score"], "tests")).key_id
    assert json.loads(run(tmp_path, "keys", "revoke", key_id, "--json", *WHY).stdout)["state"] == "revoked"
    assert run(tmp_path, "keys", "revoke", key_id, *WHY).exit_code == 0
    wrong = run(tmp_path, "keys", "revoke", "nobody", *WHY)
    assert (wrong.exit_code, "exoscore keys list" in wrong.stderr) == (1, True)


def test_the_audit_tells_who_did_what_by_the_page_and_by_what_is_asked_for(
    admin: FlaskClient, keys: Keys, tmp_path: Path
) -> None:
    for number in range(5):
        admin.post("/v1/keys", json={"name": f"key {number}", "scopes": ["score"]})
    key_id = keys.all()[-1].key_id
    admin.delete(f"/v1/keys/{key_id}?reason=lost")
    run(tmp_path, "keys", "create", "--name", "anna", "--scopes", "score")

    entries = []
    asked, pages = "/v1/audit?limit=3", 0
    while asked:
        page = admin.get(asked).get_json()
        entries += page["entries"]
        pages += 1
        asked = page["next"] and f"/v1/audit?limit=3&cursor={page['next']}"
    assert pages == -(-len(entries) // 3)
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    assert entries == admin.get("/v1/audit?limit=500").get_json()["entries"]
    assert entries == json.loads(run(tmp_path, "audit", "--limit", "500", "--json").stdout)["entries"]
    assert "on the command line" in entries[0]["author"]

    def only(**query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = admin.get("/v1/audit", query_string=query).get_json()["entries"]
        return found

    root = keys.all()[0].key_id
    assert only(action="key.") == [entry for entry in entries if entry["action"].startswith("key.")]
    assert only(action="key.revoke", subject=key_id) == [entry for entry in entries if entry["action"] == "key.revoke"]
    assert only(author=root) == [entry for entry in entries if root in entry["author"]] != []
    assert only(author="%") == only(action="_") == only(subject="nobody") == []
    table = run(tmp_path, "audit", "--action", "key.revoke").stdout
    assert key_id in table
    assert "key.create" not in table


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=x", "colour=red"])
def test_a_query_that_cannot_be_understood_names_the_parameter(admin: FlaskClient, query: str) -> None:
    answer = admin.get(f"/v1/audit?{query}")
    assert (answer.status_code, answer.get_json()["errors"][0]["parameter"]) == (422, query.partition("=")[0])


def test_a_cursor_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "keys", "create", "--name", "ben", "--scopes", "train").exit_code == 0
    assert run(tmp_path, "audit", "--cursor", "x").exit_code == 2
