"""A paper is looked up where that is allowed, at the addresses that are set and nowhere else, within bounds; whatever a service
answers, the form gets a citation or a sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.findings import paper_lookup
from service.findings.paper_lookup import MAX_BYTES, PaperLookupError, look_up
from service.settings import Settings
from tests.service.findings.stand_in import CROSSREF, PUBMED, StandIn

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()


@pytest.fixture
def stand_in(server: StandIn) -> StandIn:
    server.asked.clear()
    return server


@pytest.mark.parametrize(
    "typed",
    ["10.1038/s41419-022-04640-z", "https://doi.org/10.1038/s41419-022-04640-z", "doi: 10.1038/s41419-022-04640-z"],
)
def test_crossref_is_asked_for_a_doi_as_people_write_it(stand_in: StandIn, typed: str) -> None:
    stand_in.send(json.dumps(CROSSREF).encode())
    found = look_up({"doi": typed}, stand_in.settings)
    assert (found.service, stand_in.asked) == ("Crossref", ["/works/10.1038%2Fs41419-022-04640-z"])
    assert found.columns == {
        "title": "M1 macrophages in vivo & TLR5/NF-κB",
        "first_author": "Jiang",
        "year": "2022",
        "journal": "Cell Death & Disease",
        "doi": "10.1038/s41419-022-04640-z",
    }


def test_pubmed_is_asked_for_a_pmid_and_gives_the_other_identifiers(stand_in: StandIn) -> None:
    stand_in.send(json.dumps(PUBMED).encode())
    found = look_up({"pmid": "PMID: 35210436", "doi": "10.1/other"}, stand_in.settings)
    assert found.service == "PubMed"
    assert stand_in.asked == ["/eutils/esummary.fcgi?db=pubmed&id=35210436&retmode=json"]
    assert found.columns == {
        "title": "M1 macrophages suppress carcinoma",
        "first_author": "van der Berg",
        "year": "2022",
        "journal": "Cell death & disease",
        "pmid": "35210436",
        "doi": "10.1038/s41419-022-04640-z",
        "pmcid": "PMC8873397",
    }


def test_nobody_is_asked_where_it_is_not_allowed(stand_in: StandIn) -> None:
    with pytest.raises(PaperLookupError, match="setting lookup"):
        look_up({"pmid": "1"}, Settings(crossref_url=stand_in.settings.crossref_url))
    assert not Settings().lookup
    assert stand_in.asked == []


@pytest.mark.parametrize("cells", [{}, {"pmid": "many"}, {"doi": "11.1/x"}, {"title": "M1 macrophages"}])
def test_nobody_is_asked_for_what_names_no_paper(stand_in: StandIn, cells: dict[str, str]) -> None:
    with pytest.raises(PaperLookupError, match="such as 35210436"):
        look_up(cells, stand_in.settings)
    assert stand_in.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org",
        "http://localhost@example.org",
        "http://127.0.0.1:1@example.org",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
    ],
)
def test_only_https_or_this_machine_is_asked(address: str) -> None:
    with pytest.raises(PaperLookupError, match="must begin with https"):
        look_up({"doi": "10.1000/x"}, Settings(lookup=True, crossref_url=address))


def test_a_redirect_is_not_followed(stand_in: StandIn) -> None:
    stand_in.send(b"", 302, Location=f"{stand_in.settings.crossref_url}/elsewhere")
    with pytest.raises(PaperLookupError, match="could not be reached"):
        look_up({"doi": "10.1000/x"}, stand_in.settings)
    assert stand_in.asked == ["/works/10.1000%2Fx"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 404, "has no paper"),
        (b"{}", 200, "has no paper"),
        (b"<html>", 200, "not understood"),
        (b"[" * 100_000, 200, "not understood"),
        (b"\xff\xfe", 200, "not understood"),
        (b'"' + b"x" * (MAX_BYTES + 1) + b'"', 200, "could not be reached"),
        (b"", 500, "could not be reached"),
    ],
)
def test_a_useless_answer_is_said_in_a_sentence(stand_in: StandIn, content: bytes, status: int, said: str) -> None:
    stand_in.send(content, status)
    for cells in ({"doi": "10.1000/x"}, {"pmid": "1"}):
        with pytest.raises(PaperLookupError, match=said):
            look_up(cells, stand_in.settings)


def test_a_slow_service_is_waited_for_only_so_long(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_lookup, "TIMEOUT_SECONDS", 0.5)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(50):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    for answer in (drip, lambda handler: time.sleep(2)):
        stand_in.answer = answer
        began = time.monotonic()
        with pytest.raises(PaperLookupError, match=r"did not answer|could not be reached"):
            look_up({"doi": "10.1000/x"}, stand_in.settings)
        assert time.monotonic() - began < 1.5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(JSON, JSON, JSON, JSON)
def test_whatever_json_is_answered_gives_texts_or_a_sentence(
    stand_in: StandIn, title: Any, author: Any, issued: Any, whole: Any
) -> None:
    work = {"title": title, "author": author, "issued": issued, "container-title": title}
    summary = {"title": title, "authors": author, "pubdate": issued, "articleids": author}
    for answer in ({"message": work, "result": {"1": summary}}, {"message": whole, "result": whole}, whole):
        stand_in.send(json.dumps(answer).encode())
        for cells in ({"doi": "10.1000/x"}, {"pmid": "1"}):
            try:
                found = look_up(cells, stand_in.settings)
            except PaperLookupError:
                continue
            assert all(isinstance(text, str) and text.isprintable() for text in found.columns.values())
