"""Claims over every page, in every state: it can be used by keyboard and screen reader, in light and dark, on a phone; it is
small and quick, and nothing in it moves.
"""

from __future__ import annotations

import time

import pytest
from flask import Flask

from tests.pages.addresses import ADDRESSES, MIR21, WITH_KEY
from tests.pages.conftest import PHONE, Visit, faults_of

PAGES = pytest.mark.parametrize("address", (ADDRESSES | WITH_KEY).values(), ids=ADDRESSES | WITH_KEY)
# Elements of the browser's own that say how much a page moved by itself while it was made.
MOVED = """() => new Promise(done => {
  let moved = 0
  new PerformanceObserver(list => list.getEntries().forEach(one => { if (!one.hadRecentInput) moved += one.value }))
    .observe({type: 'layout-shift', buffered: true})
  requestAnimationFrame(() => setTimeout(() => done(moved), 50))
})"""
SENT = """() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
  .reduce((all, one) => all + one.decodedBodySize, 0)"""
# Where the parts of the head are, and how wide the content is.
FRAME = """() => [...document.querySelectorAll('header.site a, main')].map(one => one.getBoundingClientRect())
  .map(box => [box.left, box.width])"""
WIDTHS = {"phone": 390, "tablet": 768, "desk": 1280, "wide": 1600}
LARGEST, SLOWEST_SECONDS = 100_000, 0.2


def test_every_page_is_among_the_addresses(app: Flask) -> None:
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ()) and not rule.arguments
    }
    files = {"/compare.csv", "/batch/template.csv", "/batch/example.csv"}
    assert rules - files - {"/position"} <= {address.partition("?")[0] for address in (ADDRESSES | WITH_KEY).values()}


@PAGES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_fault_that_axe_knows(visit: Visit, address: str, scheme: str) -> None:
    page = visit(address, signed_in=address in WITH_KEY.values(), color_scheme=scheme)
    assert faults_of(page) == []


@PAGES
def test_a_page_fits_a_phone_and_does_not_move(visit: Visit, address: str) -> None:
    page = visit(address, signed_in=address in WITH_KEY.values(), size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(MOVED) == 0


@PAGES
def test_a_page_begins_with_a_way_to_its_content_and_has_one_heading(visit: Visit, address: str) -> None:
    page = visit(address, signed_in=address in WITH_KEY.values())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("contentinfo").inner_text().startswith("For research use only")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_nothing_in_the_head_moves_from_page_to_page(visit: Visit, width: int) -> None:
    page = visit("/", size={"width": width, "height": 900})
    frames = []
    for address in ("/", MIR21, "/compare", "/design", "/batch", "/findings", "/models", "/key", "/nothing"):
        page.goto(address)
        frames.append(page.evaluate(FRAME))
    assert frames == [frames[0]] * len(frames)


def test_every_page_says_what_the_site_is_and_leads_to_its_documentation(visit: Visit) -> None:
    page = visit("/nothing")
    described = page.locator('meta[name="description"], meta[property="og:description"]')
    assert all("exosomes" in str(one.get_attribute("content")) for one in described.all())
    assert str(page.locator('meta[property="og:title"]').get_attribute("content")) in page.title()
    foot = page.get_by_role("contentinfo")
    for title in ("About", "How it works", "Help", "Glossary", "Cite", "Data and licence"):
        assert str(foot.get_by_role("link", name=title, exact=True).get_attribute("href")).startswith("/help/")


def test_the_first_page_is_small_and_quick_and_its_files_are_kept_for_good(visit: Visit) -> None:
    page = visit("/")
    assert page.evaluate(SENT) < LARGEST
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        page.goto("/", wait_until="commit")
        taken.append(time.perf_counter() - began)
    assert min(taken) < SLOWEST_SECONDS
    page.wait_for_load_state()
    assert page.evaluate("performance.getEntriesByType('resource').map(one => one.transferSize).every(size => !size)")


def test_light_and_dark_differ_and_paper_shows_the_report_alone(visit: Visit) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        page = visit(MIR21, color_scheme=scheme)
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Pages").is_visible()
    assert not page.get_by_text("Change the candidate").is_visible()
    assert page.get_by_text("Prediction report", exact=True).is_visible()
