"""Votes on the roles of cargo, gathered from the reports of one table: a paper has one vote, the corpus' own papers none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.knowledge.sources import RoleRow, Source
from models.vocabulary.normalize import fold
from training.data.findings import Finding
from training.importers.import_report import ImportReport
from training.importers.names import Names
from training.importers.table import Form, Row, Table
from training.importers.tumours import ROOT, Tumours

CUT_OFF = "the row ends before the last needed column"
EMPTY = "a needed cell is empty"
OWN_PAPER = "a paper of the curated corpus, whose findings must not vote for themselves"
NO_TUMOUR = "the disease is no malignant tumour"
NO_TERM = "the tumour is no term of the vocabulary: counted over all tumours together only"
UNKNOWN = {
    "mirna": "no microRNA by its name",
    "gene": "no official symbol of a gene that is known here",
    "lncrna": "no lncRNA or circRNA that is known here",
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
class SkippedRow:
    """Why a row says nothing of a role, and the part of it that shows so."""

    reason: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class RoleImporter:
    """How the table of one source is read.

    `report` says what a row means. `counts` are the forms whose rows give counts, so that papers cannot be told apart (a
    report's papers then only serve to take out the corpus' own); `remarks` says by form what its reader should know.
    """

    source: Source
    forms: tuple[Form, ...]
    report: Callable[[Mapping[str, str]], Report | SkippedRow]
    counts: tuple[str, ...] = ()
    remarks: Mapping[str, str] | None = None


class Votes:
    """Votes by cargo and tumour. Rows may come in any order."""

    def __init__(self) -> None:
        self._papers: dict[tuple[str, str], dict[str, int]] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def of_papers(self, cargo: str, tumour: str, papers: Iterable[str], direction: int) -> None:
        """Papers that call a cargo suppressing (`direction` above 0) or oncogenic (below 0); each is one voice in the end."""
        of_cargo = self._papers.setdefault((cargo, tumour), {})
        for paper in papers:
            of_cargo[paper] = of_cargo.get(paper, 0) + direction

    def of_counts(self, cargo: str, tumour: str, suppressing: int, oncogenic: int) -> None:
        """Reports of which only the number is known."""
        before = self._counts.get((cargo, tumour), (0, 0))
        self._counts[cargo, tumour] = before[0] + suppressing, before[1] + oncogenic

    @property
    def undecided(self) -> int:
        """Papers that say as much for as against a cargo, which makes them no vote."""
        return sum(
            direction == 0 for (_, tumour), said in self._papers.items() if not tumour for direction in said.values()
        )

    def rows(self, source: Source) -> list[RoleRow]:
        """The votes, in order."""
        found = []
        for cargo, tumour in sorted(self._papers.keys() | self._counts.keys()):
            suppressing, oncogenic = self._counts.get((cargo, tumour), (0, 0))
            said = self._papers.get((cargo, tumour), {}).values()
            suppressing += sum(direction > 0 for direction in said)
            oncogenic += sum(direction < 0 for direction in said)
            if suppressing + oncogenic:
                found.append(RoleRow(source.kind, cargo, tumour, suppressing, oncogenic, (source.name,)))
        return found


def usable_rows(table: Table, ledger: ImportReport) -> Iterator[Row]:
    """The rows that have all they need. Raises SheetError."""
    for row in table.rows():
        ledger.read += 1
        if not row.whole:
            ledger.skip(row.line, CUT_OFF)
        elif empty := table.form.empty(row.cells):
            ledger.skip(row.line, EMPTY, empty)
        else:
            yield row


def collect_votes(
    table: Table, importer: RoleImporter, names: Names, tumours: Tumours, corpus: Collection[str]
) -> tuple[Votes, ImportReport]:
    """The votes of a table, and what became of its rows. `corpus` are the keys of the curated corpus' papers.

    Votes are counted over all tumours together, and on microRNAs by tumour too. Raises SheetError.
    """
    kind, ledger, votes = importer.source.kind, ImportReport(), Votes()
    for row in usable_rows(table, ledger):
        report = importer.report(row.cells)
        if isinstance(report, SkippedRow):
            ledger.skip(row.line, report.reason, report.example)
            continue
        if report.disease and not tumours.is_tumour(report.disease):
            ledger.skip(row.line, NO_TUMOUR, report.disease)
            continue
        cargo = names.of(kind, report.cargo, report.identifier)
        if not cargo:
            ledger.skip(row.line, UNKNOWN[kind], report.cargo)
            continue
        others = [paper for paper in report.papers if paper not in corpus]
        taken_out = len(report.papers) - len(others)
        by_counts = table.form.name in importer.counts
        suppressing, oncogenic = report.suppressing, report.oncogenic
        if by_counts:
            # Which way the paper speaks is not said, so that it is taken out on both sides.
            suppressing, oncogenic = max(0, suppressing - taken_out), max(0, oncogenic - taken_out)
        if taken_out and not (suppressing + oncogenic if by_counts else others):
            ledger.skip(row.line, OWN_PAPER, report.cargo)
            continue
        if taken_out:
            ledger.use_partially(row.line, OWN_PAPER, report.cargo)
        where = [""]
        if kind == "mirna" and report.disease:
            term = tumours.term(report.disease)
            if not term:
                ledger.use_partially(row.line, NO_TERM, report.disease)
            elif term != ROOT:
                where.append(term)
        for tumour in where:
            if by_counts:
                votes.of_counts(cargo, tumour, suppressing, oncogenic)
            else:
                votes.of_papers(cargo, tumour, others, suppressing - oncogenic)
    return votes, ledger


def corpus_papers(findings: Iterable[Finding]) -> frozenset[str]:
    """Every key that the papers of curated findings are known by."""
    keys = {key for finding in findings for key in finding.paper_names}
    return frozenset(keys | {title(finding.citation.get("title", "")) for finding in findings} - {title("")})


def pmid(text: str) -> str:
    """The key of a paper by its PMID."""
    return f"pmid:{text}"


def title(text: str) -> str:
    """The key of a paper by its title, told by its ASCII letters: tables often lost the others (TGF-? for TGF-β)."""
    return "title:" + fold("".join(letter for letter in text if letter.isascii()))
