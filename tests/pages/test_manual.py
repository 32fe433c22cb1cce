"""The manual in a browser: its scripts run under its policy, it needs no other host, it can be searched, and no link is dead.

`make test-all` builds it first (`make docs`).
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import expect

from service.pages import manual
from tests.pages.conftest import PHONE, Visit, faults_of

# Addresses that other pages link to.
FIXED = [
    "tutorial",
    "how-to",
    "how-to/score-a-file",
    "how-to/use-from-python",
    "how-to/use-over-http",
    "how-to/add-findings",
    "how-to/retrain-on-your-findings",
    "how-to/use-your-own-role-tables",
    "how-to/run-a-server",
    "reference",
    "reference/api",
    "reference/command-line",
    "reference/settings",
    "reference/file-formats",
    "explanation",
    "explanation/model",
    "explanation/evaluation",
    "explanation/data",
    "explanation/performance",
    "glossary",
    "cite",
    "contributing",
]
TERMS = [
    "candidate",
    "prediction",
    "support",
    "prediction-set",
    "confidence",
    "credibility",
    "band",
    "domain",
    "evidence",
    "finding",
    "effect",
    "grade",
    "disposition",
    "stratum",
    "promotion-check",
    "phenotype",
    "cargo-type",
    "cargo-state",
    "native",
    "enriched",
    "loaded",
    "depleted",
    "source-cell",
    "recipient-cell",
    "role",
    "counterfactual",
    "calibration",
    "auroc",
    "mcc",
    "brier-score",
    "ece",
    "papers-left-out",
    "drift",
    "log-odds",
    "contribution",
    "percentile",
    "baseline",
    "retracted",
    "held-out",
]
PAGES = {path.parent.relative_to(manual.FOLDER): path for path in manual.FOLDER.rglob("index.html")}


def text_of(address: str) -> str:
    """The markup of a page of the manual."""
    return (manual.FOLDER / address / "index.html").read_text("utf-8")


def test_the_addresses_and_terms_that_others_link_to_exist() -> None:
    assert {address for address in FIXED if Path(address) not in PAGES} == set()
    ids = set(re.findall(r'id="([^"]+)"', text_of("glossary")))
    assert {term for term in TERMS if term not in ids} == set()


def test_every_link_within_the_product_leads_somewhere(app: Flask) -> None:
    anchors = {path: set(re.findall(r'id="?([^"\s>]+)', file.read_text("utf-8"))) for path, file in PAGES.items()}
    client = app.test_client()
    dead, seen = [], set()
    for path, file in PAGES.items():
        base = f"http://localhost/help/{path}/" if path.parts else "http://localhost/help/"
        for link in re.findall(r'<(?:a|img|link|script)[^>]+(?:href|src)="?([^"\s>]+)', file.read_text("utf-8")):
            target = urlsplit(urljoin(base, link.replace("&amp;", "&")))
            if target.netloc != "localhost":
                continue
            address = target.path + (f"?{target.query}" if target.query else "")
            if address not in seen:
                seen.add(address)
                with client.get(address, follow_redirects=True) as answer:
                    if answer.status_code != 200:
                        dead.append(f"{path}: {link}")
            page = Path(target.path.removeprefix("/help/"))
            if target.fragment and page in anchors and unquote(target.fragment) not in anchors[page]:
                dead.append(f"{path}: {link}")
    assert dead == []
    assert len(seen) > 30


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_loads_nothing_from_another_host_and_breaks_no_rule_of_its_policy(visit: Visit, path: Path) -> None:
    page = visit()
    foreign: list[str] = []
    page.on(
        "request", lambda request: foreign.append(request.url) if not request.url.startswith(visit.address) else None
    )
    page.goto(f"/help/{path}/")
    page.wait_for_load_state("networkidle")
    assert foreign == []
    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize(
    "path", ["", "tutorial/", "how-to/use-over-http/", "reference/file-formats/", "explanation/experiments/"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_fault_that_axe_knows(visit: Visit, path: str, scheme: str) -> None:
    page = visit(f"/help/{path}", color_scheme=scheme)
    assert faults_of(page) == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_fits_a_phone(visit: Visit, path: Path) -> None:
    page = visit(f"/help/{path}/", size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_manual_can_be_searched_and_leads_back_to_the_product(visit: Visit) -> None:
    page = visit("/help/")
    page.get_by_role("textbox", name="Search").click()
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching")
    page.get_by_role("textbox", name="Search").press_sequentially("credibility")
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Back to Exoscore").first.click()
    page.wait_for_url("**/")
    assert urlsplit(page.url).path == "/"
