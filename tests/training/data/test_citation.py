"""A citation says what is known, and its link leads to the paper or to a search for it, and nowhere else."""

from __future__ import annotations

import pytest

from training.data.citation import addresses, cited, link, missing_parts, named_links
from training.data.findings import Finding


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        ({"doi": "10.1038/s41419-022-04640-z", "pmid": "1"}, "https://doi.org/10.1038/s41419-022-04640-z"),
        ({"doi": '10.1/a"><b'}, "https://doi.org/10.1/a%22%3E%3Cb"),
        ({"pmid": "35210436", "pmcid": "PMC1"}, "https://pubmed.ncbi.nlm.nih.gov/35210436/"),
        ({"pmcid": "PMC7862798"}, "https://pmc.ncbi.nlm.nih.gov/articles/PMC7862798/"),
        ({"url": "https://example.org/x", "title": "A"}, "https://example.org/x"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": "javascript:alert(1)", "title": "A & B"}, "https://pubmed.ncbi.nlm.nih.gov/?term=A%20%26%20B"),
        ({}, ""),
    ],
)
def test_a_link_leads_to_the_paper_by_its_surest_name(citation: dict[str, str], expected: str) -> None:
    assert link(citation) == expected


def test_what_is_known_is_cited_and_the_key_where_nothing_is() -> None:
    assert cited({"first_author": "Li", "year": "2020", "journal": "Cell"}, "pmid:1") == "Li 2020, Cell"
    assert cited({"title": "T" * 500}, "pmid:1") == "T" * 160 + "…"
    assert cited({}, "pmid:1") == "pmid:1"


@pytest.mark.parametrize("identifier", [{"pmid": "1"}, {"doi": "10.1000/x"}, {"pmcid": "PMC1"}])
def test_what_is_missing_of_a_citation_is_named_and_any_identifier_will_do(identifier: dict[str, str]) -> None:
    assert missing_parts({"url": "https://example.org/x"}) == ["identifier", "author", "year", "journal", "title"]
    assert missing_parts(identifier | {"first_author": "Li", "journal": "Cell", "title": "A"}) == ["year"]
    assert missing_parts(identifier | {"first_author": "Li", "year": "2020", "journal": "Cell", "title": "A"}) == []


def test_every_finding_of_the_corpus_is_cited_and_can_be_looked_up(corpus: tuple[Finding, ...]) -> None:
    assert all(cited(finding.citation, finding.paper) for finding in corpus)
    assert all(link(finding.citation).startswith(("https://", "http://")) for finding in corpus)


def test_a_findings_address_that_is_no_web_address_is_not_linked() -> None:
    assert named_links(["javascript:alert(1)", "data:text/html,x", "https://doi.org/10.1/x"]) == [
        ("DOI", "https://doi.org/10.1/x", "10.1/x")
    ]


def test_every_identifier_of_a_paper_is_an_address_with_the_name_of_its_place() -> None:
    citation = {"doi": "10.1/x", "pmid": "123", "pmcid": "PMC9", "url": "https://example.org/paper", "title": "A paper"}
    assert named_links(addresses(citation)) == [
        ("DOI", "https://doi.org/10.1/x", "10.1/x"),
        ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/123/", "123"),
        ("PMC", "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/", "PMC9"),
        ("link", "https://example.org/paper", "https://example.org/paper"),
    ]
