"""CancerMine: genes that papers call suppressors or oncogenes, mined from sentences (doi:10.1038/s41592-019-0422-y).

A driver is no vote: it may be either. Symbols are official ones (HGNC).
"""

from __future__ import annotations

from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, SkippedRow, pmid

NOT_SIGNED = "a driver, or another role that is neither suppressor nor oncogene"
NO_COUNT = "the citation count is no whole number"
NO_PMID = "the PMID is no number"

_IDENTIFIER = {"identifier": ("gene_hugo_id",)}
_COLLATED = Form(
    "CancerMine's collated file",
    {"role": ("role",), "gene": ("gene_normalized", "gene"), "citations": ("citation_count",)},
    _IDENTIFIER,
)
_SENTENCES = Form(
    "CancerMine's file of sentences",
    {"role": ("role",), "gene": ("gene_normalized", "gene"), "pmid": ("pmid",)},
    _IDENTIFIER,
)


def report(cells: Mapping[str, str]) -> Report | SkippedRow:
    """What a row says of a gene."""
    suppressing = cells["role"].lower().replace(" ", "_") == "tumor_suppressor"
    if not suppressing and cells["role"].lower() != "oncogene":
        return SkippedRow(NOT_SIGNED, cells["role"])
    gene, identifier = cells["gene"], cells.get("identifier", "")
    if "pmid" in cells:
        if not cells["pmid"].isdecimal():
            return SkippedRow(NO_PMID, cells["pmid"])
        return Report(gene, suppressing, not suppressing, papers=(pmid(cells["pmid"]),), identifier=identifier)
    if not cells["citations"].isdecimal():
        return SkippedRow(NO_COUNT, cells["citations"])
    citations = int(cells["citations"])
    return Report(gene, citations * suppressing, citations * (not suppressing), identifier=identifier)


CANCERMINE = RoleImporter(
    SOURCES["cancermine"],
    (_COLLATED, _SENTENCES),
    report,
    counts=(_COLLATED.name,),
    remarks={
        _COLLATED.name: "the file gives only counts of citations: the curated corpus' own papers could not be taken out, and "
        "a paper counts once for each tumour that it names (CancerMine's file of sentences names the papers)"
    },
)
