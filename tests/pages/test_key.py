"""A person gives the pages a key, uses it, and takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.lab import Lab
from tests.pages.conftest import Visit, sign_in


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_key_is_given_shown_by_name_and_taken_back(visit: Visit, site: Lab, scripts: bool) -> None:
    page = visit("/key", scripts=scripts)
    page.get_by_label("Key").fill("exo_nonsense")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#fault-key")).to_contain_text("Check that it was copied completely")
    assert "nonsense" not in page.content()
    sign_in(page, site.key)
    expect(page.get_by_role("banner")).to_contain_text("Key: tests")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner")).to_contain_text("Sign in")
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    assert site.key not in str(page.context.cookies())


def test_a_key_that_was_revoked_says_what_to_do(visit: Visit, site: Lab) -> None:
    made = site.ask("POST", "/v1/keys", json={"name": "for a day", "scopes": ["curate"]}).json()
    page = visit()
    sign_in(page, made["key"])
    assert site.ask("DELETE", f"/v1/keys/{made['id']}?reason=lost").status_code == 200
    page.wait_for_timeout(1100)
    page.goto("/key")
    expect(page.get_by_role("alert")).to_contain_text("was revoked on")
    expect(page.get_by_role("banner")).to_contain_text("Key refused")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Do these exosomes suppress")
