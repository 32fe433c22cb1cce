"""A browser before a real server: Debian's Chromium, driven by Playwright. Both are started once a run.

A test opens pages with `visit`. Whatever it does with them, no page may raise an error in a script, or do what the content
security policy forbids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from models.estimator.artifact import Bundle
from tests.journeys.lab import Lab, make_lab
from tests.servers import program

# How long a page may take to do what is expected of it, on a machine that has much else to do.
PATIENCE_MS = 30_000
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Iterator[Lab]:
    """A running installation with a current model, and a key of every scope."""
    site = make_lab(tmp_path_factory.mktemp("site"), produced, workers=1, rate_limit=0)
    site.start()
    try:
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = program("chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cookies(browser: Browser, site: Lab) -> list[Any]:
    """The cookies of a person who has given a key of every scope."""
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    sign_in(page, site.key)
    found = context.cookies()
    context.close()
    return found


@dataclass
class Visit:
    """Opens pages of the site, each in a browser without a past."""

    browser: Browser
    address: str
    cookies: list[Any]
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __call__(
        self,
        path: str = "",
        *,
        scripts: bool = True,
        signed_in: bool = False,
        size: dict[str, int] = DESK,
        **options: Any,
    ) -> Page:
        """A page of the site. `scripts` says whether they run, `signed_in` whether a key was given before, `options` are those
        of Playwright's contexts."""
        context = self.browser.new_context(base_url=self.address, java_script_enabled=scripts, viewport=size, **options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if signed_in:
            context.add_cookies(self.cookies)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._listen)
        if path:
            page.goto(path)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)


@pytest.fixture
def visit(browser: Browser, site: Lab, cookies: list[Any]) -> Iterator[Visit]:
    visit = Visit(browser, site.address, cookies)
    yield visit
    for context in visit.contexts:
        context.close()
    assert visit.faults == []


def sign_in(page: Page, key: str) -> None:
    """Gives a key to the pages, as a person does."""
    page.goto("/key")
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def faults_of(page: Page) -> list[Any]:
    """What axe finds wrong with a page, and where it does not fit its window."""
    found = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(("too wide", []))
    return found
