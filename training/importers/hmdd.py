"""HMDD: what papers say of microRNAs in diseases (doi:10.1093/nar/gky1010). Only functional reports on tumours are votes.

A microRNA whose overexpression promotes the tumour, or whose knock-down suppresses it, is oncogenic; one whose overexpression
suppresses it, or whose knock-down promotes it, a suppressor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, SkippedRow, pmid

NOT_FUNCTIONAL = "no functional report (neither overexpression nor knock-down)"
NOT_CAUSAL = "HMDD calls the association not causal"
NO_PMID = "the PMID is no number"
NO_COUNT = "a count is no whole number"

# How HMDD 3 and 4 code what was done to the microRNA, and what that did to the disease.
SUPPRESSING_CODES = ("genetics_overexpression_suppress", "genetics_knock down_promote")
ONCOGENIC_CODES = ("genetics_overexpression_promote", "genetics_knock down_suppress")

_ALL = Form(
    "HMDD's alldata or causality file",
    {
        "category": ("category", "code"),
        "mirna": ("mir", "miRNA"),
        "disease": ("disease",),
        "pmid": ("pmid",),
    },
    {"causality": ("causality",)},
)
_COUNTS = Form(
    "counts of reports",
    {
        "mirna": ("mir",),
        "disease": ("cancer",),
        "oncogenic": ("n_oncomir",),
        "suppressing": ("n_tumour_suppressor",),
    },
    {"pmids": ("pmids_role",)},
)


def report(cells: Mapping[str, str]) -> Report | SkippedRow:
    """What a row says of a microRNA."""
    if "category" not in cells:
        return _counted(cells)
    category = _code(cells["category"])
    if category not in _SUPPRESSING | _ONCOGENIC:
        return SkippedRow(NOT_FUNCTIONAL, cells["category"])
    if cells.get("causality", "").lower() == "no":
        return SkippedRow(NOT_CAUSAL, cells["mirna"])
    if not cells["pmid"].isdecimal():
        return SkippedRow(NO_PMID, cells["pmid"])
    suppressing = category in _SUPPRESSING
    return Report(cells["mirna"], suppressing, not suppressing, cells["disease"], (pmid(cells["pmid"]),))


def _counted(cells: Mapping[str, str]) -> Report | SkippedRow:
    suppressing, oncogenic = cells["suppressing"], cells["oncogenic"]
    if not (suppressing.isdecimal() and oncogenic.isdecimal()):
        return SkippedRow(NO_COUNT, f"{oncogenic}, {suppressing}")
    if not int(suppressing) + int(oncogenic):
        return SkippedRow(NOT_FUNCTIONAL, cells["mirna"])
    papers = tuple(pmid(text) for text in re.findall(r"\d+", cells.get("pmids", "")))
    return Report(cells["mirna"], int(suppressing), int(oncogenic), cells["disease"], papers)


def _code(category: str) -> str:
    return re.sub(r"[\W_]+", " ", category.lower()).replace("knockdown", "knock down").strip()


_SUPPRESSING = frozenset(map(_code, SUPPRESSING_CODES))
_ONCOGENIC = frozenset(map(_code, ONCOGENIC_CODES))

HMDD = RoleImporter(
    SOURCES["hmdd"],
    (_ALL, _COUNTS),
    report,
    counts=(_COUNTS.name,),
    remarks={
        _COUNTS.name: "the file gives counts of reports and up to a dozen PMIDs: papers could not all be told apart"
    },
)
