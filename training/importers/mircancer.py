"""miRCancer: microRNAs that papers found up- or down-regulated in a tumour (doi:10.1093/bioinformatics/btt014).

Down-regulated counts as suppressing, up-regulated as oncogenic.
"""

from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.import_report import SkippedRowError
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, parse_counts, title

NO_PROFILE = "the profile is neither up nor down"

_ARTICLES = Form(
    "miRCancer's text file",
    {
        "mirna": ("mirId", "mir"),
        "disease": ("Cancer",),
        "profile": ("Profile",),
        "title": ("PubMed Article", "PubMed Article title", "title"),
    },
    remark="papers are distinguished by their titles",
)
_COUNTS = Form(
    "counts of papers",
    {"mirna": ("mir", "mirId"), "disease": ("cancer",), "up": ("n_up",), "down": ("n_down",)},
    counts=True,
    remark="the file gives only counts: the curated corpus' own papers could not be taken out",
)


def report(cells: Mapping[str, str]) -> Report:
    """What a row says of a microRNA. Raises SkippedRowError."""
    if "profile" not in cells:
        up, down = parse_counts(cells["up"], cells["down"])
        return Report(cells["mirna"], down, up, cells["disease"])
    profile = cells["profile"].lower()
    if profile not in ("up", "down"):
        raise SkippedRowError(NO_PROFILE, cells["profile"])
    return Report(cells["mirna"], profile == "down", profile == "up", cells["disease"], (title(cells["title"]),))


MIRCANCER = RoleImporter(SOURCES["mircancer"], (_ARTICLES, _COUNTS), report)
