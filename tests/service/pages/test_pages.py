"""What holds for every page that the service sends: problems are pages for browsers, files are kept by their content."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from models.candidates.candidate import FIELD_BY_NAME
from models.estimator.artifact import Bundle
from service.pages import static_files
from service.pages.score.quality import METRICS_SHOWN
from tests.pages.addresses import ADDRESSES, FAULTY
from tests.service.candidates import MIR21, asked

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("address", ["/nothing", "/key/nothing", f"{FAULTY}&model=none"])
def test_a_browser_gets_a_problem_as_a_page(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers=BROWSER)
    assert page.status_code >= 400
    assert page.mimetype == "text/html"
    assert "<h1>" in page.text


@pytest.mark.parametrize("address", ["/v1/nothing", "/v1/reports", "/static/nothing", "/openapi.json/x", "/nothing"])
def test_a_program_and_the_api_get_the_document(client: FlaskClient, address: str) -> None:
    accepted = [{}, {"Accept": "*/*"}, {"Accept": "application/json"}]
    for headers in [*accepted, BROWSER] if address != "/nothing" else accepted:
        assert client.get(address, headers=headers).mimetype == "application/problem+json"


def test_htmx_gets_the_part_that_it_puts_into_the_page(client: FlaskClient) -> None:
    part = client.get("/position?source_phenotype=M7", headers={"Accept": "text/html", "HX-Request": "true"})
    assert part.status_code == 422
    assert "<html" not in part.text
    assert "Did you mean M0 or M1?" in part.text


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_every_file_that_a_page_names_is_there_and_may_be_kept_for_good(client: FlaskClient, address: str) -> None:
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(address, headers=BROWSER).text))
    assert files
    for file in files:
        with client.get(file) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get("/static/pages.css") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    with client.get("/static/pages.css?v=000000000000") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_address_of_a_file_changes_with_its_content() -> None:
    digests = {static_files.digest(path.name) for path in static_files.FOLDER.glob("*.css")}
    assert len(digests) == len(list(static_files.FOLDER.glob("*.css")))


def test_a_page_may_be_looked_at_again_only_after_asking(client: FlaskClient) -> None:
    answer = client.get("/", headers=BROWSER)
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert {"Accept", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_the_front_page_tells_the_figures_of_the_current_model(client: FlaskClient, produced: Bundle) -> None:
    text = client.get("/", headers=BROWSER).text
    figures = produced.manifest["metrics"]["figures"]["model"]
    for name in METRICS_SHOWN:
        assert f"{figures[name]['mean']:.3f}" in text
    assert f'Model <span class="code">{produced.id}</span>' in text


def test_an_answer_page_and_the_report_show_the_same(client: FlaskClient) -> None:
    page, report = (
        client.get(f"/?{asked(MIR21).partition('?')[2]}", headers=BROWSER),
        client.get(asked(MIR21, format="html")),
    )

    def told(markup: str) -> list[str]:
        article = re.search(r"(?s)<(main|article) class=\"report[^>]*>(.*)</\1>", markup)
        assert article
        shown = re.sub(r'(?s)<p class="(?:among|deeds)">.*?</p>', "", article[2])
        return re.sub("<[^>]*>", " ", shown).split()

    assert told(page.text) == told(report.text)


def test_ten_thousand_characters_are_a_fault_at_their_field_and_stay_in_it(client: FlaskClient) -> None:
    page = client.get(f"/?source_phenotype=M2&cargo_type=mirna&cargo_name={'W' * 10_000}", headers=BROWSER)
    assert page.status_code == 422
    assert "Give at most 300 characters, not 10000" in page.text
    assert "W" * 10_000 in page.text


def test_lists_and_spellings_are_kept_as_they_were_typed(client: FlaskClient) -> None:
    page = client.get("/?source_cell=MSC&source_phenotype=bone+marrow&cargo_type=microRNA&species=dog&species=mouse")
    assert page.status_code == 422
    assert 'value="bone marrow"' in page.text
    assert '<option value="mesenchymal_stem_cell" selected>' in page.text
    assert '<option value="mirna" selected>' in page.text
    assert 'value="dog; mouse"' in page.text
    assert '<details class="further" open>' in page.text


@pytest.mark.parametrize("name", FIELD_BY_NAME)
@pytest.mark.parametrize("typed", ["", "%FF", "m", "%00", "a;b", "+", "x" * 400])
def test_any_field_can_be_asked_about_while_anything_is_typed(client: FlaskClient, name: str, typed: str) -> None:
    part = client.get(f"/understood/{name}?{name}={typed}&source_cell=nonsense", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert f'id="offers-{name}"' in part.text


def test_what_is_no_field_cannot_be_asked_about(client: FlaskClient) -> None:
    assert client.get("/understood/colour").status_code == 404
