"""Candidates side by side as a page shows them: one column for each in the order of their ranks, and rows that say where they
differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service import comparisons
from service.comparisons import Ranked
from service.pages.candidate_form import TITLES
from service.pages.figures.axis import Axis
from service.pages.report import BECAUSE, heading
from service.pages.wording import observed, percent, signed, words

_BAR = 100
_MOST_OBSERVED = 5
_AGREES = {True: "agrees", False: "does not agree", None: "–"}
_OBSERVED = {"post_transcriptional_targets": "Targets", "pathways": "Pathways", "processes": "Tumour processes"}


@dataclass(frozen=True, slots=True)
class Column:
    """One candidate: its rank, what it is in words, and the addresses where it is reported on, changed, copied and left out."""

    ranked: Ranked
    heading: tuple[str, ...]
    because: str
    report: str
    change: str
    copy: str
    remove: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the middle of its cell: where it begins and how long it is, of 100."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Cell:
    """What one candidate has in one row: in words, where it is a number with every digit, which effect it speaks for, and how
    much as a bar."""

    text: str
    exact: float | None = None
    effect: str = ""
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that candidates can differ in, with one cell for each."""

    title: str
    cells: tuple[Cell, ...]

    @property
    def alike(self) -> bool:
        """Whether it is the same in all."""
        return all(cell == self.cells[0] for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


def column(ranked: Ranked, addresses: Mapping[str, str]) -> Column:
    """The column of one candidate, with its `addresses` by their names."""
    score = ranked.score
    because = BECAUSE.get(score.get("undetermined_because", ""), "")
    return Column(ranked, tuple(heading(score["candidate"])), because, **addresses)


def groups(scores: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """Everything that is set side by side, in the order of `scores`."""
    rows = {
        "Score": _of_score(scores),
        "Candidate": [
            Row(TITLES[row.name], tuple(Cell(_field(row.name, value)) for value in row.values))
            for row in comparisons.of_fields(scores)
        ],
        "What each field adds (log-odds of suppressing)": _of_contributions(scores),
        "Known literature": _of_known(scores),
        "Domain": [
            _row("Inside what the model has seen", scores, lambda score: "yes" if score["domain"]["inside"] else "no"),
            _row("Distance to the nearest finding", scores, lambda score: f"{score['domain']['distance']:.2f}"),
            _row("Reservations", scores, lambda score: "; ".join(one["says"] for one in score["domain"]["reasons"])),
        ],
        "Seen in the recipient": [_row(title, scores, _seen(name)) for name, title in _OBSERVED.items()],
    }
    return tuple(Group(title, tuple(found)) for title, found in rows.items() if found)


def _of_score(scores: Sequence[Mapping[str, Any]]) -> list[Row]:
    def number(title: str, exact: Callable[[Mapping[str, Any]], float], said: Callable[[float], str] = percent) -> Row:
        return Row(title, tuple(Cell(said(exact(score)), exact(score)) for score in scores))

    return [
        number("Probability of suppressing", lambda score: score["probability_suppressing"]),
        number("90 % band, from", lambda score: score["interval"][0]),
        number("90 % band, to", lambda score: score["interval"][1]),
        _row("90 % prediction set", scores, lambda score: ", ".join(score["prediction_set"]) or "empty"),
        number("Confidence", lambda score: score["confidence"]),
        number("Credibility", lambda score: score["credibility"]),
        number("Score lower: of all findings", lambda score: score["percentile"]["of_all"], _percentile),
        Row(
            "Score lower: of its kind of cargo",
            tuple(
                Cell(_percentile(of_type), of_type) if of_type is not None else Cell("–")
                for of_type in (score["percentile"].get("of_cargo_type") for score in scores)
            ),
        ),
    ]


def _of_contributions(scores: Sequence[Mapping[str, Any]]) -> list[Row]:
    rows = comparisons.of_contributions(scores)
    most = max(abs(value) for row in rows for value in row.values) or 1.0
    axis = Axis(-most, most, 0, _BAR)
    return [
        Row(TITLES.get(row.name, row.name.capitalize()), tuple(_adds(value, axis) for value in row.values))
        for row in rows
    ]


def _adds(value: float, axis: Axis) -> Cell:
    ends = sorted((axis.at(0.0), axis.at(value)))
    effect = "suppressing" if value > 0 else "promoting" if value < 0 else ""
    return Cell(signed(value), value, effect, Bar(ends[0], round(ends[1] - ends[0], 2)))


def _of_known(scores: Sequence[Mapping[str, Any]]) -> list[Row]:
    rows = [
        Row("This source with this cargo", tuple(_says(score["known"]["says"]) for score in scores)),
        _row("Papers, in any tumour", scores, lambda score: _papers(score["known"].get("anywhere"))),
        _row("Papers, in this tumour", scores, lambda score: _papers(score["known"].get("in_this_cancer"))),
        _row("The model", scores, lambda score: _AGREES[score["known"].get("agrees")]),
    ]
    return rows if any(score["known"]["says"] != "nothing" for score in scores) else rows[:1]


def _row(title: str, scores: Sequence[Mapping[str, Any]], says: Callable[[Mapping[str, Any]], str]) -> Row:
    return Row(title, tuple(Cell(says(score) or "–") for score in scores))


def _field(name: str, value: str | list[str]) -> str:
    if isinstance(value, list):
        return ", ".join(map(words, value))
    return (value if name == "cargo_name" else words(value)) or "–"


def _says(says: str) -> Cell:
    return Cell(says, effect=says if says in ("suppressing", "promoting") else "")


def _papers(tally: Mapping[str, Any] | None) -> str:
    if tally is None:
        return ""
    if not any(tally[f"{effect}_papers"] for effect in ("suppressing", "promoting")):
        return "none"
    return ", ".join(f"{tally[f'{effect}_papers']} {effect}" for effect in ("suppressing", "promoting"))


def _seen(name: str) -> Callable[[Mapping[str, Any]], str]:
    def seen(score: Mapping[str, Any]) -> str:
        names = [observed(one["name"]) for one in score["mechanism"][name]]
        more = len(names) - _MOST_OBSERVED
        return ", ".join([*names[:_MOST_OBSERVED], *([f"and {more} more"] if more > 0 else [])])

    return seen


def _percentile(of: float) -> str:
    return percent(of / 100.0)
