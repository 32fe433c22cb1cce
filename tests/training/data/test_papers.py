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
                "0{}",
                "PMID:{}.",
                "PubMed PMID: {};",
                "MED:{}",
                "https://europepmc.org/article/MED/{}",
                "https://pubmed.ncbi.nlm.nih.gov/?term={}",
                "https://identifiers.org/pubmed:{}",
                " {} ",
                "３５２１０４３６",
            )
        ),
        *(
            ("doi", written.format(DOI), DOI)
            for written in ("doi:{}", "DOI: {}", "https://doi.org/{}", "http://dx.doi.org/{}", "doi.org/{}", "{}.")
        ),
        *(
            ("doi", written.format(DOI), DOI)
            for written in (
                "info:doi/{}",
                "urn:doi:{}",
                "https://doi.org/doi:{}",
                "https://link.springer.com/article/{}",
                "https://onlinelibrary.wiley.com/doi/full/{}",
                "https://www.example.org/articles/{}/full",
                "https://doi.org/{}?utm_source=mail",
                "https://doi.org/{}#Sec1",
                "{}/abstract",
                "({})",
                "[{}]",
                "<{}>",
                "“{}”",
                "{})",
                "\u200b{}\u200b",
                "DOI：{}",
            )
        ),
        ("doi", DOI.replace("-", "‐"), DOI),
        ("doi", "https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2.full.pdf", "10.1101/2020.01.02.123456"),
        (
            "doi",
            "10.1002/(SICI)1097-0142(19960101)77:1<1::AID-CNCR1>3.0.CO;2-Z",
            "10.1002/(SICI)1097-0142(19960101)77:1<1::AID-CNCR1>3.0.CO;2-Z",
        ),
        ("doi", "https://doi.org/10.1016/S0140-6736(05)67740-0", "10.1016/S0140-6736(05)67740-0"),
        ("doi", "https://doi.org/10.1038%2Fs41419-022-04640-z", DOI),
        *(
            ("pmcid", written.format(PMCID), PMCID)
            for written in (
                "{}",
                "PMCID: {}",
                "https://www.ncbi.nlm.nih.gov/pmc/articles/{}/",
                "https://pmc.ncbi.nlm.nih.gov/articles/{}/#s2",
                "https://pmc.ncbi.nlm.nih.gov/articles/{}/pdf/main.pdf",
                "{}.2",
                "pmcid:{}.1",
                "PMC 7862798",
                "PMC-7862798",
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
        assert read({"url": written})[0].paper == f"{column}:{kept}"
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
        ("Exosomes in vitro", '<jats:italic toggle="yes">Exosomes</jats:italic> in vitro'),
        ("Exosomes in vitro", "&lt;i&gt;Exosomes&lt;/i&gt; in vi\u00adtro"),
        ("Exosomes of M2 cells", "RETRACTED: Exosomes of M2 cells"),
        ("Exosomes of M2 cells", "[Retracted] Exosomes of M2 cells."),
        ("Exosomes of M2 cells", "RETRACTED ARTICLE: Exosomes of M2 cells"),
        ("Exosomes of M2 cells", "Retraction notice to “Exosomes of M2 cells”"),
        ("Exosomes of M2 cells", "Exosomes of M2 cells [retracted]"),
        ("Exosomes of M2 cells", "Exosomes of M2 cells (Retracted article. See vol. 7, 2022)"),
        ("Exosomes of M2 cells", "Expression of Concern: Exosomes of M2 cells"),
        ("Exosomes of M2 cells", "Corrigendum to: Exosomes of M2 cells"),
    ],
)
def test_titles_that_are_only_set_otherwise_are_one(title: str, other: str, read: Read) -> None:
    assert title_name(title) == title_name(other)
    assert contradicts(read, {"title": title}, {"title": other, "effect": "suppressing"})
    assert not contradicts(read, {"title": title}, {"title": f"{other} 2", "effect": "suppressing"})


LONG = "M2 macrophage-derived exosomal miR-21 promotes gastric cancer"


@pytest.mark.parametrize(
    "end", [": a PTEN study", " - PubMed", " | Cell Death & Disease", "—a PTEN study", ": a PTEN study - PMC"]
)
def test_a_long_title_names_its_paper_without_what_follows_it(end: str, read: Read) -> None:
    assert contradicts(read, {"title": LONG}, {"title": LONG + end, "effect": "suppressing"})
    assert contradicts(read, {"title": LONG + end}, {"title": LONG.upper(), "effect": "suppressing"})
    assert not contradicts(read, {"title": "Exosomes"}, {"title": f"Exosomes{end}", "effect": "suppressing"})


@pytest.mark.parametrize("title", ["Retracted", "Correction", "[Retracted]"])
def test_a_notice_alone_is_a_title(title: str) -> None:
    assert title_name(title) == f"title:{title.strip('[]').lower()}"


@given(st.text())
def test_reading_a_name_twice_reads_it_once(written: str) -> None:
    for kind in ("pmid", "doi", "pmcid"):
        once = read_identifiers({kind: written, "paper": f"{kind}:{written}"})
        assert read_identifiers(once) == once


def test_what_earlier_versions_stored_as_it_was_typed_is_the_same_paper() -> None:
    typed = PaperIndex([(f"doi:{DOI})", {"doi": f"{DOI})"}), (f"doi:{DOI}", {"doi": DOI})])
    assert typed.key(f"doi:{DOI})") == typed.key(f"doi:{DOI}")


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
