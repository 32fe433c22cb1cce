"""Somebody who looks after the models trains one, watches it, reads the gate, promotes and rolls back; with scripts and
without. On a store of few papers, so that a training is quick."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from models.estimator.artifact import Bundle
from tests.journeys.lab import Lab, make_lab
from tests.pages.conftest import PHONE, Visit, faults_of, sign_in
from training.evaluation.metrics import METRICS

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
PAPERS = 60
HOSTILE = '"><script>alert(1)</script><b>שלום</b>{{ 7 * 7 }}'
TRAINING_MS = 240_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Iterator[Lab]:
    lab = make_lab(tmp_path_factory.mktemp("lab"), produced, papers=PAPERS, workers=1, rate_limit=0)
    lab.start()
    try:
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def visit(browser: Browser, lab: Lab) -> Iterator[Visit]:
    visit = Visit(browser, lab.address, [])
    yield visit
    for context in visit.contexts:
        context.close()
    assert visit.faults == []


@pytest.fixture(scope="module")
def trained(lab: Lab) -> str:
    """A model that was trained here, and is kept."""
    job = lab.ended(lab.ask("POST", "/v1/trainings").json()["id"])
    assert job["state"] == "done", job
    return str(job["result"]["model"])


def entered(visit: Visit, lab: Lab, path: str, scripts: bool = True) -> Page:
    page = visit(scripts=scripts)
    sign_in(page, lab.key)
    page.goto(path)
    return page


@SCRIPTS
def test_a_training_is_begun_watched_and_cancelled_or_done(visit: Visit, lab: Lab, scripts: bool) -> None:
    page = entered(visit, lab, "/models", scripts)
    page.get_by_role("button", name="Train").click()
    expect(page).to_have_url(re.compile(r"/models/jobs/job-\w+$"))
    expect(page.locator(".log")).to_contain_text(re.compile(r"Training on \d+ findings of 60 papers"), timeout=60_000)
    expect(page.locator(".state")).to_contain_text("Running")
    address = page.url
    if not scripts:
        page.get_by_role("button", name="Cancel the job").click()
        expect(page.locator(".state")).to_contain_text("Cancelled", timeout=60_000)
        expect(page.locator("main")).to_contain_text("no model was stored")
        assert (
            lab.ask("GET", address.replace("/models/", "/v1/").replace(lab.address, "")).json()["state"] == "cancelled"
        )
        return
    assert faults_of(page) == []
    # Somebody who closed the page sees it go on at its address.
    page.close()
    page = visit(address)
    expect(page.get_by_role("heading", name="Result")).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator(".state")).to_contain_text("Done")
    expect(page.locator("main")).to_contain_text(
        re.compile("Recommended: not worse on the same papers|Not recommended")
    )
    assert faults_of(page) == []
    page.get_by_role("link", name="See the model").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Model corpus-")
    expect(page.locator("main")).to_contain_text("of 60 papers")


@SCRIPTS
def test_the_gate_is_read_a_model_promoted_against_it_and_rolled_back(
    visit: Visit, lab: Lab, trained: str, produced: Bundle, scripts: bool
) -> None:
    verdict = lab.ask("GET", f"/v1/models/{trained}").json()["gate"]
    assert verdict["recommends"] is False
    page = entered(visit, lab, "/models", scripts)
    page.locator("table.figures").get_by_role("row", name=trained).get_by_role("link").click()
    for line in verdict["says"][1:]:
        expect(page.locator("section", has=page.locator("#gate"))).to_contain_text(line)
    page.get_by_label("Reason").fill("to see")
    page.get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The promotion check does not recommend it.")
    page.get_by_label("Reason").fill(" ")
    page.get_by_role("button", name="Promote against the check").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the reason for this change")
    page.get_by_label("Reason").fill(HOSTILE)
    page.get_by_role("button", name="Promote against the check").click()
    expect(page.get_by_role("status")).to_contain_text(f"{trained} is in use")
    expect(page.locator("table.figures .ours")).to_contain_text(trained)
    expect(page.locator(".history li").first).to_contain_text(HOSTILE)
    assert page.locator("main script, main b").count() == 0
    assert not scripts or faults_of(page) == []
    page.get_by_label("Reason").fill("for good measure")
    page.get_by_role("button", name="Roll back from").click()
    expect(page.get_by_role("status")).to_contain_text(f"{produced.id} is in use again")
    expect(page.locator(".history li").first).to_contain_text(re.compile("rolled back to.*for good measure", re.DOTALL))
    assert lab.ask("GET", "/v1/models").json()["current"] == produced.id


@SCRIPTS
def test_a_model_is_retired_and_put_back_and_the_current_one_cannot_be(
    visit: Visit, lab: Lab, trained: str, produced: Bundle, scripts: bool
) -> None:
    page = entered(visit, lab, f"/models/{trained}", scripts)
    page.get_by_label("Reason").evaluate("(field, long) => { field.maxLength = 5000; field.value = long }", "x" * 1001)
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_role("alert")).to_contain_text("The reason is missing or cannot be stored")
    page.get_by_label("Reason").fill("too few papers")
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_role("status")).to_contain_text(f"{trained} is retired")
    page.goto(f"/models/{trained}/difference")
    expect(page.get_by_role("heading", level=1)).to_have_text("The model is retired")
    page.goto(f"/models/{trained}")
    page.get_by_label("Reason").fill("enough papers by now")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status")).to_contain_text("can be used again")
    assert lab.ask("GET", f"/v1/models/{trained}").json()["status"] == "kept"
    page.goto(f"/models/{produced.id}")
    expect(page.get_by_role("button", name="Retire")).to_have_count(0)


def test_two_models_are_compared_as_the_api_compares_them(visit: Visit, lab: Lab, trained: str) -> None:
    told = lab.ask("GET", f"/v1/models/{trained}/difference").json()
    page = visit(f"/models/{trained}")
    page.get_by_role("link", name="Compare its predictions with those of the model in use").click()
    expect(page.locator("main .lead")).to_contain_text(f"differs for {len(told['changed'])} of")
    assert page.locator("section table tbody tr").count() == len(told["changed"])
    assert faults_of(page) == []
    form = page.locator("form.compared")
    form.get_by_label("Compare to").select_option(told["other"])
    form.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(f"difference\\?to={told['other']}$"))


def test_a_models_page_has_the_figures_the_card_and_charts_of_its_manifest(
    visit: Visit, lab: Lab, trained: str, produced: Bundle
) -> None:
    for model_id in (trained, produced.id):
        found = lab.ask("GET", f"/v1/models/{model_id}").json()
        page = visit(f"/models/{model_id}", color_scheme="dark")
        ours = page.locator("table.figures .ours td").all_inner_texts()
        shown = [float(text.split("(")[0]) for text in ours]
        assert shown == [round(found["figures"][name], 3) for name in METRICS]
        for print_ in found["fingerprints"].values():
            expect(page.locator("main")).to_contain_text(print_)
        expect(page.locator("#card ~ details").first).to_contain_text("Intended use")
        assert page.locator(".charts svg").count() >= 3
        said = page.locator("#coverage-desc").text_content() or ""
        assert f"{found['figures']['coverage_promoting']:.3f}" in said
        assert faults_of(page) == []
    phone = visit(f"/models/{trained}", size=PHONE)
    assert faults_of(phone) == []


def test_the_gate_is_asked_again_as_a_job(visit: Visit, lab: Lab, trained: str) -> None:
    page = entered(visit, lab, f"/models/{trained}")
    page.get_by_role("button", name="Run the check again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promotion check")
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator(".state")).to_contain_text("Cancelled", timeout=60_000)
    page.goto("/models/jobs")
    expect(page.locator(".jobs tbody tr").first).to_contain_text(re.compile("promotion check.*cancelled", re.DOTALL))


def test_a_job_behind_another_says_how_many_are_before_it(visit: Visit, lab: Lab) -> None:
    ids = [lab.ask("POST", "/v1/trainings").json()["id"] for _ in range(3)]
    page = visit(f"/models/jobs/{ids[-1]}")
    expect(page.locator(".state")).to_contain_text(re.compile("Queued: 2 jobs before it", re.DOTALL))
    assert faults_of(page) == []
    for job_id in reversed(ids):
        lab.ask("POST", f"/v1/jobs/{job_id}/cancel")
    expect(page.locator(".state")).to_contain_text("Cancelled", timeout=60_000)
    assert lab.ended(ids[0])["state"] == "cancelled"


def test_what_needs_a_key_asks_for_it_and_goes_on_with_it(
    visit: Visit, lab: Lab, trained: str, produced: Bundle
) -> None:
    made = lab.ask("POST", "/v1/keys", json={"name": "curator", "scopes": ["curate"]}).json()
    page = visit()
    sign_in(page, lab.key)
    page.goto(f"/models/{trained}")
    page.get_by_label("Reason").fill("a better reason")
    # Meanwhile somebody else signs in, whose key does not allow it and who is not offered it.
    other = page.context.new_page()
    other.goto("/key")
    other.get_by_role("button", name="Sign out").click()
    sign_in(other, made["key"])
    other.goto(f"/models/{trained}")
    expect(other.get_by_role("button", name="Promote")).to_have_count(0)
    page.get_by_role("button", name="Promote against the check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The key does not allow this")
    assert lab.ask("GET", "/v1/models").json()["current"] == produced.id
    page.get_by_label("Key").fill(lab.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".history li").first).to_contain_text("a better reason")
    lab.ask("POST", "/v1/models/rollback", json={"reason": "worse"})


def test_the_drift_is_that_of_the_api(visit: Visit, lab: Lab) -> None:
    candidates = [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}] * 150
    assert lab.ask("POST", "/v1/scores", json={"candidates": candidates}).status_code == 200
    by = time.monotonic() + 60
    while (told := lab.ask("GET", "/v1/drift?days=1").json())["fields"][0]["submitted"] < len(candidates):
        assert time.monotonic() < by
        time.sleep(0.2)
    page = visit("/models")
    page.get_by_role("link", name="Drift").click()
    page.get_by_label("Days").fill("none")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#fault-days")).to_contain_text("Give 1 to")
    page.get_by_label("Days").fill("1")
    page.get_by_role("button", name="Show").click()
    rows = page.locator("table.drift tbody tr")
    for number, field in enumerate(told["fields"]):
        expect(rows.nth(number)).to_contain_text(field["verdict"])
        if field["psi"] is not None:
            expect(rows.nth(number)).to_contain_text(f"{field['psi']:.3f}")
    assert faults_of(page) == []
