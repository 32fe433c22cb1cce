"""`GET /v1/reports`: the answer of `/v1/scores` to the last bit with all that stands behind it, as a document or a page.

The page holds no script and no style of its own, links nowhere but to papers, to the API and to its style sheets, and
whatever comes from outside stays a text in it.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from models.artifact import Bundle
from models.candidate import FIELDS
from models.scorer import Scorer
from service import Settings, candidate_query, create_app, reports
from service.pages import report as pages
from service.registry import Registry

ROOT = Path(__file__).parent.parent.parent
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
FULL: dict[str, str | list[str]] = {
    "id": "A-17",
    "source_cell": "MSC",
    "source_phenotype": "bone marrow",
    "polarisation": ["TNFa", "hypoxia", "1,25-D3"],
    "species": ["human", "mouse"],
    "cargo_type": "microRNA",
    "cargo_name": "hsa-miR-145+let7b",
    "cargo_state": "overexpressed",
    "engineering": ["transfection", "RGD"],
    "cancer_type": "TNBC",
    "recipient_cell": ["HUVEC", "cancer_cell"],
}
CANDIDATES: list[dict[str, str | list[str]]] = [
    dict(MIR21),
    FULL,
    {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "miR-155", "cargo_state": "loaded"},
    {"source_phenotype": "TAM", "cargo_type": "whole_vesicle", "cancer_type": "HCC"},
    {"source_phenotype": "M2", "cargo_type": "lncrna", "cargo_name": "blorb"},
    {"source_cell": "MSC", "source_phenotype": "bone marrow", "cargo_type": "lncRNA", "cargo_name": "PTENP1"},
    {"source_cell": "milk", "source_phenotype": "unspecified", "cargo_type": "drug", "cargo_name": "PTX+DOX"},
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-124", "cancer_type": "PC"},
]
HOSTILE = {
    "id": '"><script>alert(1)</script>',
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "<img src=x onerror=alert(1)>{{ 7 * 7 }}",
    "cancer_type": "</style></svg><b>שלום עולם</b>",
    "polarisation": ["'; DROP TABLE", "&amp;<i>"],
}
LONGEST = {**MIR21, "cargo_name": "Ж" * 300, "cancer_type": "W" * 300, "id": "x" * 300}


def named(candidate: dict[str, Any]) -> str:
    return str(candidate.get("cargo_name", candidate["cargo_type"]))[:12]


def asked(candidate: dict[str, Any], **more: str) -> str:
    return f"/v1/reports?{candidate_query.write(candidate)}&{urlencode(more)}"


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


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_a_report_gives_the_score_of_every_other_door_to_the_last_bit(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    answer = client.post("/v1/scores?include=evidence,contributions,flips", json={"candidates": [candidate]}).get_json()
    assert json.dumps(found["score"]) == json.dumps(answer["scores"][0])
    assert found["model"] == answer["model"]


def test_every_field_of_a_candidate_is_taken_from_the_query(client: FlaskClient) -> None:
    assert set(FULL) == {one.name for one in FIELDS}
    assert set(client.get(asked(FULL)).get_json()["score"]["candidate"]) == set(FULL)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_the_request_and_the_address_in_a_report_give_it_again(client: FlaskClient, candidate: dict[str, Any]) -> None:
    first = client.get(asked(candidate))
    replay = first.get_json()["replay"]
    request = replay["request"]
    again = client.open(request["path"], method=request["method"], json=request["body"]).get_json()
    assert json.dumps(again["scores"][0]) == json.dumps(first.get_json()["score"])
    assert client.get(replay["report"]).get_data() == first.get_data()
    assert client.get(replay["report"], headers={"Accept": "text/html"}).get_data(as_text=True) == page_of(
        client, candidate
    )


def test_the_same_address_gives_the_same_bytes_and_they_are_not_sent_twice(
    client: FlaskClient, trained_var: Path
) -> None:
    for form in ("html", "json"):
        first = client.get(asked(MIR21, format=form))
        elsewhere = create_app(Settings(var=trained_var)).test_client().get(asked(MIR21, format=form))
        assert (elsewhere.get_data(), elsewhere.headers["ETag"]) == (first.get_data(), first.headers["ETag"])
        again = client.get(asked(MIR21, format=form), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
    assert first.headers["ETag"] != client.get(asked(MIR21, format="html")).headers["ETag"]


@pytest.mark.parametrize(
    ("accept", "form", "status", "content_type"),
    [
        (None, None, 200, "application/json"),
        ("*/*", None, 200, "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None, 200, "text/html; charset=utf-8"),
        ("application/json", None, 200, "application/json"),
        ("application/json", "html", 200, "text/html; charset=utf-8"),
        ("text/html", "json", 200, "application/json"),
        ("image/png", None, 406, "application/problem+json"),
        ("text/html", "pdf", 422, "application/problem+json"),
    ],
)
def test_the_form_is_what_the_query_says_or_else_what_the_reader_accepts(
    client: FlaskClient, accept: str | None, form: str | None, status: int, content_type: str
) -> None:
    more = {"format": form} if form else {}
    response = client.get(asked(MIR21, **more), headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.content_type) == (status, content_type)
    if status == 200:
        assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"source_phenotype": "M9", "cargo_type": "mirn", "cargo_state": "natif"},
        {**MIR21, "source_phenotype": "CAF", "species": "mouze"},
        {**MIR21, "cargo_name": "x" * 10_000},
        {**MIR21, "cancer_type": "\u202etumour"},
        {**MIR21, "cargo_type": "whole_vesicle"},
        {**MIR21, "engineering": ["drug_loading"] * 51},
        {**MIR21, "source_cell": "macrofage", "recipient_cell": ["t_cel", "blorb"]},
    ],
)
def test_faults_are_told_as_thoroughly_as_those_of_scores_by_their_parameter(
    client: FlaskClient, bad: dict[str, Any]
) -> None:
    response = client.get(asked(bad))
    posted = client.post("/v1/scores", json={"candidates": [bad]}).get_json()
    assert (response.status_code, response.content_type) == (422, "application/problem+json")
    expected = [
        {"parameter": error["pointer"].rpartition("/")[2]} | {k: v for k, v in error.items() if k != "pointer"}
        for error in posted["errors"]
    ]
    assert response.get_json()["errors"] == expected


def test_unknown_parameters_and_an_unknown_model_are_refused(client: FlaskClient, scorer: Scorer) -> None:
    problem = client.get(asked(MIR21, colour="red", modle="x", model="exo-000000000000")).get_json()
    assert {error["parameter"]: error["code"] for error in problem["errors"]} == {
        "colour": "unknown_parameter",
        "modle": "unknown_parameter",
        "model": "unknown_model",
    }
    response = client.get(asked(MIR21, model="exo-000000000000"))
    assert response.status_code == 404
    assert scorer.bundle.id in response.get_json()["errors"][0]["detail"]


def test_a_pinned_model_stays_when_another_is_promoted(tmp_path: Path, produced: Bundle) -> None:
    registry = Registry(tmp_path)
    renamed = Bundle(produced.model, {**produced.manifest, "model": "exo-0123456789ab"})
    for bundle in (produced, renamed):
        registry.keep(bundle)
    registry.promote(produced.id)
    client = create_app(Settings(var=tmp_path)).test_client()
    before = client.get(asked(MIR21, model=produced.id)).get_data()
    unpinned = client.get(asked(MIR21)).get_json()
    registry.promote(renamed.id)
    assert client.get(asked(MIR21, model=produced.id)).get_data() == before
    assert client.get(asked(MIR21)).get_json()["model"]["id"] != unpinned["model"]["id"]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_every_finding_that_is_named_is_among_the_references_once(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    listed = [one["finding_id"] for one in found["references"]]
    assert set(listed) == set(re.findall(r"EXF-[0-9a-f]{8}", json.dumps(found["score"])))
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_the_position_counts_every_finding_and_encloses_the_candidate(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    counts, edges = found["position"]["of_all"], found["position"]["edges"]
    assert sum(counts["suppressing"] + counts["promoting"]) == found["model"]["findings"]
    assert edges[0] <= found["score"]["contributions"]["log_odds"] <= edges[-1]
    assert ("of_cargo_type" in found["position"]) == ("of_cargo_type" in found["score"]["percentile"])
    lower = sum(
        counts[effect][column]
        for effect in counts
        for column, right in enumerate(edges[1:])
        if right <= found["score"]["contributions"]["log_odds"]
    )
    assert lower <= found["score"]["percentile"]["of_all"] / 100 * found["model"]["findings"] + 1


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_each_change_that_turns_the_call_has_a_report_of_its_own(
    client: FlaskClient, candidate: dict[str, Any]
) -> None:
    found = client.get(asked(candidate)).get_json()
    assert len(found["flips"]) == len(found["score"]["flips"])
    for flip, ways in zip(found["score"]["flips"], found["flips"], strict=True):
        turned = client.get(ways["report"]).get_json()["score"]
        assert turned["probability_suppressing"] == flip["probability_suppressing"]
        assert turned["candidate"] == {name: value for name, value in flip["candidate"].items() if name != "id"}
        assert turned["label"] != found["score"]["label"] or turned.get("undetermined_because") == "conflict"


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
        assert re.match(r"https?://|/v1/reports\?|/static/\w+\.css$|#ref-\d+$", address), address
        if address.startswith("#"):
            assert address[1:] in ids
        elif address.startswith("/"):
            with client.get(address) as response:
                assert response.status_code == 200, address
    for labels in page.of("aria-labelledby"):
        assert set(labels.split()) <= set(ids)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=named)
def test_a_page_says_what_the_document_says(client: FlaskClient, candidate: dict[str, Any]) -> None:
    found = client.get(asked(candidate)).get_json()
    score, text = found["score"], Page(page_of(client, candidate)).text
    assert score["summary"] in text
    for note in score["normalisation"]:
        assert note["given"] in text
        assert note["used"] in text
        assert note.get("identifier", "") in text
    for reason in score["domain"]["reasons"]:
        assert reason["says"] in text
    for reference in found["references"]:
        assert reference["finding_id"] in text
        assert reference["citation"].get("title", "") in text
    for observed in score["mechanism"].values():
        assert all(one["name"].rstrip("-").replace("_", " ").lower() in text.lower() for one in observed)
    for version in score["versions"].values():
        assert version in text
    assert found["replay"]["command"] in text
    assert found["replay"]["report"] in text
    assert found["adequacy"]["intended_use"] in text
    if score["label"] == "undetermined":
        assert pages.BECAUSE[score["undetermined_because"]] in text


def test_hostile_texts_are_shown_as_they_are_and_do_nothing(client: FlaskClient) -> None:
    page = Page(page_of(client, HOSTILE))
    for name in ("id", "cargo_name", "cancer_type"):
        assert HOSTILE[name] in page.text
    assert "49" not in page.text.partition("{{")[2][:20]


def test_a_findings_address_that_is_no_web_address_is_not_linked() -> None:
    assert pages.links(["javascript:alert(1)", "data:text/html,x", "https://doi.org/10.1/x"]) == [
        ("DOI", "https://doi.org/10.1/x", "10.1/x")
    ]


def test_a_name_of_300_letters_is_kept_whole_and_short_in_the_head(client: FlaskClient) -> None:
    markup = page_of(client, LONGEST)
    head = re.search(r"(?s)<h1>(.*?)</h1>", markup)
    assert head
    assert len(re.sub("<[^>]*>", "", head[1])) < 300
    assert LONGEST["cargo_name"] in Page(markup).text


def test_a_file_holds_its_style_and_needs_no_server(scorer: Scorer) -> None:
    found = reports.report(scorer, scorer.reader.read(FULL), FULL)
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
    found = reports.report(scorer, scorer.reader.read(MIR21), MIR21)
    found["performance"]["figures"] = dict.fromkeys(found["performance"]["figures"])
    assert "Performance" in pages.page(found)


def test_the_address_in_the_readme_is_a_report(client: FlaskClient) -> None:
    addresses = re.findall(r"/v1/reports\?[^\s'`)]+", (ROOT / "README.md").read_text("utf-8"))
    assert addresses
    for address in addresses:
        assert client.get(address).status_code == 200
