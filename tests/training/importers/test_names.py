"""Names of the tables become the project's own, or none: never a guess."""

from __future__ import annotations

import pytest

from models.candidates.parser import CandidateParser
from training.importers.names import Names


@pytest.fixture(scope="module")
def names(reader: CandidateParser) -> Names:
    return Names(reader.naming)


@pytest.mark.parametrize(
    ("kind", "name", "stem"),
    [
        ("mirna", "hsa-mir-21", "miR-21"),
        ("mirna", "hsa-miR-21-5p", "miR-21"),
        ("mirna", "hsa-let-7a-2", "let-7a"),
        ("mirna", "hsa-mir-125b-1", "miR-125b"),
        ("mirna", "PTEN", ""),
        ("mirna", "anti-miR-21", ""),
        ("gene", "PTEN", "PTEN"),
        ("gene", "CTGF", "CCN2"),
        ("gene", "p53", ""),
        ("gene", "miR-21", ""),
        ("lncrna", "HOTAIR", "HOTAIR"),
        ("lncrna", "an unheard-of transcript", ""),
    ],
)
def test_names_of_each_kind(names: Names, kind: str, name: str, stem: str) -> None:
    assert names.resolve(kind, name) == stem


def test_an_alias_is_no_official_symbol_since_it_may_be_that_of_another_gene(names: Names) -> None:
    assert names.resolve("gene", "COX2") == "", "the official symbol COX2 is MT-CO2, while people mean PTGS2 by it"


def test_an_identifier_has_to_be_that_of_the_symbol(names: Names) -> None:
    assert names.resolve("gene", "PTEN", "HGNC:9588") == "PTEN"
    assert names.resolve("gene", "PTEN", "HGNC:1") == ""


def test_an_arm_is_kept_where_targets_need_it(names: Names) -> None:
    assert (
        names.resolve_mature("hsa-miR-21-3p"),
        names.resolve_mature("hsa-mir-21"),
        names.resolve_mature("PTEN"),
    ) == (
        "miR-21-3p",
        "miR-21",
        "",
    )
