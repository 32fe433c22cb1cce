"""miRTarBase: targets of microRNAs that strong evidence validated: reporter assay, Western blot, qPCR
(doi:10.1093/nar/gkab1079). Human pairs only; weak evidence and pairs found not to work are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.sources import SOURCES, TargetRow
from training.importers.ledger import Ledger
from training.importers.names import Names
from training.importers.table import Form, Table
from training.importers.votes import CUT_OFF, EMPTY, UNKNOWN, Unused

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


def gather(table: Table, names: Names) -> tuple[list[TargetRow], Ledger]:
    """The validated targets of a table, each with the number of its papers, and what became of the rows.

    Raises SheetError.
    """
    ledger = Ledger()
    pmids: dict[tuple[str, str], set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for row in table.rows():
        ledger.read += 1
        if (unused := _unused(table.form, row.cells, row.whole)) is not None:
            ledger.drop(row.line, unused.why, unused.example)
            continue
        mirna = names.mature(row.cells["mirna"])
        if not mirna:
            ledger.drop(row.line, UNKNOWN["mirna"], row.cells["mirna"])
            continue
        # Any gene can be a target, so that one which the role tables do not know keeps the symbol it has.
        pair = mirna, names.gene(row.cells["gene"]) or row.cells["gene"]
        if "papers" in row.cells:
            counts[pair] = max(counts.get(pair, 0), int(row.cells["papers"]))
        else:
            pmids.setdefault(pair, set()).update(re.findall(r"\d+", row.cells["pmids"]))
    papers = counts or {pair: len(of_pair) for pair, of_pair in pmids.items()}
    return [TargetRow(*pair, number) for pair, number in sorted(papers.items())], ledger


def _unused(form: Form, cells: Mapping[str, str], whole: bool) -> Unused | None:
    if not whole:
        return Unused(CUT_OFF)
    if empty := form.empty(cells):
        return Unused(EMPTY, empty)
    if "papers" in cells:
        return None if cells["papers"].isdecimal() else Unused(NO_COUNT, cells["papers"])
    for species in ("mirna species", "gene species"):
        if cells.get(species, HUMAN).lower() != HUMAN:
            return Unused(OTHER_SPECIES, cells[species])
    if cells["support"].lower() != STRONG:
        return Unused(WEAK, cells["support"])
    return None if re.search(r"\d", cells["pmids"]) else Unused(NO_PMID, cells["mirna"])
