"""The prediction report as a page: what `service/scoring/report.py` found, set for reading and for paper.

One template serves the route, whose page links its style sheets, and the command line, whose file holds them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.candidates.candidate import FIELDS
from models.scoring.predictions import SUPPORT, SUPPORT_RULE
from models.scoring.summary import UNDETERMINED
from service.pages import charts
from service.pages.forms.fields import CANDIDATE_TITLES
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
LOSS_AGREEMENTS = {
    "agrees": "vesicles without the cargo agree with those that have it.",
    "in_part": "vesicles without the cargo agree only in part with those that have it.",
    "disagrees": "vesicles without the cargo contradict those that have it.",
    "alone": "only vesicles without the cargo were tested.",
    "not_tested": "no finding took the cargo out or silenced it.",
}
_LONGEST_PART = 90
_CITED = ("paper", "first_author", "year", "journal", "title")
_OPPOSITE = {"suppressing": "promoting", "promoting": "suppressing"}


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
    meant: Callable[[str, str, str], str] | None = None,
) -> dict[str, Any]:
    """What answer.html shows of a report.

    `flip_addresses` are those of the flips, `linked` is whether those of this service lead anywhere. `filters` are the
    fields that findings can share with the candidate, to see it among them: each with the addresses of the page, and of the
    chart (`fragment`), where it is turned on or off; `among` is what they chose. `meant` gives the address of the candidate
    with another name in a field that was not understood.
    """
    score = report["score"]
    # How often an undetermined candidate leans the right way is no measure of a prediction.
    grades = report["performance"]["support"] if score["label"] != UNDETERMINED else []
    references = [{**each, "citation": dict.fromkeys(_CITED, "") | each["citation"]} for each in report["references"]]
    return {
        "report": report,
        "score": score,
        "whose": WHOSE,
        "meant": meant,
        "heading": heading(score["candidate"]),
        "titles": CANDIDATE_TITLES,
        "grades": SUPPORT,
        "support_rule": SUPPORT_RULE,
        "measured": next((each["right"] for each in grades if each["grade"] == score["support"]), None),
        "rows": rows(score),
        "moving": [field for field in score["missing"] if _moves(field)],
        "still": [field["field"] for field in score["missing"] if not _moves(field)],
        "number": {reference["finding_id"]: place for place, reference in enumerate(references, start=1)},
        "likeness": {near["finding_id"]: near["likeness"] for near in score["evidence"]},
        "opposite": _OPPOSITE,
        "loss_agreements": LOSS_AGREEMENTS,
        "papers": _grouped(references, score),
        "links": {reference["finding_id"]: named_links(reference["citation"]["links"]) for reference in references},
        "metrics": METRICS,
        "contributions": charts.contributions(score, report["contribution_of_cancer_type"]),
        "position": charts.position(score, report["position"], among),
        "probability": charts.probability(score),
        "flip_addresses": flip_addresses,
        "linked": linked,
        "filters": filters,
        "among": among,
    }


def _grouped(
    references: Sequence[Mapping[str, Any]], score: Mapping[str, Any]
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The findings that a report names, by what they have to do with the candidate."""
    known = set(score["known"]["findings"])
    nearest = {near["finding_id"] for near in score["evidence"]} - known
    return [
        ("This source with this cargo", [each for each in references if each["finding_id"] in known]),
        ("Most similar other findings", [each for each in references if each["finding_id"] in nearest]),
        (
            "Other findings on the mechanism",
            [each for each in references if each["finding_id"] not in known | nearest],
        ),
    ]


def style() -> str:
    """The style sheets as one text, for a page that is to hold them."""
    return "\n".join((HERE / "static" / name).read_text("utf-8") for name in STYLE_SHEETS)


def figure_file(svg: str) -> str:
    """A figure with its colours, as a file."""
    colours = (HERE / "static" / "figures.css").read_text("utf-8").partition("@media")
    style = colours[0] + "\n".join(line for line in colours[2].splitlines() if line.startswith(".figure"))
    begin, _, rest = svg.partition(">")
    return f"{begin}><style>svg {{ font-family: sans-serif; background: white }}{style}</style>{rest}"


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


def _moves(missing: Mapping[str, Any]) -> bool:
    """Whether the probability differs over the likely values of a field that was not stated."""
    return bool(missing["lowest"]["probability_suppressing"] != missing["highest"]["probability_suppressing"])
