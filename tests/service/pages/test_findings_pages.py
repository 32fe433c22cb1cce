"""The pages of findings without a browser: what they offer to whom, what they say, and what their forms do without scripts."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import Settings, create_app
from service.web.current import installation_of
from tests.service.findings.stand_in import CROSSREF, StandIn

ORIGIN = {"Origin": "http://localhost"}
SHIPPED = "/findings/EXF-5f0084ae"
FORM = {
    "source_cell": "macrophage",
    "source_phenotype": "M1",
    "cargo_type": "mirna",
    "cargo_name": "miR-143",
    "effect": "suppressing",
}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.send(json.dumps(CROSSREF).encode())
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[Flask]:
    """An application that may look papers up, and has no address for problems."""
    var = tmp_path_factory.mktemp("var")
    app = create_app(Settings(var=var, rate_limit=0, lookup=True, crossref_url=stand_in.settings.crossref_url))
    yield app
    installation_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    def with_scopes(*scopes: str) -> FlaskClient:
        client = app.test_client()
        key = installation_of(app).keys.create("anna", scopes, "tests")
        client.post("/key", data={"key": key, "csrf": token(client)}, headers=ORIGIN)
        return client

    return with_scopes


def token(client: FlaskClient) -> str:
    return next(iter(set(re.findall(r'name="csrf" value="(\w+)"', client.get("/key").text))))


def send(client: FlaskClient, address: str, **fields: str) -> str:
    answer = client.post(address, data={"csrf": token(client), **fields}, headers=ORIGIN, follow_redirects=True)
    return answer.text


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", markup)).split())


def test_a_finding_can_be_changed_by_those_who_may_and_reported_by_everybody_else(
    client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    for reader in (client, sign_in("score"), sign_in("train", "score")):
        page = reader.get(SHIPPED).text
        assert "/correct" not in page
        assert "/retract" not in page
        assert "Report a problem with this finding" in page
        assert "EXF-5f0084ae" in page[page.index('id="report"') :]
    page = sign_in("curate").get(SHIPPED).text
    assert "/correct" in page
    assert "/retract" in page
    assert "Report a problem" not in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("mailto:lab@example.org", 'href="mailto:lab@example.org?subject=Exoscore%20finding%20EXF-5f0084ae"'),
        ("https://example.org/contact", 'href="https://example.org/contact"'),
    ],
)
def test_a_problem_goes_to_the_contact_of_the_installation(
    tmp_path_factory: pytest.TempPathFactory, contact: str, link: str
) -> None:
    app = create_app(Settings(var=tmp_path_factory.mktemp("var"), contact=contact))
    assert link in app.test_client().get(SHIPPED).text
    installation_of(app).close()


def test_codes_are_shown_in_words_and_the_choices_of_curators_are_defined(client: FlaskClient) -> None:
    text = text_of(client.get(SHIPPED).text)
    for words in (
        "miR-19a-3p down; miR-19b-3p down; TLR5 up",
        "in vitro and in vivo Shown in cultured cells and in animals.",
        "Grade A The text states source, cargo, cancer and effect.",
    ):
        assert words in text
    assert not re.search(r"\w+_\w+", text[: text.index("History")])


@pytest.mark.parametrize(
    ("suffix", "begins"), [("bib", "@article{Jiang2022-"), ("ris", "TY  - JOUR"), ("csl", '[\n {\n  "id": "Jiang2022-')]
)
def test_the_paper_of_a_finding_can_be_cited(client: FlaskClient, suffix: str, begins: str) -> None:
    answer = client.get(f"{SHIPPED}/cite.{suffix}")
    assert answer.text.startswith(begins)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="EXF-5f0084ae.{suffix}"'
    assert client.get(f"{SHIPPED}/cite.pdf").status_code == 302
    assert client.get(f"/findings/EXF-none/cite.{suffix}").status_code == 404


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "bib", "ris", "csl", "zip"])
def test_a_list_is_downloaded_in_every_form_whatever_its_order_and_page(client: FlaskClient, suffix: str) -> None:
    page = client.get("/findings?cancer_type=melanoma&sort=author&page=2").text
    assert f'/findings/export.{suffix}?cancer_type=melanoma"' in page
    answer = client.get(f"/findings/export.{suffix}?cancer_type=melanoma&sort=author&page=2&limit=3")
    content = zipfile.ZipFile(io.BytesIO(answer.data)).read("findings.csv") if suffix == "zip" else answer.data
    assert (answer.status_code, b"EXF-" in content) == (200, True)
    if suffix == "json":
        assert len(json.loads(answer.text)["findings"]) == int(re.findall(r"(\d+) findings</strong>", page)[0])


def test_a_list_says_which_of_how_many_pages_it_is_and_how_many_a_choice_leaves(client: FlaskClient) -> None:
    page = client.get("/findings?sort=oldest&page=2")
    assert page.status_code == 200
    counted = int(re.findall(r"(\d+) findings</strong>", page.text)[0])
    pages = -(-counted // 25)
    assert f"Page 2 of {pages}" in page.text
    assert [name in page.text for name in (">Overview<", ">All findings<", ">Show as table<")] == [True] * 3
    assert f"Page {pages} of {pages}" in client.get("/findings?page=999999").text
    (promoting,) = re.findall(r">promoting \((\d+)\)<", page.text)
    assert f"{promoting} findings</strong>" in client.get("/findings?effect=promoting").text
    for wrong in ("sort=colour", "page=0", "page=x", "limit=900"):
        assert client.get(f"/findings?{wrong}").status_code == 422
    assert client.get("/findings?cursor=YWZ0ZXItMQ&effect=promoting").location == "/findings?effect=promoting"


def test_a_quote_is_added_shown_with_its_place_and_corrected(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in("curate", "score")
    quote = "Vesicles <b>reduced</b> growth (P < 0.01)."
    page = send(client, "/findings/add", **FORM, paper="lab:quoted", quote=quote, quote_place="Figure 3")
    assert re.search(r"<blockquote>.*Vesicles &lt;b&gt;reduced.*</blockquote>.*Figure 3", page, re.DOTALL)
    (address,) = set(re.findall(r'href="(/findings/EXF-\w+)/correct"', page))
    form = {
        **FORM,
        "paper": "lab:quoted",
        "quote": quote,
        "quote_place": "Abstract",
        "revision": "1",
        "reason": "seen there",
    }
    page = text_of(send(client, f"{address}/correct", **form))
    assert "Where it stands: Figure 3 → Abstract" in page
    too_long = send(client, "/findings/add", **FORM, paper="lab:long", quote="x" * 301)
    assert "300 characters" in text_of(too_long)


def test_what_is_known_of_a_paper_is_filled_in_without_a_script_and_nothing_typed_is_lost(
    sign_in: Callable[..., FlaskClient],
) -> None:
    client = sign_in("curate")
    page = send(
        client, "/findings/add", **FORM, doi="https://doi.org/10.1038/s41419-022-04640-z", year="2021", fill="true"
    )
    assert 'value="M1 macrophages in vivo &amp; TLR5/NF-κB"' in page
    assert 'value="Jiang"' in page
    assert 'value="2021"' in page
    assert 'value="miR-143"' in page
    text = text_of(page)
    assert "Filled in from Crossref: title, first author, journal." in text
    assert "Your entries were not changed, but Crossref has Year: 2022." in text
    page = send(client, f"{SHIPPED}/correct", doi="10.1038/s41419-022-04640-z", revision="1", fill="true")
    assert "Filled in from Crossref" in page
    page = send(client, "/findings/add", **FORM, fill="true")
    assert "Enter a PMID such as 35210436" in text_of(page)


def test_papers_are_looked_up_only_where_the_installation_allows_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = create_app(Settings(var=tmp_path_factory.mktemp("var"), rate_limit=0))
    client = app.test_client()
    key = installation_of(app).keys.create("anna", ["curate"], "tests")
    client.post("/key", data={"key": key, "csrf": token(client)}, headers=ORIGIN)
    assert "Fill from PMID" not in client.get("/findings/add").text
    assert "setting lookup" in send(client, "/findings/add", **FORM, pmid="1", fill="true")
    installation_of(app).close()


def test_how_many_were_added_is_said_once(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in("curate", "score")
    rows = "paper,source_phenotype,cargo_type,cargo_name,effect\nlab:t,M2,mirna,miR-1,promoting\nlab:t,M2,mirna,miR-7,promoting"
    page = send(client, "/findings/import", pasted=rows)
    (address,) = re.findall(r'action="(/findings/import/imp-\w+)"', page)
    text = text_of(send(client, address))
    assert text.count("2 findings added") == 1 + text.count("2 findings added – Exoscore")


def test_conflicts_are_shown_by_their_papers_with_what_can_be_done(client: FlaskClient) -> None:
    page = client.get("/findings/conflicts").text
    text = text_of(page)
    assert "Zhu 2012" in text
    assert "correct or retract" in text
    sides = re.findall(r'data-label="(Suppressing|Promoting)">(.*?)</td>', page, re.DOTALL)
    assert sides
    for _, side in sides:
        assert re.search(r'href="/findings/EXF-\w+"><bdi>[^<]+</bdi>', side)
