"""The page of a report: it says what the document says, holds no script and no style of its own, leads nowhere but to papers,
to the API and to its style sheets, and whatever comes from outside stays a text in it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.scorer import Scorer
from service.pages import report as pages
from service.pages.template_filters import observed as filtered
from service.scoring import report
from tests.service.candidates import CANDIDATES, FULL, HOSTILE, LONGEST, MIR21, asked, named
from training.report.formatting import humanize


def page_of(client: FlaskClient, candidate: dict[str, Any]) -> str:
    response = client.get(asked(candidate, format="html"))
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    return response.get_data(as_text=True)


class Page(HTMLParser):
    """What a page is made of: its elements with their attributes, its text, and that every element is closed."""

    VOID = ("meta", "link", "br")

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


@pytest.mark.parametrize("candidate", [*CANDIDATES, HOSTILE, LONGEST], ids=named)
def test_a_page_is_sound_and_runs_nothing_and_leads_only_where_it_may(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    page = Page(page_of(client, candidate))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "style", "iframe", "object", "form", "img", "i", "b"}
    assert not any(name == "style" or name.startswith("on") for _, found in page.elements for name in found)
    ids = page.of("id")
    assert len(ids) == len(set(ids))
    for address in page.of("href"):
        assert re.match(
            r"https?://|/v1/(?:reports\?|scores/)|/(findings|models|help)/|/static/\w+\.css$|#ref-\d+$", address
        ), address
        if address.startswith("#"):
            assert address[1:] in ids
        elif address.startswith("/") and not address.startswith("/help/"):
            with client.get(address) as response:
                assert response.status_code == 200, address
    for labels in page.of("aria-labelledby"):
        assert set(labels.split()) <= set(ids)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_a_page_says_what_the_document_says(client: FlaskClient, candidate: dict[str, Any]) -> None:
    found = client.get(asked(candidate)).get_json()
    score, text = found["score"], Page(page_of(client, candidate)).text
    assert score["summary"].partition(": ")[2][1:] in text
    for note in score["normalisation"]:
        assert note["given"] in text
        assert note["used"] in text or humanize(note["used"]) in text
        assert note.get("identifier", "") in text
    for reason in score["domain"]["reasons"]:
        assert reason["says"] in text
    for reference in found["references"]:
        assert reference["finding_id"] in text
        assert reference["citation"].get("title", "") in text
    mechanism = score["mechanism"]
    neighbours = mechanism.pop("neighbours", {})
    assert ("of other cargos" in text) == bool(neighbours)
    for observed in (*mechanism.values(), *neighbours.values()):
        assert all(filtered(one["name"]).lower() in text.lower() for one in observed)
    for version in score["versions"].values():
        assert version in text
    assert found["replay"]["command"] in text
    assert found["replay"]["report"] in text
    assert found["adequacy"]["intended_use"] in text
    if score["label"] == "undetermined":
        assert text.count("Undetermined") == 2, "once in the title and once on the page"


def test_hostile_texts_are_shown_as_they_are_and_do_nothing(client: FlaskClient) -> None:
    page = Page(page_of(client, HOSTILE))
    for name in ("id", "cargo_name", "cancer_type"):
        assert HOSTILE[name] in page.text
    assert "49" not in page.text.partition("{{")[2][:20]


def test_a_name_of_300_letters_is_kept_whole_and_short_in_the_head(client: FlaskClient) -> None:
    markup = page_of(client, LONGEST)
    head = re.search(r"(?s)<h1>(.*?)</h1>", markup)
    assert head
    assert len(re.sub("<[^>]*>", "", head[1])) < 300
    assert LONGEST["cargo_name"] in Page(markup).text


def test_a_file_holds_its_style_and_needs_no_server(scorer: Scorer) -> None:
    found = report.report(scorer, scorer.parser.parse(FULL), FULL)
    page = Page(pages.page(found))
    assert {tag for tag, _ in page.elements} & {"link", "script"} == set()
    assert [tag for tag, _ in page.elements].count("style") == 1
    assert all(re.match(r"https?://|#ref-", address) for address in page.of("href"))
    assert all(ways["command"] in page.text for ways in found["flips"])


def test_the_style_sheets_fetch_nothing_and_know_dark_and_paper() -> None:
    style = pages.style()
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    used = set(re.findall(r"var\(--(\w+)\)", style))
    assert used <= set(re.findall(r"--(\w+):", style))


def test_a_model_with_figures_that_are_not_defined_is_reported(scorer: Scorer) -> None:
    found = report.report(scorer, scorer.parser.parse(MIR21), MIR21)
    found["performance"]["figures"] = dict.fromkeys(found["performance"]["figures"])
    assert "Performance" in pages.page(found)
