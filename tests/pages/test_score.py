"""Somebody describes a candidate, sees it judged, and goes on from there; with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.pages.addresses import FAULTY, MIR21
from tests.pages.conftest import Visit
from tests.service.candidates import HOSTILE

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@SCRIPTS
def test_from_the_form_to_an_answer_to_a_changed_candidate(visit: Visit, scripts: bool) -> None:
    page = visit("/", scripts=scripts)
    page.get_by_label("Phenotype").fill("M2a")
    page.get_by_label("Kind of cargo").select_option("mirna")
    page.get_by_label("Cargo", exact=True).fill("hsa-mir-21-5p")
    page.get_by_label("Tumour").fill("GC")
    page.get_by_role("button", name="Score").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("miR-21-5p.*M2 macrophage.*gastric cancer"))
    expect(page.get_by_text("Tumour-promoting", exact=True)).to_be_visible()
    # Nothing that was left empty is in the address.
    assert "=&" not in page.url
    assert not page.url.endswith("=")
    again = visit(page.url, scripts=scripts)
    assert again.inner_text("article") == page.inner_text("article")
    page.locator(".flips a").first.click()
    expect(page.get_by_text("Tumour-suppressing", exact=True)).to_be_visible()


@SCRIPTS
def test_an_example_is_one_click_away(visit: Visit, scripts: bool) -> None:
    page = visit("/", scripts=scripts)
    page.get_by_role("link", name=re.compile("PTENP1")).click()
    expect(page.get_by_text("because neither effect can be ruled out")).to_be_visible()


@SCRIPTS
def test_the_candidate_is_seen_among_those_that_share_a_field(visit: Visit, scripts: bool) -> None:
    page = visit(MIR21, scripts=scripts)
    page.get_by_role("link", name="tumour", exact=True).click()
    expect(page.locator("#position-figure")).to_contain_text("gastric cancer")
    expect(page.get_by_role("link", name="tumour", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="source cell", exact=True).click()
    expect(page.locator("#position-figure")).to_contain_text(re.compile("macrophage.{2,4}gastric cancer"))
    expect(page).to_have_url(re.compile(r"among=source_cell&among=cancer_type"))
    page.reload()
    expect(page.locator("#position-figure")).to_contain_text(re.compile("macrophage.{2,4}gastric cancer"))


def test_what_is_typed_is_understood_while_it_is_typed(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Kind of cargo").select_option("mirna")
    page.get_by_label("Cargo", exact=True).press_sequentially("hsa-miR-21-5p")
    expect(page.locator("#understood-cargo_name")).to_have_text("understood as miR-21-5p, MIMAT0000076")
    page.get_by_label("Cargo", exact=True).fill("blorb")
    expect(page.locator("#understood-cargo_name")).to_contain_text("not known here")
    page.get_by_label("Tumour").fill("HCC")
    expect(page.locator("#understood-cancer_type")).to_contain_text("hepatocellular carcinoma")


@SCRIPTS
def test_faults_stand_at_their_fields_and_what_was_typed_stays(visit: Visit, scripts: bool) -> None:
    page = visit(FAULTY, scripts=scripts)
    expect(page.get_by_label("Phenotype")).to_have_value("M7")
    expect(page.get_by_label("Phenotype")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#fault-source_phenotype")).to_contain_text("Did you mean M0 or M1")
    expect(page.get_by_label("Tumour")).to_have_value("HCC")
    expect(page.get_by_role("alert")).to_contain_text("'colour' is not a field")
    expect(page.get_by_label("Kind of cargo")).to_have_value("mirna")
    page.get_by_label("Cargo", exact=True).fill("miR-21")
    page.get_by_role("link", name="loaded", exact=True).click()
    expect(page.locator("#fault-cargo_state")).to_have_count(0)
    expect(page.get_by_label("State of the cargo")).to_have_value("loaded")


def test_the_whole_way_can_be_gone_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Phenotype").focus()
    page.keyboard.type("TAM")
    page.keyboard.press("Tab")
    page.keyboard.type("whole")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("whole vesicle.*TAM macrophage"))


def test_hostile_texts_are_shown_and_do_nothing(visit: Visit) -> None:
    page = visit("/")
    page.get_by_text("More that can be said of it").click()
    for name in ("source_phenotype", "cargo_name", "cancer_type", "id"):
        page.locator(f"#{name}").fill(str(HOSTILE[name]))
    page.get_by_label("Kind of cargo").select_option("mirna")
    page.get_by_role("button", name="Score").click()
    expect(page.locator("table.candidate")).to_contain_text(str(HOSTILE["cancer_type"]))
    assert page.locator("img, article script, article i").count() == 0
    assert page.locator("#cargo_name").input_value() == HOSTILE["cargo_name"]


def test_a_cargo_is_chosen_from_what_is_offered_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Kind of cargo").select_option("mirna")
    cargo = page.get_by_role("combobox", name="Cargo", exact=True)
    cargo.press_sequentially("hsa-mir-21")
    offers = page.locator("#offers-cargo_name [role=option]")
    expect(offers.first).to_be_visible()
    expect(cargo).to_have_attribute("aria-expanded", "true")
    chosen = offers.filter(has_text="MIMAT0000076")
    expect(chosen).to_have_text(re.compile(r"miR-21-5p\s+MIMAT0000076"))
    while chosen.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    expect(cargo).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    page.keyboard.press("Enter")
    expect(cargo).to_have_value("miR-21-5p")
    expect(cargo).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#understood-cargo_name")).to_contain_text("MIMAT0000076")
    cargo.press_sequentially("+let-7")
    offers.filter(has_text=re.compile("^let-7b$")).click()
    expect(cargo).to_have_value("miR-21-5p+let-7b")
    cargo.press_sequentially("-")
    expect(offers.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(offers.first).not_to_be_visible()
    expect(cargo).to_have_value("miR-21-5p+let-7b-")


def test_the_phenotypes_that_are_offered_are_those_of_the_source_cell(visit: Visit) -> None:
    page = visit("/")
    offers = page.locator("#offers-source_phenotype [role=option]")
    page.get_by_label("Phenotype").focus()
    expect(offers.first).to_have_text("M0")
    page.get_by_label("Phenotype").fill("umbilical cord")
    expect(page.locator("#understood-source_phenotype")).to_contain_text("is no phenotype of macrophage")
    page.get_by_label("Source cell").select_option("mesenchymal_stem_cell")
    expect(page.locator("#understood-source_phenotype .fault")).to_have_count(0)
    page.get_by_label("Phenotype").fill("")
    expect(offers.filter(has_text="adipose").first).to_be_attached()
    expect(offers.filter(has_text="M0")).to_have_count(0)


def test_without_scripts_the_phenotypes_follow_the_source_cell_when_the_form_is_sent(visit: Visit) -> None:
    page = visit("/?source_cell=MSC", scripts=False)
    values = page.locator("#terms-source_phenotype option").evaluate_all("all => all.map(one => one.value)")
    assert "bone marrow" in values
    assert "M0" not in values


def test_faults_speak_of_fields_by_their_titles(visit: Visit) -> None:
    page = visit(FAULTY)
    told = page.locator("main").inner_text()
    assert not re.search(r"source_phenotype|cargo_state|cargo_name|whole_vesicle", told)
    expect(page.locator("#fault-cargo_name")).to_have_text(
        re.compile("Give the name of the miRNA.*Only a whole vesicle has no cargo")
    )
