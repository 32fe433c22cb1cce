"""miRCancer: microRNAs that papers found up- or down-regulated in a tumour (doi:10.1093/bioinformatics/btt014).

Down-regulated counts as suppressing, up-regulated as oncogenic.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, SkippedRow, title

NO_PROFILE = "the profile is neither up nor down"
NO_COUNT = "a count is no whole number"

_ARTICLES = Form(
    "miRCancer's text file",
    {
        "mirna": ("mirId", "mir"),
        "disease": ("Cancer",),
        "profile": ("Profile",),
        "title": ("PubMed Article", "PubMed Article title", "title"),
    },
)
_COUNTS = Form(
    "counts of papers",
    {"mirna": ("mir", "mirId"), "disease": ("cancer",), "up": ("n_up",), "down": ("n_down",)},
)


def report(cells: Mapping[str, str]) -> Report | SkippedRow:
    """What a row says of a microRNA."""
    if "profile" not in cells:
        if not (cells["up"].isdecimal() and cells["down"].isdecimal()):
            return SkippedRow(NO_COUNT, f"{cells['up']}, {cells['down']}")
        return Report(cells["mirna"], int(cells["down"]), int(cells["up"]), cells["disease"])
    profile = cells["profile"].lower()
    if profile not in ("up", "down"):
        return SkippedRow(NO_PROFILE, cells["profile"])
    suppressing = profile == "down"
    return Report(cells["mirna"], suppressing, not suppressing, cells["disease"], (title(cells["title"]),))


MIRCANCER = RoleImporter(
    SOURCES["mircancer"],
    (_ARTICLES, _COUNTS),
    report,
    counts=(_COUNTS.name,),
    remarks={
        _ARTICLES.name: "papers are told apart by their titles",
        _COUNTS.name: "the file gives only counts: the curated corpus' own papers could not be taken out",
    },
)
