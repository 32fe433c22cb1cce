"""HMDD: what papers say of microRNAs in diseases (doi:10.1093/nar/gky1010). Only functional reports on tumours are votes.

A microRNA whose overexpression promotes the tumour, or whose knock-down suppresses it, is oncogenic; one whose overexpression
suppresses it, or whose knock-down promotes it, a suppressor.
"""

import re
from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.import_report import SkippedRowError
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, find_pmids, parse_counts, parse_pmid

NOT_FUNCTIONAL = "no functional report (neither overexpression nor knock-down)"
NOT_CAUSAL = "HMDD marks the association as not causal"

# How HMDD 3 and 4 code what was done to the microRNA, and what that did to the disease.
SUPPRESSING_CODES = ("genetics_overexpression_suppress", "genetics_knock down_promote")
ONCOGENIC_CODES = ("genetics_overexpression_promote", "genetics_knock down_suppress")

_ALL = Form(
    "HMDD's alldata or causality file",
    {"category": ("category", "code"), "mirna": ("mir", "miRNA"), "disease": ("disease",), "pmid": ("pmid",)},
    {"causality": ("causality",)},
)
_COUNTS = Form(
    "counts of reports",
    {"mirna": ("mir",), "disease": ("cancer",), "oncogenic": ("n_oncomir",), "suppressing": ("n_tumour_suppressor",)},
    {"pmids": ("pmids_role",)},
    counts=True,
    remark="the file gives counts of reports and up to a dozen PMIDs: not all papers could be distinguished",
)


def report(cells: Mapping[str, str]) -> Report:
    """What a row says of a microRNA. Raises SkippedRowError."""
    if "category" not in cells:
        oncogenic, suppressing = parse_counts(cells["oncogenic"], cells["suppressing"])
        if not suppressing + oncogenic:
            raise SkippedRowError(NOT_FUNCTIONAL, cells["mirna"])
        return Report(cells["mirna"], suppressing, oncogenic, cells["disease"], find_pmids(cells.get("pmids", "")))
    category = _normalize_code(cells["category"])
    if category not in _SUPPRESSING | _ONCOGENIC:
        raise SkippedRowError(NOT_FUNCTIONAL, cells["category"])
    if cells.get("causality", "").lower() == "no":
        raise SkippedRowError(NOT_CAUSAL, cells["mirna"])
    is_suppressing = category in _SUPPRESSING
    paper = parse_pmid(cells["pmid"])
    return Report(cells["mirna"], is_suppressing, not is_suppressing, cells["disease"], (paper,))


def _normalize_code(category: str) -> str:
    return re.sub(r"[\W_]+", " ", category.lower()).replace("knockdown", "knock down").strip()


_SUPPRESSING = frozenset(map(_normalize_code, SUPPRESSING_CODES))
_ONCOGENIC = frozenset(map(_normalize_code, ONCOGENIC_CODES))

HMDD = RoleImporter(SOURCES["hmdd"], (_ALL, _COUNTS), report)
