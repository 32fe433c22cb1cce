"""A list of findings is the same under one address on every database, and each filter says how many findings it would leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.findings.listing import FACETS, ORDERS, Listing, list_page
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all
from tests.service.findings.rows import row

ROWS = [
    row(1, paper="lab:1", first_author="Øster", year="2021", title="b", journal="Zoology", cancer_type="glioma"),
    row(
        2, paper="lab:2", first_author="de Vries", year="2023", title="Á", cancer_type="melanoma", effect="suppressing"
    ),
    row(3, paper="lab:3", title="exosomes of a", cancer_type="", cargo_type="protein", cargo_name="PTEN"),
    row(4, paper="lab:4", first_author="Adams", year="2021", cargo_state="loaded", source_phenotype="M1"),
    row(
        5,
        paper="lab:5",
        first_author="adams",
        year="2019",
        title="exosomes",
        source_cell="MSC",
        source_phenotype="",
        effect="suppressing",
    ),
]


@pytest.fixture
def listed(findings: FindingRepository) -> FindingRepository:
    findings.add(ROWS[:4], "anna")
    findings.add(ROWS[4:], "anna", held_out=True)
    return findings


def papers(listing: Listing) -> str:
    return "".join(stored.cells["paper"].removeprefix("lab:") for stored in listing.rows)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", "21453"),
        ("oldest", "51423"),
        ("author", "45213"),
        ("title", "21534"),
        ("journal", "12345"),
        ("cancer_type", "12345"),
        ("effect", "13425"),
        ("added", "54321"),
    ],
)
def test_every_order_is_kept_over_the_pages_and_ends_with_what_is_not_stated(
    listed: FindingRepository, order: str, expected: str
) -> None:
    for size in (1, 2, 5, 500):
        pages = -(-len(expected) // size)
        paged = [list_page(listed, Filters(), order, page, size) for page in range(1, pages + 1)]
        assert "".join(map(papers, paged)) == expected
        assert {(listing.page, listing.pages) for listing in paged} == {(page, pages) for page in range(1, pages + 1)}
    assert papers(list_page(listed, Filters(), order, 99, 2)) == expected[-1]


def test_there_is_an_order_for_every_test_of_one() -> None:
    assert set(ORDERS) == {"newest", "oldest", "author", "title", "journal", "cancer_type", "effect", "added"}


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(effect="promoting"),
        Filters(source_cell="macrophage", cargo_type="mirna"),
        Filters(q="exosomes"),
        Filters(cancer_type="melanoma", held_out=False),
        Filters(origin="corpus"),
    ],
)
def test_a_facet_counts_what_choosing_it_would_leave(listed: FindingRepository, filters: Filters) -> None:
    facets = list_page(listed, filters, "newest", 1, 2).facets
    everything = list_page(listed, Filters(), "newest", 1, 2).facets
    for name in FACETS:
        for value in everything[name]:
            chosen = replace(filters, **{name: value})
            assert facets[name][value] == len(list(iter_all(listed, chosen))), (name, value)


def test_a_list_of_nothing_has_one_page(findings: FindingRepository) -> None:
    listing = list_page(findings, Filters(), "newest", 3, 25)
    assert (listing.rows, listing.page, listing.pages) == ((), 1, 1)
