"""Candidates side by side as a page shows them: one column for each in the order of their ranks, and rows that say where they
differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.estimator.conformal import LABELS
from service.pages.compare import ranking
from service.pages.compare.ranking import Ranked
from service.pages.forms.fields import CANDIDATE_TITLES
from service.pages.report import UNDETERMINED_REASONS, heading
from service.pages.template_filters import observed
from training.report.charts import Axis
from training.report.formatting import humanize, percent, signed

Score = Mapping[str, Any]

_BAR = 100
_MAX_OBSERVED = 5
_AGREEMENT = {True: "agrees", False: "does not agree", None: "–"}
_OBSERVED = {"post_transcriptional_targets": "Targets", "pathways": "Pathways", "processes": "Tumour processes"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one candidate has in one row: in words, where it is a number that number too, which effect it speaks for, and
    where a bar for it begins and how long that is, of 100."""

    text: str
    exact: float | None = None
    effect: str = ""
    bar: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that candidates can differ in, with one cell for each."""

    title: str
    cells: tuple[Cell, ...]

    @property
    def is_uniform(self) -> bool:
        """Whether it is the same in all."""
        return all(cell == self.cells[0] for cell in self.cells)


def make_column(ranked: Ranked, addresses: Mapping[str, str]) -> dict[str, Any]:
    """The column of one candidate: its rank, what it is in words, and the addresses where it is reported on, changed, copied
    and left out."""
    reason = UNDETERMINED_REASONS.get(ranked.score.get("undetermined_because", ""), "")
    return {"ranked": ranked, "heading": heading(ranked.score["candidate"]), "reason": reason, **addresses}


def make_groups(scores: Sequence[Score]) -> dict[str, list[Row]]:
    """Everything that is set side by side, in the order of `scores`: rows that belong together, by their title."""

    def row(title: str, describe: Callable[[Score], str]) -> Row:
        return Row(title, tuple(Cell(describe(score) or "–") for score in scores))

    def number(title: str, value: Callable[[Score], float | None]) -> Row:
        values = [value(score) for score in scores]
        return Row(title, tuple(Cell("–") if each is None else Cell(percent(each), each) for each in values))

    def percentile(title: str, name: str) -> Row:
        values = [score["percentile"].get(name) for score in scores]
        return Row(title, tuple(Cell("–") if each is None else Cell(percent(each / 100), each) for each in values))

    literature = [
        Row("This source with this cargo", tuple(_consensus(score["known"]["says"]) for score in scores)),
        row("Papers, in any tumour", lambda score: _papers(score["known"].get("anywhere"))),
        row("Papers, in this tumour", lambda score: _papers(score["known"].get("in_this_cancer"))),
        row("The model", lambda score: _AGREEMENT[score["known"].get("agrees")]),
    ]
    return {
        "Score": [
            number("Probability of suppressing", lambda score: score["probability_suppressing"]),
            number("90 % band, from", lambda score: score["interval"][0]),
            number("90 % band, to", lambda score: score["interval"][1]),
            row("90 % prediction set", lambda score: ", ".join(score["prediction_set"]) or "empty"),
            number("Confidence", lambda score: score["confidence"]),
            number("Credibility", lambda score: score["credibility"]),
            percentile("Score lower: of all findings", "of_all"),
            percentile("Score lower: of its kind of cargo", "of_cargo_type"),
        ],
        "Candidate": [
            Row(CANDIDATE_TITLES[name], tuple(Cell(_field(name, value)) for value in values))
            for name, values in ranking.field_rows(scores).items()
        ],
        "What each field adds (log-odds of suppressing)": _contribution_rows(scores),
        "Known literature": literature
        if any(score["known"]["says"] != "nothing" for score in scores)
        else literature[:1],
        "Domain": [
            row("Inside what the model has seen", lambda score: "yes" if score["domain"]["inside"] else "no"),
            row("Distance to the nearest finding", lambda score: f"{score['domain']['distance']:.2f}"),
            row("Reservations", lambda score: "; ".join(reason["says"] for reason in score["domain"]["reasons"])),
        ],
        "Seen in the recipient": [
            Row(title, tuple(Cell(_observed_names(score["mechanism"][name]) or "–") for score in scores))
            for name, title in _OBSERVED.items()
        ],
    }


def _contribution_rows(scores: Sequence[Score]) -> list[Row]:
    rows = ranking.contribution_rows(scores)
    most = max(abs(value) for values in rows.values() for value in values) or 1.0
    axis = Axis(-most, most, 0, _BAR)
    return [
        Row(CANDIDATE_TITLES.get(name, name.capitalize()), tuple(_contribution(value, axis) for value in values))
        for name, values in rows.items()
    ]


def _contribution(value: float, axis: Axis) -> Cell:
    low, high = sorted((axis.at(0.0), axis.at(value)))
    effect = LABELS[0] if value > 0 else LABELS[1] if value < 0 else ""
    return Cell(signed(value), value, effect, (low, round(high - low, 2)))


def _field(name: str, value: str | list[str]) -> str:
    if isinstance(value, list):
        return ", ".join(map(humanize, value))
    return (value if name == "cargo_name" else humanize(value)) or "–"


def _consensus(consensus: str) -> Cell:
    return Cell(consensus, effect=consensus if consensus in LABELS else "")


def _papers(tally: Mapping[str, Any] | None) -> str:
    if tally is None:
        return ""
    papers = {effect: tally[f"{effect}_papers"] for effect in LABELS}
    return ", ".join(f"{count} {effect}" for effect, count in papers.items()) if any(papers.values()) else "none"


def _observed_names(seen: Sequence[Mapping[str, Any]]) -> str:
    names = [observed(each["name"]) for each in seen]
    more = len(names) - _MAX_OBSERVED
    return ", ".join([*names[:_MAX_OBSERVED], *([f"and {more} more"] if more > 0 else [])])
