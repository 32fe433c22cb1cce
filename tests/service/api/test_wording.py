"""Whoever reads the OpenAPI document or a problem reads short titles and whole sentences."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.problems import DEFECT, PROBLEMS
from tests.private_words import private_words

BROWSER = {"Accept": "text/html"}


def descriptions(document: Any) -> list[str]:
    """Every description and summary of a document."""
    if isinstance(document, dict):
        own = [text for name, text in document.items() if name in ("description", "summary") and isinstance(text, str)]
        return own + [text for value in document.values() for text in descriptions(value)]
    return [text for value in document for text in descriptions(value)] if isinstance(document, list) else []


def test_titles_of_operations_are_short_and_no_sentences(client: FlaskClient) -> None:
    document: Any = client.get("/openapi.json").json
    titles = [
        operation["summary"]
        for path in document["paths"].values()
        for operation in path.values()
        if "summary" in operation
    ]
    assert [title for title in titles if title.endswith(".") or len(title.split()) > 6] == []


def test_no_description_has_a_word_of_our_own(client: FlaskClient) -> None:
    texts = descriptions(client.get("/openapi.json").json)
    assert [text for text in texts if private_words(text)] == []


def test_a_problem_has_a_title_and_a_sentence_in_common_words() -> None:
    for kind in (*PROBLEMS.values(), DEFECT):
        assert kind.title[0].isupper()
        assert not kind.title.endswith(".")
        assert not private_words(re.sub(r"\{.*?\}", "", f"{kind.title} {kind.detail}"))
        assert kind.detail.endswith((".", "{error}"))


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("/findings/EXF-none", "/findings"),
        ("/batch/job-none", "/batch"),
        ("/models/jobs/job-none", "/models"),
        ("/batch/files/draft-none", "/batch"),
        ("/nothing", "/help/"),
    ],
)
def test_a_page_of_a_problem_leads_on_and_speaks_of_no_api(client: FlaskClient, address: str, way: str) -> None:
    page = client.get(address, headers=BROWSER)
    assert page.status_code == 404
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert f'href="{way}"' in main
    assert "/v1/" not in main
    said = re.findall(r"<bdi>(.*?)</bdi>", main)
    assert said
    assert all(text[0].isupper() and text.endswith((".", "?")) for text in said)
