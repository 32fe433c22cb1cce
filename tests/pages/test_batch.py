"""Somebody sends a file, looks at its faults, has it scored, watches, filters, fetches and removes it; scripts or not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests import workbooks
from tests.journeys.lab import Lab
from tests.pages.conftest import DESK, PHONE, Visit, faults_of, sign_in

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
HOSTILE = '"><script>alert(1)</script><b>שלום</b>{{ 7 * 7 }}'
HEADER = ("id", "source_phenotype", "cargo_type", "cargo_name", "cancer_type", "plate")
ROWS = (
    ("a", "M2", "mirna", "miR-21-5p", "gastric cancer", "P1"),
    ("b", "M1", "mirna", "miR-155", "HCC", HOSTILE),
    ("c", "M7", "mirna", "miR-21", "HCC", "P2"),
    (HOSTILE, "M2", "mirnaa", HOSTILE, "glioma", "P2"),
    ("e", "M2", "lncrna", HOSTILE, "x" * 250, "P2"),
    ("f", "TAM", "whole_vesicle", "", "glioma", "P3"),
)
BAD = 2


def table(rows: Sequence[Sequence[str]] = ROWS, delimiter: str = ",", header: Sequence[str] = HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def send(page: Page, content: bytes, name: str = "vesicles.csv") -> None:
    page.goto("/batch")
    choose(page, {"name": name, "mimeType": "text/csv", "buffer": content})


def choose(page: Page, file: Path | FilePayload) -> None:
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Preview").click()


def scored(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Score (all|\\d+) rows?")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("rows scored", timeout=60_000)


def numbers(page: Page) -> list[str]:
    return page.locator("table.scores tbody th").all_inner_texts()


def fetched(page: Page, link: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return Path(download.value.path()).read_bytes()


@SCRIPTS
def test_a_file_with_faults_is_looked_at_scored_filtered_fetched_and_removed(
    visit: Visit, site: Lab, scripts: bool
) -> None:
    page = visit(scripts=scripts)
    send(page, table(), f"{HOSTILE[2:]}.csv")
    expect(page.locator(".lead")).to_contain_text("6 rows, 2 with errors, 1 with warnings")
    faults = page.locator("table.faults tbody tr")
    expect(faults).to_have_count(BAD)
    expect(faults.first).to_contain_text(re.compile("4.*Phenotype.*M7.*Did you mean M0 or M1", re.DOTALL))
    expect(page.locator("table.previewed tbody tr").nth(1)).to_contain_text("hepatocellular carcinoma")
    expect(page.locator("ul.others").filter(has_text="plate")).to_have_count(1)
    assert page.locator("main script, main b").count() == 0
    draft = page.url
    scored(page)
    address = page.url
    assert page.locator("main script, main b").count() == 0
    assert numbers(page) == ["1", "2", "3", "4", "5", "6"]
    # Its address alone shows it again, and so does that of the file that it was made of.
    other = visit(address, scripts=scripts)
    expect(other.get_by_role("heading", level=1)).to_have_text("4 of 6 rows scored")
    other.goto(draft)
    assert other.url == address
    page.get_by_label("Prediction", exact=True).select_option("none")
    page.get_by_role("button", name="Show").click()
    assert numbers(page) == ["3", "4"]
    page.get_by_role("link", name="All rows").click()
    page.get_by_label("Sort by").select_option("probability_suppressing")
    page.get_by_role("button", name="Show").click()
    result = list(csv.DictReader(io.StringIO(fetched(page, "All scores").decode())))
    labelled = [row for row in result if row["label"]]
    assert numbers(page) == [
        row["row"] for row in sorted(labelled, key=lambda row: float(row["probability_suppressing"]))
    ]
    batch_id = address.rsplit("/", 1)[-1]
    errors = list(csv.DictReader(io.StringIO(fetched(page, "Errors (CSV)").decode())))
    assert [row["row"] for row in errors] == ["3", "4"]
    assert fetched(page, "Errors (JSON lines)") == site.ask("GET", f"/v1/batches/{batch_id}/errors").content
    page.goto("/batch")
    page.get_by_role("link", name=re.compile("script")).click()
    assert page.url == address
    page.get_by_label("Reason").fill("scored elsewhere")
    page.get_by_role("button", name="Remove the files").click()
    expect(page.get_by_role("status")).to_contain_text("The files of the batch were removed")
    assert site.ask("GET", f"/v1/batches/{batch_id}/result").status_code == 410
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("The files of this batch were removed")


@SCRIPTS
def test_a_sheet_of_a_workbook_is_chosen_looked_at_and_scored(visit: Visit, scripts: bool) -> None:
    page = visit(scripts=scripts)
    sheets = {"Notes": [["none"]], "Plate 2": [HEADER, *ROWS[:2]]}
    send(page, workbooks.xlsx(sheets), "plates.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("The sheet 'Notes' is read; there is also 'Plate 2'")
    page.locator("#chosen-sheet").fill("Plate")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("alert")).to_contain_text("no sheet 'Plate'; it has 'Notes', 'Plate 2'")
    page.locator("#chosen-sheet").fill("Plate 2")
    page.get_by_role("button", name="Read it again").click()
    expect(page.locator(".lead")).to_contain_text("read as a workbook: 2 rows, none with errors")
    assert not scripts or faults_of(page) == []
    scored(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 2 rows scored")
    page.goto("/batch")
    page.get_by_label("Sheet", exact=True).fill("Plate 2")
    choose(page, {"name": "plates.xlsx", "mimeType": "", "buffer": workbooks.xlsx(sheets)})
    expect(page.locator(".lead")).to_contain_text("2 rows, none with errors")


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_the_pages_of_a_file_have_no_fault_that_axe_knows(visit: Visit, scheme: Any, size: dict[str, int]) -> None:
    page = visit(color_scheme=scheme, size=size)
    send(page, table(delimiter=";"))
    assert faults_of(page) == []
    send(page, table())
    assert faults_of(page) == []
    page.get_by_text("How to read the file").click()
    page.get_by_label("For all rows").fill("somewhere")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("alert")).to_contain_text("is not of the form FIELD=VALUE")
    assert faults_of(page) == []
    page.get_by_label("For all rows").fill("species=human")
    page.get_by_role("button", name="Read it again").click()
    scored(page)
    assert faults_of(page) == []
    page.goto(f"{page.url}?label=nothing&sort=%3Cb%3E&because=domain&page=abc&bad=7")
    expect(page.locator("#fault-label")).to_contain_text("choose one of suppressing")
    assert faults_of(page) == []
    page.goto("/batch")
    assert faults_of(page) == []


@SCRIPTS
def test_a_row_leads_to_its_answer_and_shows_what_was_typed_beside_what_was_understood(
    visit: Visit, site: Lab, scripts: bool
) -> None:
    page = visit(scripts=scripts)
    rows = [("M2", "mirna", "hsa-miR-21", "HCC", "human"), ("M7", "mirna", "miR-21", "HCC", "human")]
    send(page, table(rows, header=("Phenotype", "Cargo type", "miRNA", "cancer_type", "species")))
    preview = page.locator("table.previewed tbody tr").first
    expect(preview).to_contain_text(
        re.compile("miR-21.*from hsa-miR-21.*hepatocellular carcinoma.*from HCC", re.DOTALL)
    )
    scored(page)
    row = page.locator("table.scores tbody tr").first
    expect(row).to_contain_text("from hsa-miR-21; HCC")
    shown = row.locator("td.number").first.inner_text()
    expect(page.locator("table.scores tbody tr").nth(1).get_by_role("link")).to_have_count(0)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("miR-21.*M2 macrophage.*hepatocellular carcinoma")
    )
    assert "species=human" in page.url
    assert shown in page.locator("main").inner_text()


def test_the_example_file_is_fetched_previewed_and_scored_without_an_error(visit: Visit, tmp_path: Path) -> None:
    page = visit("/batch")
    example = tmp_path / "example.csv"
    example.write_bytes(fetched(page, "Example file"))
    choose(page, example)
    expect(page.locator(".lead")).to_contain_text(re.compile(r"\d rows, none with errors\. "))
    scored(page)
    shares = page.get_by_role("img", name=re.compile("suppressing: .*undetermined: .*promoting: "))
    expect(shares).to_be_visible()
    page.goto("/batch")
    header = fetched(page, "Empty template").decode("utf-8-sig").splitlines()
    assert header == [example.read_text("utf-8-sig").splitlines()[0]]


def test_no_word_of_a_result_is_broken_and_a_phone_needs_few_lines_for_a_row(visit: Visit) -> None:
    page = visit()
    cells = ["macrophage", "mesenchymal stem cell", "natural killer cell"] * 8
    rows = [("unspecified", "mirna", "miR-21-5p", "gastric cancer", cell) for cell in cells]
    send(page, table(rows, header=("source_phenotype", "cargo_type", "cargo_name", "cancer_type", "source_cell")))
    scored(page)
    lines = """row => [...row.querySelectorAll('td a bdi')].map(part => {
      const words = document.createRange(), text = part.firstChild
      return [...text.data.matchAll(/\\S+/g)].map(word => {
        words.setStart(text, word.index)
        words.setEnd(text, word.index + word[0].length)
        return new Set([...words.getClientRects()].map(box => Math.round(box.top))).size
      })
    }).flat()"""
    for row in page.locator("table.scores tbody tr").all()[:3]:
        assert set(row.evaluate(lines)) == {1}
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator("table.scores").evaluate("table => table.offsetHeight") / len(rows) < 170


@SCRIPTS
def test_a_large_file_is_watched_from_a_new_tab_and_stopped_and_begun_again(
    visit: Visit, site: Lab, scripts: bool, tmp_path: Path
) -> None:
    file = tmp_path / "vesicles.csv"
    # So many pieces, each of so many different candidates, that it is seen between the first of them and the last.
    rows = [(str(row), "M2", "mirna", f"miR-{row // 4}", "gastric cancer", "P" * 100) for row in range(600_000)]
    file.write_bytes(table(rows))
    page = visit("/batch", scripts=scripts)
    choose(page, file)
    expect(page.locator(".lead")).to_contain_text(
        re.compile(r"the first \d+,\d+ rows, none with errors"), timeout=60_000
    )
    page.get_by_label("Add the nearest findings").check()
    page.get_by_role("button", name="Score all rows").click()
    expect(page.locator(".state")).to_contain_text(re.compile("Queued|Running"))
    expect(page.locator(".counted")).to_contain_text("rows per second", timeout=60_000)
    address = page.url
    page.close()
    page = visit(address, scripts=scripts)
    if page.get_by_role("button", name="Stop").count():
        assert not scripts or faults_of(page) == []
        page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("stopped|rows scored"), timeout=60_000)
    site.ended(address.rsplit("/", 1)[-1])


@SCRIPTS
def test_a_batch_that_bad_rows_stopped_loses_nothing(visit: Visit, scripts: bool) -> None:
    page = visit(scripts=scripts)
    send(page, table())
    page.get_by_label("Rows with errors", exact=True).select_option("refuse")
    page.get_by_role("button", name="Score 4 rows without errors").click()
    expect(page.get_by_role("alert")).to_contain_text("2 of 6 rows have errors", timeout=60_000)
    expect(page.locator("table.faults tbody tr")).to_have_count(BAD)
    assert not scripts or faults_of(page) == []
    page.get_by_role("button", name="Score the rows without errors").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("4 of 6 rows scored", timeout=60_000)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", table(header=("id", "source_fenotype", *HEADER[2:])), "Did you mean source_fenotype?"),
        ("a.xlsx", b"PK\x03\x04 a workbook", "The workbook cannot be read"),
        ("a.csv", b"", "The file is empty"),
        ("a.parquet", b"PAR1 and nothing", "not a readable Parquet file"),
    ],
)
def test_a_file_that_cannot_be_scored_says_what_is_wanted(visit: Visit, name: str, content: bytes, says: str) -> None:
    page = visit()
    send(page, content, name)
    expect(page.locator("main")).to_contain_text(says)
    assert page.get_by_role("button", name=re.compile("^Score")).count() == 0
    assert page.get_by_label("File", exact=True).count() == 1


def test_a_form_without_a_file_says_so(visit: Visit) -> None:
    page = visit("/batch")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#fault-file")).to_contain_text("Choose a file")


def test_a_file_can_be_dropped_on_the_field_around_its_input(visit: Visit) -> None:
    page = visit("/batch")
    dropped = page.evaluate_handle(
        """text => {
          const dropped = new DataTransfer()
          dropped.items.add(new File([text], 'dropped.csv', {type: 'text/csv'}))
          return dropped
        }""",
        table().decode(),
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".lead")).to_contain_text("dropped.csv, read as CSV: 6 rows")


def test_the_batches_of_a_key_are_listed_and_those_of_others_are_not(visit: Visit, site: Lab) -> None:
    sent = site.ask("POST", "/v1/batches?partial=true&keep=true", content=table(), headers={"Content-Type": "text/csv"})
    assert sent.status_code == 202, sent.text
    batch_id = sent.json()["id"]
    page = visit("/batch")
    expect(page.get_by_role("link", name=batch_id)).to_have_count(0)
    sign_in(page, site.key)
    page.goto("/batch")
    expect(page.get_by_role("link", name=batch_id)).to_have_count(1)
    page.goto(f"/models/jobs/{batch_id}")
    expect(page).to_have_url(re.compile(f"/batch/{batch_id}$"))
