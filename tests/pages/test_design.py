"""Somebody has a tumour and cells, gets a shortlist, sees why, and takes it along; with scripts and without."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.addresses import ADDRESSES, DESIGN, NO_DESIGN
from tests.pages.conftest import PHONE, Visit

ROWS = ".shortlist tbody tr"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def fill_in(page: Page) -> None:
    """Says what is aimed at and what is at hand."""
    page.get_by_label("Cancer type").fill("GBM")
    page.get_by_label("M1 macrophage", exact=True).check()
    page.get_by_label("Other cells").fill("BM-MSC\nNK-92\n")
    page.get_by_label("microRNA", exact=True).check()


@SCRIPTS
def test_from_a_tumour_and_cells_at_hand_to_a_shortlist_its_reasons_and_a_file(visit: Visit, scripts: bool) -> None:
    page = visit("/", scripts=scripts)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Design").click()
    fill_in(page)
    page.get_by_role("button", name="Propose candidates").click()
    expect(page.locator(ROWS)).to_have_count(10)
    assert "=&" not in page.url
    assert "source=M1&source=BM-MSC&source=NK-92" in page.url
    expect(page.locator(".lead")).to_contain_text("glioblastoma")
    expect(page.get_by_role("heading", name="Test first")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8"))))
    assert taken.value.suggested_filename == "design.csv"
    first = page.locator(f"{ROWS} .who a").first
    cargo = rows[0]["cargo_name"]
    expect(first).to_contain_text(cargo)
    again = visit(page.url, scripts=scripts)
    assert again.inner_text("main") == page.inner_text("main")
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"{re.escape(cargo)}.*glioblastoma"))


@SCRIPTS
def test_a_design_is_changed_and_keeps_what_was_typed(visit: Visit, scripts: bool) -> None:
    page = visit(DESIGN, scripts=scripts)
    page.get_by_label("Length of the shortlist").fill("none")
    page.get_by_label("Other cells").fill("M7")
    page.get_by_role("button", name="Propose candidates").click()
    expect(page.locator("#fault-limit")).to_have_text("Give a whole number from 1 to 100.")
    expect(page.get_by_label("Length of the shortlist")).to_have_value("none")
    expect(page.get_by_label("Other cells")).to_have_value("M7")
    expect(page.get_by_label("M1 macrophage", exact=True)).to_be_checked()
    page.get_by_label("Length of the shortlist").fill("3")
    page.get_by_role("button", name="Propose candidates").click()
    expect(page.locator("#fault-source")).to_contain_text("'M7' is not a known source cell")
    page.get_by_label("Other cells").fill("")
    page.get_by_role("button", name="Propose candidates").click()
    expect(page.locator(ROWS)).to_have_count(3)


@SCRIPTS
def test_the_example_is_compared_and_scored_as_a_file(visit: Visit, scripts: bool) -> None:
    page = visit("/design", scripts=scripts)
    page.get_by_role("link", name="For glioblastoma").click()
    expect(page.locator(ROWS)).to_have_count(10)
    page.get_by_role("link", name="Compare these").click()
    expect(page.locator(".ranks > li:not(.scale)")).to_have_count(10)
    page.go_back()
    page.get_by_role("button", name="Score as a file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your file")


@SCRIPTS
def test_more_combinations_than_a_page_ranks_are_ranked_in_the_background(visit: Visit, scripts: bool) -> None:
    page = visit(ADDRESSES["design that is too large"], scripts=scripts)
    page.get_by_role("button", name="Rank all").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Design")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert len(list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8"))))) == 10


def test_a_cancer_type_is_read_while_it_is_typed(visit: Visit) -> None:
    page = visit("/design")
    page.get_by_label("Cancer type").press_sequentially("gastrc cancer", delay=20)
    expect(page.locator("#understood-cancer_type")).to_contain_text("Did you mean gastric cancer")


def test_each_error_leads_to_its_field(visit: Visit) -> None:
    page = visit(NO_DESIGN)
    for link in page.locator(".summary-of-faults a").all():
        expect(page.locator(str(link.get_attribute("href")))).to_be_visible()


def test_a_phone_shows_each_value_after_its_name(visit: Visit) -> None:
    page = visit(DESIGN, size=PHONE)
    row = page.locator(ROWS).first
    name, bar = row.locator(".who").bounding_box(), row.locator("svg").bounding_box()
    assert name
    assert bar
    assert bar["y"] > name["y"]
    assert bar["width"] > PHONE["width"] / 2
