"""`/help` serves what `make docs` has built and nothing else, under a policy that names every inline script by its digest."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.pages import manual, static_files
from service.web.middleware import CONTENT_SECURITY_POLICY

SCRIPT = "document.title = 'Help – é'"
BUNDLE = "assets/bundle.0123abcd.min.js"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small manual, beside a file that is no part of it."""
    folder = tmp_path / "manual"
    (folder / "tutorial").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(f'<script>{SCRIPT}</script><script src="{BUNDLE}"></script>', "utf-8")
    (folder / "tutorial" / "index.html").write_text("<h1>Tutorial</h1>", "utf-8")
    (folder / BUNDLE).write_text("0", "utf-8")
    (tmp_path / "secret.html").write_text("<h1>Secret</h1>", "utf-8")
    monkeypatch.setattr(manual, "FOLDER", folder)
    return folder


def policy_of(client: FlaskClient, address: str) -> str:
    """The policy of a page."""
    with client.get(address) as page:
        return page.headers[CONTENT_SECURITY_POLICY]


@pytest.mark.usefixtures("built")
def test_a_page_may_run_its_own_scripts_and_no_others(client: FlaskClient) -> None:
    policy = policy_of(client, "/help/")
    digest = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert "://" not in policy
    assert "script-src 'self';" in policy_of(client, "/help/tutorial/")


def test_the_policy_follows_a_page_that_was_built_anew(client: FlaskClient, built: Path) -> None:
    policy_of(client, "/help/")
    (built / "index.html").unlink()
    (built / "index.html").write_text("<script>other()</script>", "utf-8")
    digest = b64encode(hashlib.sha256(b"other()").digest()).decode()
    assert digest in policy_of(client, "/help/")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/help", "/help/tutorial"])
def test_a_folder_without_its_slash_is_one_step_from_its_page(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 308
    with client.get(first.location) as page:
        assert page.status_code == 200


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    [
        "../secret.html",
        "%2e%2e/secret.html",
        "..%2fsecret.html",
        "tutorial/../../secret.html",
        "..\\secret.html",
        "%00",
        "a" * 5000,
        "nothing/",
        "index.html/",
        "/etc/passwd",
        "assets/",
    ],
)
def test_nothing_beside_the_manual_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/help/{path}", follow_redirects=True).status_code == 404


@pytest.mark.usefixtures("built")
def test_what_is_unchanged_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/help/") as page:
        assert page.cache_control.no_cache
    with client.get("/help/", headers={"If-None-Match": page.headers["ETag"]}) as again:
        assert again.status_code == 304
    with client.get(f"/help/{BUNDLE}") as asset:
        assert asset.cache_control.immutable
        assert asset.cache_control.max_age == static_files.KEPT_SECONDS


def test_without_a_manual_the_page_says_what_builds_it(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manual, "FOLDER", tmp_path / "none")
    for path in ("/help/", "/help/glossary/"):
        page = client.get(path)
        assert page.status_code == 404
        assert "make docs" in page.text
        assert "Exoscore</title>" in page.text
