"""The prediction report as a page: what `service/reports.py` found, set for reading and for paper.

One template serves the route, whose page links its style sheets, and the command line, whose file holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.candidate import FIELDS
from service.pages import figures
from service.pages.rendering import HERE, render
from service.pages.wording import words

STYLE_SHEETS = ("figures.css", "base.css", "report.css")

BECAUSE = {
    "domain": "outside what the model has seen",
    "conflict": "the papers on this very vesicle contradict each other",
    "thin_data": "the findings allow either effect",
}
# The figures of the model that a reader of one prediction needs, and their names in words.
PERFORMANCE = {
    "auroc": "AUROC",
    "within_stratum_auroc": "AUROC within strata",
    "mcc": "MCC",
    "brier": "Brier score",
    "ece": "calibration error",
    "coverage_suppressing": "coverage of suppressing findings",
    "coverage_promoting": "of promoting ones",
}
SUPPORT = {
    "stratum": "cell, phenotype and state together",
    "combination": "these and the cargo type together",
}
MECHANISM = {
    "post_transcriptional_targets": "Post-transcriptional targets",
    "other_targets": "Other targets",
    "pathways": "Pathways",
    "processes": "Tumour processes",
}
_LONGEST_PART = 90
_SITES = (
    ("DOI", "https://doi.org/"),
    ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/"),
    ("PMC", "https://pmc.ncbi.nlm.nih.gov/articles/"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one field: as it was given, as it was understood, and how."""

    field: str
    given: str
    used: str
    how: str
    identifier: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """One field that findings can share with the candidate: the addresses of the page, and of the figure, where it is turned
    on or off."""

    field: str
    title: str
    chosen: bool
    address: str
    fragment: str


def page(report: Mapping[str, Any], style_sheets: Sequence[str] = ()) -> str:
    """The HTML page of a report, linking `style_sheets`; without any it holds its style and links to papers only."""
    linked = bool(style_sheets)
    turned = [flip["report"] for flip in report["flips"]] if linked else []
    return str(
        render(
            "report.html",
            **shown(report, turned, linked=linked),
            style_sheets=style_sheets,
            style="" if linked else style(),
        )
    )


def shown(
    report: Mapping[str, Any],
    turned: Sequence[str],
    *,
    linked: bool = True,
    filters: Sequence[Filter] = (),
    among: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What answer.html shows of a report.

    `turned` are the addresses of the flips, `linked` says whether those of this service lead anywhere. `filters` choose the
    findings that the candidate is seen among, `among` is what they chose.
    """
    score = report["score"]
    return {
        "report": report,
        "score": score,
        "heading": heading(score["candidate"]),
        "because": BECAUSE.get(score.get("undetermined_because", "")),
        "rows": rows(score),
        "unstated": [one.name for one in FIELDS if one.name != "id" and one.name not in score["candidate"]],
        "number": {one["finding_id"]: place for place, one in enumerate(report["references"], start=1)},
        "links": {one["finding_id"]: links(one["citation"]["links"]) for one in report["references"]},
        "support_words": SUPPORT,
        "mechanism_words": MECHANISM,
        "performance_words": PERFORMANCE,
        "contributions": figures.contributions(score),
        "position": figures.position(score, report["position"], among),
        "probability": figures.probability(score),
        "turned": turned,
        "linked": linked,
        "filters": filters,
        "among": among,
    }


def style() -> str:
    """The style sheets as one text, for a page that is to hold them."""
    return "\n".join((HERE / "static" / name).read_text("utf-8") for name in STYLE_SHEETS)


def heading(candidate: Mapping[str, Any]) -> list[str]:
    """What is carried, whose vesicle it is and which tumour it meets."""
    state = "" if candidate["cargo_state"] == "native" else f" ({candidate['cargo_state']})"
    phenotype = "" if candidate["source_phenotype"] == "unspecified" else words(candidate["source_phenotype"])
    source = f"{phenotype} {words(candidate['source_cell'])}".strip()
    parts = (candidate.get("cargo_name", "whole vesicle") + state, source, candidate.get("cancer_type", ""))
    return [part if len(part) <= _LONGEST_PART else f"{part[:_LONGEST_PART]}…" for part in parts if part]


def rows(score: Mapping[str, Any]) -> list[Row]:
    """Every value of the candidate as understood, beside what was given."""
    found = []
    for one in FIELDS:
        value = score["candidate"].get(one.name)
        notes = [note for note in score["normalisation"] if note["field"] == one.name]
        if value is None:
            continue
        noted = {note["used"] for note in notes}
        exact = [value] if isinstance(value, str) else [term for term in value if term not in noted]
        found += [
            Row(
                one.name,
                note["given"],
                note["used"],
                note["how"],
                note.get("identifier", ""),
                tuple(note.get("alternatives", ())),
            )
            for note in notes
        ]
        if isinstance(value, list) or not notes:
            found += [Row(one.name, term, term, "exact") for term in exact]
    return found


def links(addresses: Sequence[str]) -> list[tuple[str, str, str]]:
    """Where a paper can be read: the name of the place, the address, and what the paper is called there.

    Only addresses of the web, since findings can come from anybody.
    """
    return [_link(address) for address in addresses if address.startswith(("https://", "http://"))]


def _link(address: str) -> tuple[str, str, str]:
    for name, site in _SITES:
        if address.startswith(site):
            return name, address, address.removeprefix(site).rstrip("/")
    return "link", address, address
