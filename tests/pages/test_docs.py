"""The API is documented in the frame of the site, on a phone too, with examples that do what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from service.api.code_samples import LANGUAGES, SAMPLES
from service.pages.batch.form import example_file
from tests.journeys.lab import Lab
from tests.pages.conftest import DESK, PHONE, Visit

PYTHON = [(operation, name) for operation in SAMPLES for name in LANGUAGES if LANGUAGES[name][1] == "python"]
ADDRESS = "http://127.0.0.1:8000"


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_the_api_docs_have_the_frame_of_the_site_and_every_operation(
    visit: Visit, site: Lab, scheme: str, size: dict[str, int]
) -> None:
    page = visit("/docs", color_scheme=scheme, size=size)
    expect(page.get_by_role("link", name="Exoscore", exact=True)).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    for address in site.ask("GET", "/openapi.json").json()["paths"]:
        expect(page.locator("rapi-doc").get_by_text(address, exact=True).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # What is inside of the list of operations is RapiDoc's.
    assert Axe().run(page, context={"exclude": [["rapi-doc"]]}).response["violations"] == []


def test_an_operation_shows_its_examples(visit: Visit) -> None:
    page = visit("/docs")
    reference = page.locator("rapi-doc")
    reference.get_by_text("/v1/scores", exact=True).first.click()
    for label, _ in LANGUAGES.values():
        expect(reference.get_by_text(label, exact=True).first).to_be_visible()


@pytest.mark.parametrize(("operation", "name"), PYTHON)
def test_an_example_in_python_does_what_it_says(site: Lab, tmp_path: Path, operation: str, name: str) -> None:
    (tmp_path / "candidates.csv").write_bytes(example_file())
    source = SAMPLES[operation][name].replace(ADDRESS, site.address)
    done = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    if operation == "send_batch":
        assert (tmp_path / "scores.csv").read_text("utf-8").count("example-") > 1
    else:
        assert re.search("suppressing|promoting", done.stdout)


def test_the_example_for_curl_is_a_body_that_is_scored(site: Lab) -> None:
    (body,) = re.findall("--json '([^']+)'", SAMPLES["score"]["curl"])
    scored = site.ask("POST", "/v1/scores", json=json.loads(body))
    assert scored.status_code == 200


def test_every_example_is_in_every_language_and_asks_the_same_server() -> None:
    for samples in SAMPLES.values():
        assert {"title", *LANGUAGES} == set(samples)
        assert all(ADDRESS in samples[name] for name in LANGUAGES)
