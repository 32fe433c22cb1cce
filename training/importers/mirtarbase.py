"""miRTarBase: targets of microRNAs that strong evidence validated: reporter assay, Western blot, qPCR
(doi:10.1093/nar/gkab1079). Human pairs only; weak evidence and pairs found not to work are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.knowledge.sources import SOURCES, TargetRow
from training.importers.import_report import ImportReport
from training.importers.names import Names
from training.importers.table import Form, Table
from training.importers.votes import UNKNOWN, SkippedRow, usable_rows

WEAK = "no strong evidence (support type)"
OTHER_SPECIES = "the microRNA or the target is not human"
NO_PMID = "the row names no PMID"
NO_COUNT = "the count of papers is no whole number"

STRONG = "functional mti"
HUMAN = "homo sapiens"

SOURCE = SOURCES["mirtarbase"]
_PAIRS = Form(
    "miRTarBase's MTI file",
    {
        "mirna": ("miRNA",),
        "gene": ("Target Gene",),
        "support": ("Support Type",),
        "pmids": ("References (PMID)", "References"),
    },
    {"mirna species": ("Species (miRNA)",), "gene species": ("Species (Target Gene)",)},
)
_COUNTS = Form(
    "counts of papers with strong evidence", {"mirna": ("mirna",), "gene": ("gene",), "papers": ("n_pmid", "n_papers")}
)
FORMS = (_PAIRS, _COUNTS)


def collect_targets(table: Table, names: Names) -> tuple[list[TargetRow], ImportReport]:
    """The validated targets of a table, each with the number of its papers, and what became of the rows.

    Raises SheetError.
    """
    ledger = ImportReport()
    pmids: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for row in usable_rows(table, ledger):
        if (skipped := _skipped(row.cells)) is not None:
            ledger.skip(row.line, skipped.reason, skipped.example)
            continue
        mirna = names.mature(row.cells["mirna"])
        if not mirna:
            ledger.skip(row.line, UNKNOWN["mirna"], row.cells["mirna"])
            continue
        # Any gene can be a target, so that one which the role tables do not know keeps the symbol it has.
        pair = mirna, names.gene(row.cells["gene"]) or row.cells["gene"]
        if "papers" in row.cells:
            counts[pair] = max(counts.get(pair, 0), int(row.cells["papers"]))
        else:
            pmids.setdefault(pair, set()).update(re.findall(r"\d+", row.cells["pmids"]))
    papers = counts or {pair: len(of_pair) for pair, of_pair in pmids.items()}
    return [TargetRow(*pair, number) for pair, number in sorted(papers.items())], ledger


def _skipped(cells: Mapping[str, str]) -> SkippedRow | None:
    if "papers" in cells:
        return None if cells["papers"].isdecimal() else SkippedRow(NO_COUNT, cells["papers"])
    for species in ("mirna species", "gene species"):
        if cells.get(species, HUMAN).lower() != HUMAN:
            return SkippedRow(OTHER_SPECIES, cells[species])
    if cells["support"].lower() != STRONG:
        return SkippedRow(WEAK, cells["support"])
    return None if re.search(r"\d", cells["pmids"]) else SkippedRow(NO_PMID, cells["mirna"])
