"""The prediction report as a page: what `service/scoring/report.py` found, set for reading and for paper.

One template serves the route, whose page links its style sheets, and the command line, whose file holds them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.candidates.candidate import FIELDS
from service.pages import charts
from service.pages.rendering import HERE, render
from training.data.citation import named_links
from training.evaluation.metrics import METRICS
from training.report.formatting import describe_cargo, describe_source

STYLE_SHEETS = ("figures.css", "base.css", "report.css")
UNDETERMINED_REASONS = {
    "domain": "outside what the model has seen",
    "conflict": "the papers on this very vesicle contradict each other",
    "both_possible": "neither effect can be ruled out",
}
# What is said of a finding beside its paper; that of the shipped corpus goes without saying.
WHOSE = {"corpus": "", "published": " (added here)", "lab": " (of this lab, unpublished)"}
_LONGEST_PART = 90


def page(report: Mapping[str, Any], style_sheets: Sequence[str] = ()) -> str:
    """The HTML page of a report, linking `style_sheets`; without any it holds its style and links to papers only."""
    linked = bool(style_sheets)
    flips = [flip["report"] for flip in report["flips"]] if linked else []
    context = page_context(report, flips, linked=linked)
    return str(render("report.html", **context, style_sheets=style_sheets, style="" if linked else style()))


def page_context(
    report: Mapping[str, Any],
    flip_addresses: Sequence[str],
    *,
    linked: bool = True,
    filters: Sequence[Mapping[str, Any]] = (),
    among: Mapping[str, Any] | None = None,
    meant: Callable[[str, str], str] | None = None,
) -> dict[str, Any]:
    """What answer.html shows of a report.

    `flip_addresses` are those of the flips, `linked` is whether those of this service lead anywhere. `filters` are the
    fields that findings can share with the candidate, to see it among them: each with the addresses of the page, and of the
    chart (`fragment`), where it is turned on or off; `among` is what they chose. `meant` gives the address of the candidate
    with another name in a field that was not understood.
    """
    score, references = report["score"], report["references"]
    return {
        "report": report,
        "score": score,
        "whose": WHOSE,
        "meant": meant,
        "heading": heading(score["candidate"]),
        "reason": UNDETERMINED_REASONS.get(score.get("undetermined_because", "")),
        "rows": rows(score),
        "unstated": [field.name for field in FIELDS[1:] if field.name not in score["candidate"]],
        "number": {reference["finding_id"]: place for place, reference in enumerate(references, start=1)},
        "links": {reference["finding_id"]: named_links(reference["citation"]["links"]) for reference in references},
        "metrics": METRICS,
        "contributions": charts.contributions(score),
        "position": charts.position(score, report["position"], among),
        "probability": charts.probability(score),
        "flip_addresses": flip_addresses,
        "linked": linked,
        "filters": filters,
        "among": among,
    }


def style() -> str:
    """The style sheets as one text, for a page that is to hold them."""
    return "\n".join((HERE / "static" / name).read_text("utf-8") for name in STYLE_SHEETS)


def heading(candidate: Mapping[str, Any]) -> list[str]:
    """What is carried, whose vesicle it is and which tumour it meets."""
    parts = (describe_cargo(candidate), describe_source(candidate), candidate.get("cancer_type", ""))
    return [part if len(part) <= _LONGEST_PART else f"{part[:_LONGEST_PART]}…" for part in parts if part]


def rows(score: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every value of the candidate as understood, beside what was given: its notes, and values that were given so."""
    values: list[Mapping[str, Any]] = []
    for field in FIELDS:
        value = score["candidate"].get(field.name)
        notes = [note for note in score["normalisation"] if note["field"] == field.name]
        values += notes
        noted = {note["used"] for note in notes}
        terms = value if isinstance(value, list) else [value] if value is not None and not notes else []
        exact = (term for term in terms if term not in noted)
        values += [{"field": field.name, "given": term, "used": term, "how": "exact"} for term in exact]
    return values
