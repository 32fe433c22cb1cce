"""Votes on the roles of cargo, gathered from the reports of one table: a paper has one vote, the corpus' own papers none."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from models.knowledge.sources import RoleRow, Source
from models.vocabulary.normalize import fold
from training.data.findings import Finding
from training.importers.import_report import ImportReport, SkippedRowError, read_rows
from training.importers.names import Names
from training.importers.table import Form, Table
from training.importers.tumours import ROOT, Tumours

OWN_PAPER = "a paper of the curated corpus, whose findings must not vote for themselves"
NO_TUMOUR = "the disease is no malignant tumour"
NO_TERM = "the tumour is no term of the vocabulary: counted over all tumours together only"
NO_COUNT = "a count is no whole number"
NO_PMID = "the PMID is no number"
UNKNOWN = {
    "mirna": "not a microRNA name",
    "gene": "not an official gene symbol",
    "lncrna": "not a known lncRNA or circRNA",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What one row says of a cargo: how many reports call it suppressing and oncogenic, in which disease.

    `papers` are the keys of its papers (`pmid:…`, `title:…`); where there are none, only the counts are known.
    """

    cargo: str
    suppressing: int
    oncogenic: int
    disease: str = ""
    papers: tuple[str, ...] = ()
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class RoleImporter:
    """How the table of one source is read: `report` says what a row means, or raises SkippedRowError."""

    source: Source
    forms: tuple[Form, ...]
    report: Callable[[Mapping[str, str]], Report]


class Votes:
    """Votes by cargo and tumour. Rows may come in any order."""

    def __init__(self) -> None:
        self._papers: dict[tuple[str, str], dict[str, int]] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def add_papers(self, cargo: str, tumour: str, papers: Iterable[str], direction: int) -> None:
        """Papers that call a cargo suppressing (`direction` above 0) or oncogenic (below 0); each is one voice in the end."""
        of_cargo = self._papers.setdefault((cargo, tumour), {})
        for paper in papers:
            of_cargo[paper] = of_cargo.get(paper, 0) + direction

    def add_counts(self, cargo: str, tumour: str, suppressing: int, oncogenic: int) -> None:
        """Reports of which only the number is known."""
        before = self._counts.get((cargo, tumour), (0, 0))
        self._counts[cargo, tumour] = before[0] + suppressing, before[1] + oncogenic

    @property
    def undecided(self) -> int:
        """Papers that say as much for as against a cargo, which makes them no vote."""
        over_all_tumours = [papers for (_, tumour), papers in self._papers.items() if not tumour]
        return sum(direction == 0 for papers in over_all_tumours for direction in papers.values())

    def rows(self, source: Source) -> list[RoleRow]:
        """The votes, in order."""
        rows = []
        for cargo, tumour in sorted(self._papers.keys() | self._counts.keys()):
            suppressing, oncogenic = self._counts.get((cargo, tumour), (0, 0))
            directions = self._papers.get((cargo, tumour), {}).values()
            suppressing += sum(direction > 0 for direction in directions)
            oncogenic += sum(direction < 0 for direction in directions)
            if suppressing + oncogenic:
                rows.append(RoleRow(source.kind, cargo, tumour, suppressing, oncogenic, (source.name,)))
        return rows


def collect_votes(
    table: Table, importer: RoleImporter, names: Names, tumours: Tumours, corpus: Collection[str]
) -> tuple[Votes, ImportReport]:
    """The votes of a table, and what became of its rows. `corpus` are the keys of the curated corpus' papers.

    Votes are counted over all tumours together, and on microRNAs by tumour too. Raises TableError.
    """
    kind, by_counts, votes = importer.source.kind, table.form.counts, Votes()

    def add_row(cells: Mapping[str, str]) -> list[SkippedRowError]:
        report = importer.report(cells)
        if report.disease and not tumours.is_tumour(report.disease):
            raise SkippedRowError(NO_TUMOUR, report.disease)
        cargo = names.resolve(kind, report.cargo, report.identifier)
        if not cargo:
            raise SkippedRowError(UNKNOWN[kind], report.cargo)
        unused = []
        others = [paper for paper in report.papers if paper not in corpus]
        taken_out = len(report.papers) - len(others)
        suppressing, oncogenic = report.suppressing, report.oncogenic
        if by_counts:
            # Which way the paper speaks is not said, so that it is taken out on both sides.
            suppressing, oncogenic = max(0, suppressing - taken_out), max(0, oncogenic - taken_out)
        if taken_out:
            unused.append(SkippedRowError(OWN_PAPER, report.cargo))
            if not (suppressing + oncogenic if by_counts else others):
                raise unused[0]
        voted_in = [""]
        if kind == "mirna" and report.disease:
            term = tumours.term(report.disease)
            if not term:
                unused.append(SkippedRowError(NO_TERM, report.disease))
            elif term != ROOT:
                voted_in.append(term)
        for tumour in voted_in:
            if by_counts:
                votes.add_counts(cargo, tumour, suppressing, oncogenic)
            else:
                votes.add_papers(cargo, tumour, others, suppressing - oncogenic)
        return unused

    return votes, read_rows(table, add_row)


def corpus_papers(findings: Iterable[Finding]) -> frozenset[str]:
    """Every key that the papers of curated findings are known by."""
    keys = {key for finding in findings for key in finding.paper_names}
    return frozenset(keys | {title(finding.citation.get("title", "")) for finding in findings} - {title("")})


def parse_counts(*texts: str, reason: str = NO_COUNT) -> list[int]:
    """The counts in some cells. Raises SkippedRowError with the `reason` where one is no whole number."""
    if not all(text.isdecimal() for text in texts):
        raise SkippedRowError(reason, ", ".join(texts))
    return list(map(int, texts))


def parse_pmid(text: str) -> str:
    """The key of the paper whose PMID is in a cell. Raises SkippedRowError where that is no number."""
    if not text.isdecimal():
        raise SkippedRowError(NO_PMID, text)
    return f"pmid:{text}"


def find_pmids(text: str) -> tuple[str, ...]:
    """The keys of all papers whose PMIDs are in a cell, however they are joined."""
    return tuple(f"pmid:{number}" for number in re.findall(r"[0-9]+", text))


def title(text: str) -> str:
    """The key of a paper by its title, told by its ASCII letters: tables often lost the others (TGF-? for TGF-β)."""
    return "title:" + fold("".join(letter for letter in text if letter.isascii()))
