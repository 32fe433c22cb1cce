"""Somebody describes a candidate, sees it judged, and goes on from there; with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from service.scoring import query_string
from tests.pages.addresses import FAULTY, MIR21
from tests.pages.conftest import Visit
from tests.service.candidates import HOSTILE, LONGEST

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


@SCRIPTS
def test_from_the_form_to_an_answer_to_a_changed_candidate(visit: Visit, scripts: bool) -> None:
    page = visit("/", scripts=scripts)
    page.get_by_label("Source cell").select_option("macrophage")
    page.get_by_label("Phenotype").fill("M2a")
    page.get_by_label("Cargo type").select_option("mirna")
    page.get_by_label("Cargo name", exact=True).fill("hsa-mir-21-5p")
    page.get_by_label("Cancer type").fill("GC")
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
    expect(page.get_by_text("Undetermined", exact=True)).to_be_visible()
    expect(page.get_by_text("Neither effect can be ruled out", exact=False)).to_have_count(1)


@SCRIPTS
def test_the_candidate_is_seen_among_those_that_share_a_field(visit: Visit, scripts: bool) -> None:
    page = visit(MIR21, scripts=scripts)
    page.get_by_role("link", name="cancer type", exact=True).click()
    expect(page.locator("#position-figure")).to_contain_text("gastric cancer")
    expect(page.get_by_role("link", name="cancer type", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="source cell", exact=True).click()
    expect(page.locator("#position-figure")).to_contain_text(re.compile("macrophage.{2,4}gastric cancer"))
    expect(page).to_have_url(re.compile(r"among=source_cell&among=cancer_type"))
    page.reload()
    expect(page.locator("#position-figure")).to_contain_text(re.compile("macrophage.{2,4}gastric cancer"))


def test_what_is_typed_is_understood_while_it_is_typed(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Cargo type").select_option("mirna")
    page.get_by_label("Cargo name", exact=True).press_sequentially("hsa-miR-21-5p")
    expect(page.locator("#understood-cargo_name")).to_have_text("Understood as miR-21-5p, MIMAT0000076")
    page.get_by_label("Cargo name", exact=True).fill("blorb")
    expect(page.locator("#understood-cargo_name")).to_contain_text("Unknown cargo name.")
    page.get_by_label("Cancer type").fill("HCC")
    expect(page.locator("#understood-cancer_type")).to_contain_text("hepatocellular carcinoma")


@SCRIPTS
def test_faults_stand_at_their_fields_and_what_was_typed_stays(visit: Visit, scripts: bool) -> None:
    page = visit(FAULTY, scripts=scripts)
    expect(page.get_by_label("Phenotype")).to_have_value("M7")
    expect(page.get_by_label("Phenotype")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#fault-source_phenotype")).to_contain_text("Did you mean M0 or M1")
    expect(page.get_by_label("Cancer type")).to_have_value("HCC")
    expect(page.get_by_role("alert")).to_contain_text("'colour' is not a field")
    expect(page.get_by_label("Cargo type")).to_have_value("mirna")
    page.get_by_label("Cargo name", exact=True).fill("miR-21")
    page.get_by_role("link", name="loaded", exact=True).click()
    expect(page.locator("#fault-cargo_state")).to_have_count(0)
    expect(page.get_by_label("Cargo state")).to_have_value("loaded")


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
    page.get_by_text("More options").click()
    for name in ("source_phenotype", "cargo_name", "cancer_type", "id"):
        page.locator(f"#{name}").fill(str(HOSTILE[name]))
    page.get_by_label("Cargo type").select_option("mirna")
    page.get_by_role("button", name="Score").click()
    expect(page.locator("table.candidate")).to_contain_text(str(HOSTILE["cancer_type"]))
    assert page.locator("img, article script, article i").count() == 0
    assert page.locator("#cargo_name").input_value() == HOSTILE["cargo_name"]


def test_a_cargo_is_chosen_from_what_is_offered_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Cargo type").select_option("mirna")
    cargo = page.get_by_role("combobox", name="Cargo name", exact=True)
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
    page.get_by_label("Source cell").select_option("macrophage")
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
    shown = page.locator("main").inner_text()
    assert not re.search(r"source_phenotype|cargo_state|cargo_name|whole_vesicle", shown)
    expect(page.locator("#fault-cargo_name")).to_have_text(
        re.compile("Give the name of the microRNA.*Only a whole vesicle has no cargo")
    )


@SCRIPTS
def test_a_description_fills_the_form_and_is_scored_only_after_it_was_seen(visit: Visit, scripts: bool) -> None:
    page = visit("/", scripts=scripts)
    page.get_by_label("Describe it in your words").fill("M2 macrophage miR-21-5p, gastrc cancer, PTEN")
    page.get_by_role("button", name="Fill in the form").click()
    read = page.get_by_role("region", name="Read from your description").or_(page.locator(".described"))
    expect(read).to_contain_text("“M2 macrophage”: source cell macrophage, phenotype M2")
    expect(read).to_contain_text("“gastrc cancer” was not used")
    expect(read).to_contain_text("“PTEN” was not used: a cargo name was read already")
    read.get_by_role("link", name="gastric cancer").click()
    expect(page.get_by_label("Cancer type")).to_have_value("gastric cancer")
    expect(page.get_by_label("Cargo name", exact=True)).to_have_value("miR-21-5p")
    page.get_by_role("button", name="Score").click()
    expect(page.get_by_text("Tumour-promoting", exact=True)).to_be_visible()


def test_what_can_be_two_things_is_used_as_the_one_that_is_chosen(visit: Visit) -> None:
    page = visit("/?describe=miR-21+A549", scripts=False)
    page.locator(".described").get_by_role("link", name="cancer type").click()
    expect(page.get_by_label("Cancer type")).to_have_value("A549")
    expect(page.get_by_label("Source cell")).to_have_value("")


def test_the_home_page_shows_a_specimen_and_the_prediction_beside_each_example(visit: Visit) -> None:
    page = visit("/")
    specimen = page.locator(".specimen")
    expect(specimen).to_contain_text("Tumour-promoting")
    expect(specimen).to_contain_text("Strong support")
    chips = page.locator(".examples .chip").all_inner_texts()
    assert chips == ["promoting", "suppressing", "suppressing", "undetermined", "promoting", "comparison", "shortlist"]
    for link, chip in zip(page.locator(".examples a").all(), chips, strict=True):
        if chip not in ("comparison", "shortlist"):
            answer = visit(str(link.get_attribute("href")), scripts=False)
            assert chip in answer.locator(".call .label").inner_text().lower()
    shown = page.locator(".of-hundred").inner_text()
    counts = [int(one) for one in re.findall(r"(\d+) (?:right|wrong|undetermined)", shown)]
    assert len(counts) == 3
    assert sum(counts) == 100


def test_an_answer_says_first_what_was_predicted_then_on_which_papers_and_why(visit: Visit) -> None:
    page = visit(MIR21)
    headings = page.locator("article h2").all_inner_texts()
    assert headings == [
        "Prediction",
        "Papers for and against",
        "What drove the prediction",
        "Where it stands",
        "Mechanism",
        "Domain",
        "What would change the prediction",
        "Input as understood",
        "Model and how to repeat this",
    ]
    links = page.locator(".contents a")
    assert [page.locator(str(link.get_attribute("href"))).count() for link in links.all()] == [1] * len(headings)
    expect(page.locator(".support").first).to_contain_text("Strong support: the effect is at least 95")
    expect(page.get_by_text("Probability of suppressing", exact=True).first).not_to_be_visible()
    page.locator(".numbers > summary").click()
    expect(page.locator(".facts")).to_contain_text("Probability of suppressing")
    depleted = page.get_by_role("row").filter(has_text="EXF-b0371164")
    expect(depleted).to_contain_text("Tested the opposite vesicle")
    expect(depleted).to_contain_text("counts as promoting here")


def test_identifiers_and_findings_lead_to_where_they_can_be_read(visit: Visit) -> None:
    page = visit(MIR21, scripts=False)
    links = page.locator("article a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert "https://mirbase.org/mature/MIMAT0000076" in links
    assert "/findings/EXF-b0371164" in links
    assert any(link.startswith("https://doi.org/") for link in links)
    page = visit("/?source_cell=BM-MSC&cargo_type=protein&cargo_name=p53&cancer_type=HCC", scripts=False)
    links = page.locator("#input a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert "https://purl.obolibrary.org/obo/DOID_684" in links
    assert any("genenames.org" in link for link in links)


def test_an_answer_can_be_copied_cited_printed_and_downloaded(visit: Visit) -> None:
    page = visit(MIR21, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.get_by_text("Cite this prediction").click()
    expect(page.locator(".citation")).to_contain_text(re.compile("model exo-.*predicted promoting.*retrieved 20"))
    types = {}
    for link in page.locator(".tools a").all():
        if "Download" in link.inner_text():
            response = page.request.get(str(link.get_attribute("href")))
            types[link.inner_text()] = (response.status, response.headers["content-type"].partition(";")[0])
    assert types == {
        "Download JSON": (200, "application/json"),
        "Download CSV": (200, "text/csv"),
        "Download probability (SVG)": (200, "image/svg+xml"),
        "Download drivers (SVG)": (200, "image/svg+xml"),
        "Download position (SVG)": (200, "image/svg+xml"),
    }


def test_without_scripts_there_is_no_button_that_does_nothing(visit: Visit) -> None:
    page = visit(MIR21, scripts=False)
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Print"))).to_have_count(0)


def test_an_answer_prints_on_two_pages_with_its_address(visit: Visit) -> None:
    page = visit(MIR21)
    document = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", document)) == 2
    page.emulate_media(media="print")
    expect(page.locator(".printed")).to_contain_text("cargo_name=miR-21-5p")


def test_a_misspelt_cancer_is_a_warning_under_the_prediction_with_names_to_click(visit: Visit) -> None:
    page = visit("/?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21&cancer_type=gastrc+cancer", scripts=False)
    warnings = page.get_by_role("note", name="Warnings")
    expect(warnings).to_contain_text("Cancer type “gastrc cancer” was not understood")
    warnings.get_by_role("link", name="gastric cancer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("gastric cancer")
    expect(page.get_by_role("note", name="Warnings")).to_have_count(0)


CUT = """() => [...document.querySelectorAll('svg.figure')].flatMap(svg => {
  const frame = svg.getBoundingClientRect()
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect()
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1
  }).map(text => text.textContent)
})"""


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("address", ["/", MIR21, f"/?{query_string.write(LONGEST)}"], ids=["home", "answer", "longest"])
def test_no_text_of_a_figure_is_cut(visit: Visit, address: str, width: int) -> None:
    page = visit(address, size={"width": width, "height": 900})
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
