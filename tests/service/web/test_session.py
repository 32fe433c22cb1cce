"""The cookie of the pages: it opens pages and never the API, no other site can make use of it, and it stops being good."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import Settings, create_app
from service.auth.keys import Keys
from service.pages import sign_in
from service.web import session
from service.web.access import require
from service.web.current import installation_of

ORIGIN = {"Origin": "http://localhost"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with one page more: it tells whose key it was asked with, and needs the scope curate to be posted to."""
    app = create_app(Settings(var=tmp_path, rate_limit=0))

    def curated() -> str:
        return str(g.principal.name)

    app.add_url_rule("/curated", f"{session.PAGES}.curated", require("curate")(curated), methods=["GET", "POST"])
    return app


@pytest.fixture
def keys(app: Flask) -> Keys:
    return installation_of(app).keys


def token(client: FlaskClient) -> str:
    (found,) = set(re.findall(r'name="csrf" value="(\w+)"', client.get("/key").text))
    return found


def give(client: FlaskClient, secret: str, **more: Any) -> TestResponse:
    form = {"key": secret, "csrf": token(client), "back": more.pop("back", "")}
    return client.post("/key", data=form, headers=ORIGIN, **more)


def test_a_key_opens_pages_and_never_the_api(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    refused = client.get("/curated", headers=PAGE)
    assert refused.status_code == 401
    assert "This needs a key with the scope curate." in refused.text
    assert "Authorization" not in refused.text
    answer = give(client, keys.create("anna", ["curate"], "tests"), back="/curated?x=1")
    assert (answer.status_code, answer.location) == (303, "/curated?x=1")
    assert client.get("/curated").text == "anna"
    refused = client.post("/v1/findings", json={"findings": []})
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")


def test_a_key_without_the_scope_says_which_is_needed_and_asks_for_another(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    give(client, keys.create("anna", ["score"], "tests"))
    answer = client.get("/curated", headers=PAGE)
    assert answer.status_code == 403
    assert "Your key does not have the scope curate" in answer.text
    assert 'name="key"' in answer.text


@pytest.mark.parametrize(
    "origin", [None, "null", "http://elsewhere.example", "https://localhost", "http://localhost:8"]
)
def test_a_form_of_another_place_is_refused(app: Flask, keys: Keys, origin: str | None) -> None:
    client = app.test_client()
    form = {"key": keys.create("anna", ["curate"], "tests"), "csrf": token(client)}
    answer = client.post("/key", data=form, headers={"Origin": origin} if origin else {})
    assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:exoscore:problem:foreign-form")


def test_a_form_needs_the_token_of_this_visit_in_a_field_or_a_header(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    for wrong in ("", "é", token(other)):
        assert client.post("/key/forget", data={"csrf": wrong}, headers=ORIGIN).status_code == 403
    assert client.post("/key/forget", headers=ORIGIN | {session.HEADER: token(client)}).status_code == 303


def test_a_form_that_stayed_open_while_a_key_was_given_can_still_be_sent(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    before = token(client)
    give(client, keys.create("anna", ["curate"], "tests"))
    assert client.post("/curated", data={"csrf": before}, headers=ORIGIN).status_code in (200, 403)
    assert token(client) == before


def test_the_cookie_is_signed_closed_to_scripts_and_other_sites_and_secure_over_https(app: Flask, keys: Keys) -> None:
    secret = keys.create("anna", ["curate"], "tests")
    client = app.test_client()
    (cookie,) = give(client, secret).headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    expires = parsedate_to_datetime(cookie.partition("Expires=")[2].partition(";")[0])
    assert timedelta(0) <= datetime.now(UTC) + session.LIFETIME - expires < timedelta(minutes=5)
    assert "Secure" not in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    client.set_cookie(session.COOKIE, value[:-2] + ("AA" if value[-2:] != "AA" else "BB"))
    refused = client.get("/curated", headers=PAGE)
    assert refused.status_code == 401
    assert "This needs a key with the scope curate." in refused.text
    assert "Authorization" not in refused.text
    secure = app.test_client().get("/key", base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure.split("; ")


def test_the_cookie_ends_by_itself_and_holds_no_longer_than_its_key(app: Flask, keys: Keys) -> None:
    secret = keys.create("anna", ["curate"], "tests")
    client = app.test_client()
    give(client, secret)
    assert client.get("/curated").status_code == 200
    keys.revoke(keys.get(secret).key_id, "tests", "lost")
    answer = client.get("/curated", headers=PAGE)
    assert answer.status_code == 401
    assert "was revoked on" in answer.text
    assert "was revoked on" in client.get("/key").text
    fresh = app.test_client()
    give(fresh, keys.create("anna", ["curate"], "tests"))
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert fresh.get("/curated", headers=PAGE).status_code == 401


def test_another_installations_cookie_is_not_good(app: Flask, keys: Keys, tmp_path: Path) -> None:
    client, elsewhere = app.test_client(), create_app(Settings(var=tmp_path / "other")).test_client()
    give(client, keys.create("anna", ["curate"], "tests"))
    cookie = client.get_cookie(session.COOKIE)
    assert cookie
    elsewhere.set_cookie(session.COOKIE, cookie.value)
    assert "Sign in" in elsewhere.get("/key").text


def test_what_is_posted_without_a_key_says_that_nothing_was_changed(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/curated", data={"csrf": token(client)}, headers=ORIGIN | PAGE)
    assert answer.status_code == 401
    assert "the form is sent again as you filled it in" in answer.text


@pytest.mark.parametrize(
    "address", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "x", "/a\nb", ""]
)
def test_nobody_is_sent_to_another_place(address: str) -> None:
    assert sign_in.back_to(address) == ""


def test_a_key_is_never_shown(app: Flask) -> None:
    answer = give(app.test_client(), "exo_0123456789_" + "x" * 43)
    assert answer.status_code == 403
    assert "x" * 43 not in answer.text


def test_the_cookie_does_not_hold_the_key(app: Flask, keys: Keys) -> None:
    secret = keys.create("anna", ["curate"], "tests")
    client = app.test_client()
    give(client, secret)
    cookie = client.get_cookie(session.COOKIE)
    assert cookie
    payload = cookie.value.removeprefix(".").partition(".")[0]
    readable = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert keys.get(secret).key_id.encode() in readable
    assert secret.split("_", 2)[2].encode() not in readable
    assert secret.encode() not in readable


def test_batches_of_a_session_are_remembered_until_the_key_is_taken_out(app: Flask, keys: Keys) -> None:
    def visit() -> list[str]:
        for number in range(session.MAX_BATCHES + 2):
            session.add_batch(f"batch-{number}")
        session.add_batch("batch-5")
        return session.batches()

    app.add_url_rule("/visit", f"{session.PAGES}.visit", require(None)(visit))
    client = app.test_client()
    give(client, keys.create("anna", ["curate"], "tests"))
    remembered = client.get("/visit").get_json()
    assert remembered[:2] == ["batch-5", f"batch-{session.MAX_BATCHES + 1}"]
    assert len(remembered) == len(set(remembered)) == session.MAX_BATCHES
    client.post("/key/forget", data={"csrf": token(client)}, headers=ORIGIN)
    assert "You are signed out" in client.get("/key").text
    assert "You are signed out" not in client.get("/key").text
    assert client.get("/curated", headers=PAGE).status_code == 401


def test_the_api_neither_reads_nor_sets_a_cookie(app: Flask, keys: Keys) -> None:
    client = app.test_client()
    give(client, keys.create("anna", ["curate"], "tests"))
    answer = client.get("/v1/vocabulary")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
