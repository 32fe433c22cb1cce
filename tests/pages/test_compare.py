"""Somebody sets candidates side by side, changes and copies some, and takes the sheet along; with scripts and without."""

from __future__ import annotations

import csv
import io
import re
import time

import pytest
from playwright.sync_api import Page, expect

from service.pages.compare import query as comparison_query
from tests.pages.addresses import COMPARISON, MIR21, WRONG
from tests.pages.conftest import PHONE, Visit
from tests.service.candidates import CANDIDATES, HOSTILE, LONGEST

RANKS = ".ranks > li:not(.scale)"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def ranks(page: Page) -> list[str]:
    """The letters and predictions of the ranking, from the first to the last."""
    rows = page.locator(RANKS)
    return [f"{row.locator('.place').inner_text()} {row.locator('.call-of').inner_text()}" for row in rows.all()]


def act(page: Page, action: str, heading: str) -> None:
    """Clicks a button at the head of the column of a candidate."""
    number = page.locator(RANKS).filter(has_text=heading).locator(".place").inner_text()
    page.get_by_role("link", name=f"{action} candidate {number}", exact=True).click()


@SCRIPTS
def test_from_one_answer_to_a_comparison_that_can_be_shared(visit: Visit, scripts: bool) -> None:
    page = visit(MIR21, scripts=scripts)
    page.get_by_role("link", name="Compare with another").click()
    assert ranks(page) == ["A Tumour-promoting"]
    page.get_by_label("Phenotype").fill("M1")
    page.get_by_label("Cargo type").select_option("mirna")
    page.get_by_label("Cargo name", exact=True).fill("miR-155")
    page.get_by_label("Cargo state").select_option("loaded")
    page.get_by_role("button", name="Add to the comparison").click()
    expect(page.locator(RANKS)).to_have_count(2)
    assert ranks(page) == ["A Tumour-suppressing", "B Tumour-promoting"]
    assert "=&" not in page.url
    again = visit(page.url, scripts=scripts)
    assert again.inner_text("main") == page.inner_text("main")
    page.locator(".ranks a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("miR-155.*M1 macrophage"))


@SCRIPTS
def test_a_candidate_is_changed_copied_and_left_out(visit: Visit, scripts: bool) -> None:
    page = visit(f"/compare?{comparison_query.write(CANDIDATES[:3:2])}", scripts=scripts)
    act(page, "Duplicate", "miR-21-5p")
    expect(page.get_by_label("Cargo name", exact=True)).to_have_value("miR-21-5p")
    page.get_by_label("Cargo state").select_option("depleted")
    page.get_by_role("button", name="Add to the comparison").click()
    expect(page.locator(RANKS)).to_have_count(3)
    act(page, "Edit", "miR-21-5p, M2")
    page.get_by_label("Phenotype").fill("M7")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#fault-source_phenotype")).to_contain_text("'M7' is not a known phenotype")
    expect(page.locator(RANKS)).to_have_count(3)
    page.get_by_label("Phenotype").fill("TAM")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".ranks")).to_contain_text("TAM macrophage")
    assert page.url.endswith("c3.cancer_type=gastric+cancer")
    act(page, "Remove", "miR-155")
    expect(page.locator(RANKS)).to_have_count(2)
    expect(page.locator(".ranks")).not_to_contain_text("miR-155")


@SCRIPTS
def test_what_differs_stands_out_and_what_all_share_stands_once(visit: Visit, scripts: bool) -> None:
    page = visit(f"/compare?{comparison_query.write(CANDIDATES[:3:2])}", scripts=scripts)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Cargo type", exact=True))
    expect(row).to_have_class("alike")
    expect(row.get_by_role("cell")).to_have_text(["microRNA in all"])
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Cargo state", exact=True)).first
    expect(row).to_have_class("differs")
    expect(row.get_by_role("cell")).to_have_text(["loaded", "native"])


@SCRIPTS
def test_one_that_cannot_be_understood_is_mended_beside_the_others(visit: Visit, scripts: bool) -> None:
    page = visit(f"/compare?{comparison_query.write([CANDIDATES[0], WRONG])}", scripts=scripts)
    expect(page.locator(RANKS)).to_have_count(1)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#fault-source_phenotype ~ .below").get_by_role("link", name="M1").click()
    expect(page.locator(RANKS)).to_have_count(2)


def test_the_sheet_has_a_row_for_each_candidate(visit: Visit) -> None:
    page = visit(COMPARISON)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download as CSV").click()
    assert taken.value.suggested_filename == "comparison.csv"
    rows = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8"))))
    assert len(rows) == len(CANDIDATES)


def test_the_table_is_scrolled_by_keyboard_and_its_first_column_stays(visit: Visit) -> None:
    page = visit(COMPARISON, size=PHONE)
    table = page.get_by_role("region", name="Side by side")
    first = page.get_by_role("rowheader", name="Confidence")
    before = first.bounding_box()
    table.focus()
    by = time.monotonic() + 5
    while table.evaluate("one => one.scrollLeft") < 40 and time.monotonic() < by:
        page.keyboard.press("ArrowRight")
    assert table.evaluate("one => one.scrollLeft") >= 40
    after = first.bounding_box()
    assert before
    assert after
    assert abs(after["x"] - before["x"]) < 2


def test_bars_below_each_other_have_one_zero(visit: Visit) -> None:
    page = visit(COMPARISON)
    columns = page.evaluate(
        """() => {
          const columns = {}
          for (const bar of document.querySelectorAll('.side .differs .bar-of')) {
            (columns[bar.closest('td').cellIndex] ??= []).push(bar.querySelector('line').getBoundingClientRect().left)
          }
          return Object.values(columns)
        }"""
    )
    assert len(columns) == len(CANDIDATES)
    for zeros in columns:
        assert max(zeros) - min(zeros) < 1


def test_a_phone_says_that_there_are_more_candidates_beside_those_in_sight(visit: Visit) -> None:
    expect(visit(COMPARISON, size=PHONE).get_by_text("Scroll sideways")).to_be_visible()
    expect(visit(COMPARISON, size={"width": 1280, "height": 900}).get_by_text("Scroll sideways")).not_to_be_visible()


def test_hostile_texts_are_shown_and_do_nothing(visit: Visit) -> None:
    page = visit(f"/compare?{comparison_query.write([HOSTILE, LONGEST])}")
    expect(page.locator("table.side")).to_contain_text(str(HOSTILE["cancer_type"]))
    assert page.locator("main img, main script, main i").count() == 0
