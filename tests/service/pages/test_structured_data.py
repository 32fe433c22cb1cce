"""Pages say in JSON-LD what they are about, in terms of schema.org; no text of a finding gets out of that block."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import Settings, create_app
from service.web.current import installation_of
from service.web.middleware import CONTENT_SECURITY_POLICY
from training.data.tabular import TableRow

HOSTILE = "</script><script>alert(1)</script><!--<script>\"'&]]>\u2028{{ 7 * 7 }}"
OWN = {
    "source_cell": "macrophage",
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-21-5p",
    "effect": "promoting",
}


class Scripts(HTMLParser):
    """The scripts of a page: the attributes and the text of each."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self._inside = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script"
        if self._inside:
            self.found.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.found.pop()
            self.found.append((attributes, text + data))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(Settings(var=tmp_path_factory.mktemp("var"), rate_limit=0))
    yield app
    installation_of(app).close()


def structured(client: FlaskClient, address: str) -> dict[str, Any]:
    """What a page says of itself; every other script of it is a file."""
    answer = client.get(address)
    assert answer.status_code == 200
    scripts = Scripts(answer.text).found
    (text,) = (text for attributes, text in scripts if attributes.get("type") == "application/ld+json")
    assert all(attributes.get("src") and not text for attributes, text in scripts if "src" in attributes)
    assert sum("src" not in attributes for attributes, _ in scripts) == 1
    assert "script-src 'self';" in answer.headers[CONTENT_SECURITY_POLICY]
    document: dict[str, Any] = json.loads(text)
    assert document["@context"] == "https://schema.org"
    return document


def add(app: Flask, **cells: str) -> str:
    """The address of a finding that a laboratory added."""
    (placed,) = installation_of(app).findings.add([TableRow(2, OWN | cells)], "tests").added
    return f"/findings/{placed.finding_id}"


def test_a_shipped_finding_is_a_claim_of_its_paper(client: FlaskClient) -> None:
    claim = structured(client, "/findings/EXF-5f0084ae")
    assert (claim["@type"], claim["identifier"]) == ("Claim", "EXF-5f0084ae")
    assert claim["url"] == "http://localhost/findings/EXF-5f0084ae"
    assert claim["name"].endswith(": tumour-suppressing")
    article = claim["appearance"]
    assert (article["@type"], article["datePublished"]) == ("ScholarlyArticle", "2022")
    assert article["author"] == {"@type": "Person", "familyName": "Jiang"}
    assert article["isPartOf"] == {"@type": "Periodical", "name": "Cell Death & Disease"}
    assert "doi:10.1038/s41419-022-04640-z" in article["identifier"]
    assert "https://doi.org/10.1038/s41419-022-04640-z" in article["sameAs"]
    assert claim["isPartOf"]["@type"] == "Dataset"


def test_a_result_of_a_laboratory_is_no_article_and_a_retracted_one_says_so(app: Flask, client: FlaskClient) -> None:
    address = add(app, paper="lab:notebook 7")
    assert not {"appearance", "creativeWorkStatus", "text"} & set(structured(client, address))
    installation_of(app).findings.retract(address.rpartition("/")[2], "tests", "the wrong strand")
    assert structured(client, address)["creativeWorkStatus"] == "Retracted"


def test_no_text_of_a_finding_gets_out_of_the_block(app: Flask, client: FlaskClient) -> None:
    texts = {"title": HOSTILE, "first_author": HOSTILE, "journal": HOSTILE, "quote": HOSTILE, "cancer_type": HOSTILE}
    address = add(app, pmid="12345678", url="https://example.org/</script>", **texts)
    claim = structured(client, address)
    kept = " ".join(HOSTILE.split())
    assert " ".join(claim["text"].split()) == kept
    assert " ".join(claim["appearance"]["headline"].split()) == kept
    assert "alert(1)" in claim["name"]


def test_the_list_is_a_dataset_whose_files_are_there(client: FlaskClient) -> None:
    dataset = structured(client, "/findings")
    assert dataset["@type"] == "Dataset"
    assert len(dataset["description"]) > 50
    for download in dataset["distribution"]:
        answer = client.get(download["contentUrl"])
        assert (answer.status_code, answer.mimetype) == (200, download["encodingFormat"])


def test_the_first_page_is_about_the_product(own_var: Path) -> None:
    app = create_app(Settings(var=own_var))
    product = structured(app.test_client(), "/")
    assert (product["@type"], product["name"]) == ("SoftwareApplication", "Exoscore")
    installation_of(app).close()
