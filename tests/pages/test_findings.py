"""A curator looks for findings, adds, corrects and retracts them, and imports a table; with scripts and without."""

from __future__ import annotations

import csv
import io
import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.lab import Lab
from tests.pages.conftest import Visit, faults_of, sign_in
from tests.service.candidates import HOSTILE

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
NUMBERS = count(1)
HEADER = "paper,source_cell,source_phenotype,cargo_type,cargo_name,cargo_state,cancer_type,effect,targets"


def a_finding(lab: Lab, **columns: str) -> str:
    """A finding of a paper of its own, by its id."""
    one = {
        "paper": f"lab:page {next(NUMBERS)}",
        "source_phenotype": "M2",
        "cargo_type": "mirna",
        "cargo_name": "miR-21-5p",
        "effect": "promoting",
    }
    answer = lab.ask("POST", "/v1/findings", json={"findings": [one | columns]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["added"][0]["finding_id"])


def history(page: Page) -> str:
    return page.locator(".history").inner_text()


@SCRIPTS
def test_findings_are_looked_for_shared_by_address_and_taken_away_as_a_table(
    visit: Visit, site: Lab, scripts: bool
) -> None:
    page = visit("/findings", scripts=scripts)
    page.get_by_label("Cargo name", exact=True).fill("miR21")
    page.get_by_label("Effect", exact=True).select_option("promoting")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"/findings\?sort=newest&cargo_name=miR21&effect=promoting$"))
    found = site.ask("GET", "/v1/findings?cargo_name=miR21&effect=promoting&limit=500").json()["findings"]
    expect(page.locator(".found")).to_contain_text(f"{len(found)} findings")
    again = visit(page.url, scripts=scripts)
    assert again.inner_text("main") == page.inner_text("main")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    table = list(csv.DictReader(io.StringIO(started.value.path().read_text("utf-8"))))
    learned_from = [one for one in found if not one["held_out"]]
    assert [row["finding_id"] for row in table] == [one["finding_id"] for one in learned_from]


@SCRIPTS
def test_every_finding_is_on_one_page_of_the_list(visit: Visit, site: Lab, scripts: bool) -> None:
    query = "source_cell=mesenchymal_stem_cell&origin=corpus"
    expected = [one["finding_id"] for one in site.ask("GET", f"/v1/findings?{query}&limit=500").json()["findings"]]
    page = visit(f"/findings?{query}", scripts=scripts)
    page.get_by_role("link", name="last added").click()
    page.wait_for_url("**sort=added**")
    seen = page.locator(".rows td .code").all_inner_texts()
    while page.get_by_role("link", name="Next page").count():
        page.get_by_role("link", name="Next page").click()
        page.wait_for_load_state()
        seen += page.locator(".rows td .code").all_inner_texts()
    assert seen == expected[::-1]
    assert page.get_by_text(re.compile(r"^Page (\d+) of \1$")).count() == 1


def test_the_figures_are_of_what_the_filters_admit_and_say_so_in_words(visit: Visit, site: Lab) -> None:
    query = "cancer_type=melanoma&origin=corpus"
    found = site.ask("GET", f"/v1/findings?{query}&limit=500").json()["findings"]
    page = visit(f"/findings?{query}")
    strata: dict[tuple[str, str], int] = {}
    for one in found:
        name = f"{one['source_cell']}, {one['source_phenotype']}, {one['cargo_state']}".replace("_", " ")
        strata[name, one["effect"]] = strata.get((name, one["effect"]), 0) + 1
    said = page.locator("#strata-desc").text_content() or ""
    drawn = re.findall(r"\u2068([^\u2069]+)\u2069: (\d+) suppressing, (\d+) promoting", said)
    assert drawn
    for name, suppressing, promoting in drawn:
        if "T cell" not in name:
            assert strata.get((name, "suppressing"), 0) == int(suppressing)
            assert strata.get((name, "promoting"), 0) == int(promoting)
    years = page.locator("#years-desc").text_content() or ""
    dated = sum(int(number) for number in re.findall(r"(\d+) (?:suppressing|promoting)", years))
    assert dated == sum("year" in one for one in found)


@SCRIPTS
def test_a_filter_that_means_nothing_is_told_at_its_field(visit: Visit, scripts: bool) -> None:
    page = visit("/findings?effect=killing&cancer_type=melanomma&limit=900&colour=red", scripts=scripts)
    expect(page.locator("#fault-cancer_type")).to_contain_text(re.compile("did you mean", re.IGNORECASE))
    expect(page.get_by_label("Cancer type")).to_have_value("melanomma")
    page.goto("/findings?limit=900&colour=red")
    expect(page.get_by_role("alert")).to_contain_text("Unknown field")


@SCRIPTS
def test_a_finding_is_added_by_the_form_and_faults_keep_what_was_typed(visit: Visit, site: Lab, scripts: bool) -> None:
    page = visit(scripts=scripts, signed_in=True)
    page.goto("/findings")
    page.get_by_role("link", name="Add a finding").click()
    paper = f"lab:page {next(NUMBERS)}"
    page.locator("#source_phenotype").fill("M7")
    page.locator("#cargo_type").select_option("mirna")
    page.locator("#cargo_name").fill("hsa-miR-143")
    page.locator("#cargo_state").select_option("loaded")
    page.get_by_label("Targets").fill("KRAS")
    page.get_by_label("Key of the paper").fill(paper)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#fault-source_phenotype")).to_contain_text(re.compile("did you mean", re.IGNORECASE))
    expect(page.locator("#fault-targets")).to_contain_text("names with + (up) or - (down)")
    expect(page.locator("#fault-effect")).to_contain_text("Give suppressing or promoting")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(3)
    expect(page.locator("#cargo_name")).to_have_value("hsa-miR-143")
    expect(page.locator("#cargo_state")).to_have_value("loaded")
    page.locator("#source_phenotype").fill("M1")
    page.get_by_label("Targets").fill("KRAS-")
    page.get_by_label("Effect on the tumour").select_option("suppressing")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("was added")
    expect(page.get_by_text("Tumour-suppressing")).to_be_visible()
    expect(page.get_by_text("KRAS down")).to_be_visible()
    page.get_by_role("link", name="Score this candidate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("miR-143")


@SCRIPTS
def test_a_finding_is_corrected_retracted_and_put_back_with_its_history(visit: Visit, site: Lab, scripts: bool) -> None:
    finding_id = a_finding(site)
    page = visit(scripts=scripts, signed_in=True)
    page.goto(f"/findings/{finding_id}")
    page.get_by_role("link", name="Correct", exact=True).click()
    page.locator("#cancer_type").fill("GC")
    page.get_by_label("Reason").fill("from the supplement")
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_role("status")).to_contain_text("was corrected")
    assert re.search(r"Corrected on .* by key \w+ \(tests\): from the supplement", history(page))
    expect(page.locator(".history")).to_contain_text(": not stated → gastric cancer")
    page.get_by_label("Reason").fill(" ")
    page.get_by_role("button", name="Retract").click()
    expect(page.locator("#fault-reason")).to_contain_text("Give the reason for this change")
    assert not scripts or faults_of(page) == []
    page.get_by_label("Reason").fill("an image was duplicated")
    page.get_by_role("button", name="Retract").click()
    expect(page.get_by_text("retracted: not used for training")).to_be_visible()
    page.get_by_label("Reason").fill("the journal found no fault")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status")).to_contain_text("was restored")
    expect(page.get_by_role("button", name="Retract")).to_be_visible()
    expect(page.locator(".history > li")).to_have_count(4)
    assert not scripts or faults_of(page) == []


@SCRIPTS
def test_two_people_who_change_one_finding_see_both_changes_and_lose_none(
    visit: Visit, site: Lab, scripts: bool
) -> None:
    finding_id = a_finding(site)
    first, second = (visit(scripts=scripts, signed_in=True) for _ in range(2))
    for page in (first, second):
        page.goto(f"/findings/{finding_id}/correct")
    first.locator("#cancer_type").fill("melanoma")
    first.get_by_label("Targets").fill("PTEN-")
    first.get_by_label("Reason").fill("read again")
    first.get_by_role("button", name="Correct").click()
    expect(first.get_by_role("status")).to_contain_text("was corrected")
    second.locator("#cancer_type").fill("glioma")
    second.get_by_label("Title", exact=True).fill("Of vesicles")
    second.get_by_role("button", name="Correct").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody else changed this finding")
    expect(second.get_by_role("alert")).to_contain_text("read again")
    expect(second.locator(".met .both")).to_have_text(re.compile("not stated.*melanoma.*glioma", re.DOTALL))
    expect(second.locator("#cancer_type")).to_have_value("glioma")
    expect(second.get_by_label("Targets")).to_have_value("PTEN-")
    assert not scripts or faults_of(second) == []
    second.get_by_label("Reason").fill("read once more")
    second.get_by_role("button", name="Correct").click()
    expect(second.get_by_role("status")).to_contain_text("was corrected")
    stands = site.ask("GET", f"/v1/findings/{finding_id}").json()
    assert (stands["cancer_type"], stands["targets"], stands["title"]) == ("glioma", ["PTEN-"], "Of vesicles")
    assert stands["revision"] == 3
    # A retraction of what was seen before is told too, and does nothing.
    first.get_by_label("Reason").fill("too late")
    first.get_by_role("button", name="Retract").click()
    expect(first.get_by_role("alert")).to_contain_text("at revision 3 now")
    expect(first.get_by_label("Reason")).to_have_value("too late")


@SCRIPTS
def test_a_table_with_faults_is_mended_confirmed_and_listed(visit: Visit, site: Lab, scripts: bool) -> None:
    paper = f"lab:table {next(NUMBERS)}"
    rows = [
        f"{paper},macrophage,M1,mirna,miR-155,loaded,HCC,supressing,",
        f"{paper},MSC,bone marrow,miRNA,miR-143,loaded,osteosarcoma,suppressing,KRAS",
        f"{paper},macrophage,M2,mirna,miR-21-5p,native,gastric cancer,promoting,PTEN-",
    ]
    page = visit(scripts=scripts, signed_in=True)
    page.goto("/findings/import")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#fault-table")).to_contain_text("Choose a file")
    table = {"name": "own.csv", "mimeType": "text/csv", "buffer": "\n".join([HEADER, *rows]).encode()}
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 errors: nothing can be added yet")
    faults = page.locator("table.faults tbody tr")
    expect(faults.nth(0)).to_have_text(re.compile("2.*effect.*Give suppressing or promoting", re.DOTALL))
    expect(faults.nth(1)).to_have_text(re.compile("3.*targets.*KRAS", re.DOTALL))
    expect(page.locator(".previewed tbody tr").nth(2)).to_contain_text("no errors")
    page.reload()
    expect(faults).to_have_count(2)
    assert not scripts or faults_of(page) == []
    assert site.ask("GET", "/v1/findings", params={"paper": paper}).json()["findings"] == []
    mended = page.get_by_label("Correct it here").input_value().replace("supressing", "suppressing")
    page.get_by_label("Correct it here").fill(mended.replace("KRAS", "KRAS-"))
    page.get_by_role("button", name="Preview again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before you add")
    expect(page.locator("main .lead")).to_contain_text("3 rows: 3 new, 0 already stored")
    expect(page.locator(".previewed tbody tr").nth(1)).to_contain_text(
        "miR-143 (loaded), bone marrow mesenchymal stem cell"
    )
    assert site.ask("GET", "/v1/findings", params={"paper": paper}).json()["findings"] == []
    assert not scripts or faults_of(page) == []
    page.reload()
    page.get_by_role("button", name="Add 3 findings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 findings added")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 findings added")
    assert not scripts or faults_of(page) == []
    added = site.ask("GET", "/v1/findings", params={"paper": paper}).json()["findings"]
    assert page.locator(".ids a").all_inner_texts() == [one["finding_id"] for one in added]
    page.get_by_role("link", name="Import another table").click()
    page.get_by_label("Or paste rows").fill("\n".join([HEADER, rows[2]]))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".previewed tbody tr")).to_contain_text("already stored")


def test_what_is_no_table_says_what_to_send(visit: Visit, site: Lab) -> None:
    page = visit(signed_in=True)
    for content, remedy in [
        (b"PK\x03\x04\x00\xff", "The workbook cannot be read"),
        (HEADER.encode() + b"\nlab:\x81,,,,,,,,", "is not UTF-8"),
        (b"a,b\n1,2\n", "The column effect is missing"),
    ]:
        page.goto("/findings/import")
        page.get_by_label("File").set_input_files({"name": "own.csv", "mimeType": "", "buffer": content})
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("table.faults, #fault-table")).to_contain_text(remedy)


def test_a_key_that_is_missing_is_asked_for_and_leads_back(visit: Visit, site: Lab) -> None:
    page = visit("/findings")
    page.get_by_role("link", name="Add a finding").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A key is needed")
    page.get_by_label("Key").fill(site.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a finding")


@SCRIPTS
def test_a_key_that_goes_bad_while_a_form_is_open_costs_nothing_that_was_typed(
    visit: Visit, site: Lab, scripts: bool
) -> None:
    made = site.ask("POST", "/v1/keys", json={"name": "short", "scopes": ["curate"]}).json()
    finding_id = a_finding(site)
    page = visit(scripts=scripts)
    sign_in(page, made["key"])
    page.goto(f"/findings/{finding_id}/correct")
    page.locator("#cancer_type").fill("שלום")
    page.get_by_label("Reason").fill('"read" again')
    site.ask("DELETE", f"/v1/keys/{made['id']}?reason=lost")
    page.wait_for_timeout(1100)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator("main")).to_contain_text("was revoked on")
    expect(page.locator("main")).to_contain_text("sent again as you filled it in")
    page.get_by_label("Key").fill("exo_nonsense")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#fault-key")).to_contain_text("Check that it was copied completely")
    page.get_by_label("Key").fill(site.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_contain_text(f"{finding_id} was corrected")
    expect(page.locator(".history")).to_contain_text('"read" again')
    assert site.ask("GET", f"/v1/findings/{finding_id}").json()["cancer_type"] == "שלום"


def test_hostile_findings_are_shown_and_do_nothing(visit: Visit, site: Lab) -> None:
    bad = '"><script>alert(1)</script></title><b>שלום</b>{{ 7 * 7 }}'
    finding_id = a_finding(
        site,
        cargo_name=str(HOSTILE["cargo_name"]),
        cancer_type=str(HOSTILE["cancer_type"]),
        title=bad,
        first_author=bad,
        journal=bad,
        pathways=bad,
        cell_model="W" * 2000,
        url="https://example.org/javascript:alert(1)",
    )
    site.ask(
        "PATCH",
        f"/v1/findings/{finding_id}",
        json={"changes": {"dose": bad}, "reason": bad},
        headers={"If-Match": '"1"'},
    )
    page = visit(signed_in=True)
    for address in (f"/findings/{finding_id}", f"/findings/{finding_id}/correct", "/findings?origin=lab&limit=500"):
        page.goto(address)
        assert page.locator("main script, main b, main img, main i").count() == 0
        assert faults_of(page) == []
        assert "49" not in page.locator("h1").inner_text()
        expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>" if "correct" not in address else "")
    page.goto("/findings/import")
    page.get_by_label("Or paste rows").fill("\n".join([HEADER, ",".join([f'"{bad}"'.replace('"">', '""">')] * 9)]))
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("table.faults")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script, main b").count() == 0


# The size of every text of a chart in pixels; one that is turned has its scale in two numbers.
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.figure text')].map(text => {
  const drawn = text.getScreenCTM()
  return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(drawn.a, drawn.b)
}))"""


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_text_of_a_chart_is_smaller_than_twelve_pixels(visit: Visit, width: int) -> None:
    page = visit("/findings", size={"width": width, "height": 900})
    assert page.evaluate(SMALLEST) >= 12


@SCRIPTS
def test_the_enter_key_adds_a_finding_and_does_not_look_its_paper_up(visit: Visit, scripts: bool) -> None:
    page = visit(scripts=scripts, signed_in=True)
    page.goto("/findings/add")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.locator("#fault-effect")).to_contain_text("Give suppressing or promoting")
