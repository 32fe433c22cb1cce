"""A paper is one paper under whatever names it is cited, and an experiment is one however little of it is stated."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.errors import RowError, TableError
from training.data.findings import Finding, merge_files, read_findings, seen_findings
from training.data.papers import PaperIndex, identifier, read_identifiers, title_name

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "effect": "promoting"}
PMID, DOI, PMCID = "35210436", "10.1038/s41419-022-04640-z", "PMC7862798"

Read = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def read(tmp_path: Path, reader: CandidateParser) -> Read:
    """Reads rows as a file of findings."""

    def of(*rows: dict[str, str]) -> tuple[Finding, ...]:
        path = tmp_path / "own.tsv"
        columns = list(dict.fromkeys(name for row in rows for name in GOOD | row))
        lines = ["\t".join((GOOD | row).get(name, "") for name in columns) for row in rows]
        path.write_text("\n".join(["\t".join(columns), *lines]) + "\n", encoding="utf-8")
        return read_findings(path, reader)

    return of


def contradicts(read: Read, *rows: dict[str, str]) -> bool:
    """Whether the last row is refused because it contradicts another one."""
    faults: tuple[RowError, ...] = ()
    try:
        read(*rows)
    except TableError as error:
        faults = tuple(error.faults)
    assert {(fault.column, fault.fault.code) for fault in faults} <= {("effect", "contradiction")}
    return bool(faults)


@pytest.mark.parametrize(
    ("column", "written", "kept"),
    [
        *(
            ("pmid", written.format(PMID), PMID)
            for written in (
                "PMID: {}",
                "PMID{}",
                "pmid:{}",
                "PubMed ID {}",
                "https://pubmed.ncbi.nlm.nih.gov/{}/",
                "pubmed.ncbi.nlm.nih.gov/{}?dopt=Abstract",
                "https://www.ncbi.nlm.nih.gov/pubmed/{}",
                "{}.0",
            )
        ),
        *(
            ("doi", written.format(DOI), DOI)
            for written in ("doi:{}", "DOI: {}", "https://doi.org/{}", "http://dx.doi.org/{}", "doi.org/{}", "{}.")
        ),
        ("doi", "https://doi.org/10.1038%2Fs41419-022-04640-z", DOI),
        *(
            ("pmcid", written.format(PMCID), PMCID)
            for written in (
                "{}",
                "PMCID: {}",
                "https://www.ncbi.nlm.nih.gov/pmc/articles/{}/",
                "https://pmc.ncbi.nlm.nih.gov/articles/{}/#s2",
            )
        ),
        ("pmcid", "pmc7862798", PMCID),
        ("pmcid", "7862798", PMCID),
    ],
)
def test_an_identifier_is_read_as_people_write_and_copy_it(column: str, written: str, kept: str, read: Read) -> None:
    (finding,) = read({column: written})
    assert (finding.citation[column], finding.paper) == (kept, f"{column}:{kept}")
    if identifier(written):
        # As the key of the paper, in its address, and in the column of another identifier.
        assert read({"paper": written})[0].paper == f"{column}:{kept}"
        assert read_identifiers({"url": written})[column] == kept
        other = "doi" if column == "pmid" else "pmid"
        assert read_identifiers({other: written}) == {other: "", column: kept}


@pytest.mark.parametrize(
    "written", ["banana", "PMID", "PMID: 1 and 2", "12 mice", "https://example.org/35210436", "10.1038"]
)
def test_what_is_no_identifier_is_none(written: str) -> None:
    assert identifier(written) is None
    assert read_identifiers({"pmid": written})["pmid"] == written


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("TLR5/NF-κB pathway", "TLR5/NF-kB pathway"),
        ("TGF-β1 and IFN-γ", "TGF-b1 and IFN-gamma"),
        ("Exosomes of M2 cells.", "exosomes of M2 Cells"),
        ("Exosomes ‐ a “new” way", 'Exosomes - a "new" way'),
        ("Exosomes <i>in vitro</i> &amp; more", "Exosomes in vitro & more"),
        ("Crème of naïve cells", "Creme of naive cells"),
    ],
)
def test_titles_that_are_only_set_otherwise_are_one(title: str, other: str, read: Read) -> None:
    assert title_name(title) == title_name(other)
    assert contradicts(read, {"title": title}, {"title": other, "effect": "suppressing"})
    assert not contradicts(read, {"title": title}, {"title": f"{other} 2", "effect": "suppressing"})


NAMES = {"pmid": PMID, "doi": DOI, "pmcid": PMCID, "title": "M1 macrophages and NF-κB"}


@given(st.permutations(list(NAMES)), st.randoms())
def test_names_join_over_any_chain_of_rows_in_any_order(names: list[str], order: random.Random) -> None:
    links = [{name: NAMES[name] for name in pair} for pair in itertools.pairwise(names)]
    rows = [(f"{next(iter(link))}:{next(iter(link.values()))}", link) for link in links]
    order.shuffle(rows)
    index = PaperIndex([*rows, ("pmid:1", {"title": "Another"})])
    assert len({index.key(paper) for paper, _ in rows}) == 1
    assert index.key("pmid:1") == "pmid:1"


def test_a_contradiction_is_caught_over_papers_that_a_third_row_joins(read: Read) -> None:
    by_pmid, by_doi = {"pmid": PMID}, {"doi": DOI.upper(), "effect": "suppressing"}
    assert not contradicts(read, by_pmid, by_doi)
    joining = {"pmid": PMID, "doi": DOI, "cargo_name": "miR-155-5p"}
    assert contradicts(read, joining, by_pmid, by_doi)
    assert (
        len({finding.paper for finding in merge_files([read(by_pmid, {**by_doi, "effect": "promoting"}, joining)])})
        == 1
    )


STATED = {
    "recipient_cell": ("cancer_cell", "t_cell"),
    "species": ("human", "mouse"),
    "cancer_type": ("gastric cancer", "glioblastoma"),
    "polarisation": ("IL-4", "LPS"),
}


@pytest.mark.parametrize("column", STATED)
def test_leaving_out_a_field_hides_neither_a_contradiction_nor_a_double(column: str, read: Read) -> None:
    value, another = STATED[column]
    row, bare = {"pmid": PMID, column: value}, {"pmid": PMID}
    for rows in ([row, bare], [bare, row]):
        assert contradicts(read, rows[0], rows[1] | {"effect": "suppressing"})
        (once,) = merge_files([read(*rows)])
        assert read(row)[0].candidate == once.candidate, "the row that states more is learned from"
    assert not contradicts(read, row, {"pmid": PMID, column: another, "effect": "suppressing"})
    assert len(merge_files([read(row, {"pmid": PMID, column: another})])) == 2


def test_a_finding_that_stands_twice_is_learned_from_once(read: Read) -> None:
    titled = {"pmid": PMID, "title": "M1 and the NF-κB pathway", "recipient_cell": "cancer_cell;macrophage"}
    doubles = read({"title": "M1 and the NF-kB pathway."}), read({"pmid": f"PMID: {PMID}"})
    assert len(merge_files([read(titled), *doubles])) == 1
    assert len(merge_files([*doubles, read(titled)])) == 1


def test_a_published_paper_is_never_keyed_as_a_laboratorys_own(read: Read) -> None:
    own, published = {"paper": "lab:7", "doi": DOI}, {"pmid": PMID, "doi": DOI, "cargo_name": "miR-155-5p"}
    assert {finding.paper for finding in merge_files([read(own, published)])} == {f"pmid:{PMID}"}


def test_a_paper_was_seen_under_any_name_that_the_rows_to_be_scored_join(read: Read) -> None:
    known = read({"doi": DOI, "title": "On NF-κB"})[0].paper_names
    joined = read({"pmid": PMID}, {"pmid": PMID, "doi": DOI.upper(), "cargo_name": "miR-155-5p"})
    assert seen_findings(joined, known) == list(joined)
    (by_title,) = read({"title": "On NF-kB."})
    assert seen_findings([by_title], known) == [by_title]
    assert seen_findings([by_title], frozenset({"title:onnfkappab"})) == [by_title], "as earlier versions kept it"
    assert not seen_findings(read({"pmid": "1"}), known)


def test_many_rows_of_one_notebook_take_no_longer_each() -> None:
    """Ten thousand rows under one key, each of another paper and in another tumour: seconds if each met each."""
    papers = [("lab:1", {"pmid": str(number), "title": f"Title {number}"}) for number in range(1, 10_001)]
    index = PaperIndex(papers)
    assert {index.key(paper) for paper, _ in papers} == {"lab:1"}
    assert "pmid:10000" in index.names("lab:1")
