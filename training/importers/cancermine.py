"""CancerMine: genes that papers call suppressors or oncogenes, mined from sentences (doi:10.1038/s41592-019-0422-y).

A driver is no vote: it may be either. Symbols are official ones (HGNC).
"""

from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.import_report import SkippedRowError
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, parse_counts, parse_pmid

NO_COUNT = "the citation count is no whole number"
NOT_SIGNED = "a driver, or another role that is neither suppressor nor oncogene"

_COLUMNS = {"role": ("role",), "gene": ("gene_normalized", "gene")}
_IDENTIFIER = {"identifier": ("gene_hugo_id",)}
_COLLATED = Form(
    "CancerMine's collated file",
    {**_COLUMNS, "citations": ("citation_count",)},
    _IDENTIFIER,
    counts=True,
    remark="the file gives only counts of citations: the curated corpus' own papers could not be taken out, and "
    "a paper counts once for each tumour that it names (CancerMine's file of sentences names the papers)",
)
_SENTENCES = Form("CancerMine's file of sentences", {**_COLUMNS, "pmid": ("pmid",)}, _IDENTIFIER)


def report(cells: Mapping[str, str]) -> Report:
    """What a row says of a gene. Raises SkippedRowError."""
    suppressing = cells["role"].lower().replace(" ", "_") == "tumor_suppressor"
    if not suppressing and cells["role"].lower() != "oncogene":
        raise SkippedRowError(NOT_SIGNED, cells["role"])
    reports, papers = 1, tuple[str, ...]()
    if "pmid" in cells:
        papers = (parse_pmid(cells["pmid"]),)
    else:
        (reports,) = parse_counts(cells["citations"], reason=NO_COUNT)
    identifier = cells.get("identifier", "")
    return Report(
        cells["gene"], reports * suppressing, reports * (not suppressing), papers=papers, identifier=identifier
    )


CANCERMINE = RoleImporter(SOURCES["cancermine"], (_COLLATED, _SENTENCES), report)
