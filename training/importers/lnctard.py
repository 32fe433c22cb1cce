"""LncTarD: what lncRNAs and circRNAs do to processes of diseases (doi:10.1093/nar/gkz985).

A report is oncogenic where the processes that it names go, on balance, the tumour's way: proliferation, invasion or
resistance up, apoptosis, senescence or sensitivity down. Pathways and processes that serve either side are no vote.
"""

import re
from collections.abc import Mapping

from models.knowledge.sources import SOURCES
from training.importers.import_report import SkippedRowError
from training.importers.table import Form
from training.importers.votes import Report, RoleImporter, find_pmids

NOT_NON_CODING = "the regulator is no lncRNA or circRNA"
NO_DIRECTION = "no process of a tumour goes up or down on balance"
NO_PMID = "the row names no PMID"

REGULATORS = ("lncrna", "circrna")
# Processes against the tumour are looked for first: "chemosensitivity", "tumor-suppressive function".
AGAINST = re.compile(
    r"apoptosis|cell death|ferroptosis|pyroptosis|senescence|chemosensitiv|radiosensitiv|drug sensitiv|suppressive"
    r"|prognosis|survival (?:rate|time)|mesenchymal to epithelial|cell cycle arrest"
)
FOR = re.compile(
    r"proliferation|invasion|migration|metasta|motility|progression|growth|viability|survival|colony formation"
    r"|epithelial to mesenchymal|epithelial-mesenchymal|\bemt\b|resistance|tolerance|tumou?rigen|carcinogen|oncogenic"
    r"|malignant|stemness|self-renewal|angiogenesis|vasculogenic|immune (?:evasion|escape)|recurrence"
)
_EFFECT = re.compile(r"(?P<process>[^;]*?)\s*\((?P<sign>[+-])\)")


def report(cells: Mapping[str, str]) -> Report:
    """What a row says of its regulator. Raises SkippedRowError."""
    if cells["type"].lower() not in REGULATORS:
        raise SkippedRowError(NOT_NON_CODING, f"{cells['regulator']} ({cells['type']})")
    balance = suppressing_balance(cells["effects"])
    if not balance:
        raise SkippedRowError(NO_DIRECTION, cells["effects"])
    papers = find_pmids(cells["pmid"])
    if not papers:
        raise SkippedRowError(NO_PMID, cells["regulator"])
    return Report(cells["regulator"], balance > 0, balance < 0, cells["disease"], papers)


def suppressing_balance(effects: str) -> int:
    """How many of the processes go against the tumour, less those that go its way."""
    balance = 0
    for effect in _EFFECT.finditer(effects.lower()):
        up = 1 if effect["sign"] == "+" else -1
        if AGAINST.search(effect["process"]):
            balance += up
        elif FOR.search(effect["process"]):
            balance -= up
    return balance


LNCTARD = RoleImporter(
    SOURCES["lnctard"],
    (
        Form(
            "LncTarD's text file",
            {
                "disease": ("DiseaseName",),
                "regulator": ("Regulator",),
                "type": ("RegulatorType",),
                "effects": ("influencedFunction",),
                "pmid": ("PubMedID",),
            },
        ),
    ),
    report,
)
