"""Findings are found by any name of what they are of; a word that means nothing is told, with the nearest that does."""

from __future__ import annotations

import pytest

from service.errors import ParametersError
from service.findings.repository import FindingRepository
from service.findings.search import FILTERS, Filters, iter_all, search
from tests.service.findings.rows import row

ROWS = [
    row(1, paper="lab:1", cargo_name="miR-21-5p", cancer_type="lung adenocarcinoma", title="Exosomes and NF-κB, again"),
    row(2, paper="lab:2", cargo_name="miR-21", cancer_type="lung cancer", doi="10.1234/AbC"),
    row(3, paper="pmid:33", pmid="33", cargo_name="miR-21-3p+PTEN", cancer_type="", effect="suppressing"),
    row(4, paper="lab:4", cargo_name="anti-miR-21", cancer_type="a tumour of my own", cargo_state="loaded"),
    row(5, paper="lab:5", cargo_type="protein", cargo_name="p53", source_cell="MSC", source_phenotype="bone marrow"),
    row(
        6, paper="lab:6", cargo_type="small_molecule", cargo_name="PTX+DOX", cargo_state="loaded", source_phenotype="M1"
    ),
    row(7, paper="lab:7", cargo_type="whole_vesicle", cargo_name="", title="100 % of exosomes_"),
    row(8, paper="lab:8", cargo_name="miR-155-5p", title="Retracted"),
]


@pytest.fixture
def searched(findings: FindingRepository) -> FindingRepository:
    findings.add(ROWS[:4], "anna")
    findings.add(ROWS[4:5], "anna", held_out=True)
    placed = findings.add(ROWS[5:], "anna").added
    findings.retract(placed[-1].finding_id, "anna", "by its authors")
    return findings


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), "1234567"),
        (Filters(cargo_name="miR21"), "123"),
        (Filters(cargo_name="hsa-miR-21-5p"), "12"),
        (Filters(cargo_name="PTEN + miR-21"), "3"),
        (Filters(cargo_name="miR-21 inhibitor"), "4"),
        (Filters(cargo_name="TP53"), "5"),
        (Filters(cargo_name="paclitaxel"), "6"),
        (Filters(cargo_name="blorb"), ""),
        (Filters(cancer_type="lung carcinoma"), "12"),
        (Filters(cancer_type="LUAD"), "1"),
        (Filters(cancer_type="A tumour of my own"), "4"),
        (Filters(source_cell="mesenchymal stem cells", source_phenotype="bone-marrow"), "5"),
        (Filters(cargo_type="miRNA", effect="suppressing"), "3"),
        (Filters(function="loss"), "4"),
        (Filters(function="gain"), "6"),
        (Filters(function="as_found"), "12357"),
        (Filters(function="gain_and_loss"), ""),
        (Filters(cargo_state="loaded", source_phenotype="classically activated"), "6"),
        (Filters(paper="lab:2"), "2"),
        (Filters(paper="doi:10.1234/abc"), "2"),
        (Filters(paper="10.1234/ABC"), "2"),
        (Filters(paper="33"), "3"),
        (Filters(paper="pmid:33"), "3"),
        (Filters(paper="pmcid:33"), ""),
        (Filters(origin="lab"), "1234567"),
        (Filters(origin="corpus"), ""),
        (Filters(held_out=True), "5"),
        (Filters(held_out=False, cargo_state="native"), "1237"),
        (Filters(retracted=True), "8"),
        (Filters(q="nf-kappaB EXOSOMES"), "1"),
        (Filters(q="100 %"), "7"),
        (Filters(q="exosomes_"), "7"),
        (Filters(q="nothing of the kind"), ""),
    ],
)
def test_filters_find_what_is_meant(searched: FindingRepository, filters: Filters, expected: str) -> None:
    found = [one.cells["paper"].removeprefix("lab:").removeprefix("pmid:3") for one in iter_all(searched, filters)]
    assert "".join(found) == expected
    for limit in (1, 2, 7):
        paged: list[str] = []
        after: int | None = 0
        while after is not None:
            some, after = search(searched, filters, after, limit)
            assert len(some) == limit or after is None
            paged += [one.cells["paper"].removeprefix("lab:").removeprefix("pmid:3") for one in some]
        assert "".join(paged) == expected


@pytest.mark.parametrize(
    ("filters", "field", "says"),
    [
        (Filters(source_cell="makrophage"), "source_cell", "macrophage"),
        (Filters(source_cell="macrophage", source_phenotype="bone_marrow"), "source_phenotype", "M"),
        (Filters(cargo_type="mirnaz"), "cargo_type", "mirna"),
        (Filters(cargo_state="loded"), "cargo_state", "loaded"),
        (Filters(cancer_type="hepatocelular carcinom"), "cancer_type", "hepatocellular carcinoma"),
        (Filters(effect="curing"), "effect", "suppressing"),
        (Filters(origin="elsewhere"), "origin", "corpus"),
    ],
)
def test_a_word_that_means_nothing_is_told_with_what_would(
    searched: FindingRepository, filters: Filters, field: str, says: str
) -> None:
    with pytest.raises(ParametersError, match=says) as caught:
        search(searched, filters)
    assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize("name", [name for name in FILTERS if isinstance(getattr(Filters(), name), str)])
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\x1b[0m"])
def test_no_text_breaks_a_search(searched: FindingRepository, name: str, text: str) -> None:
    with pytest.raises(ParametersError) as caught:
        search(searched, Filters(**{name: text}))
    assert {fault.field for fault in caught.value.faults} == {name}
