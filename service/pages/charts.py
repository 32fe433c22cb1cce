"""The charts of scores, comparisons and counts of findings, as SVG markup. Their kit is training/report/charts.py; what is
drawn here alone is in templates/charts/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from models.estimator.conformal import LABELS
from models.estimator.linear_model import probability as probability_of
from service.findings.statistics import EffectCount
from service.pages.rendering import render
from service.pages.template_filters import log_odds
from training.report.charts import Axis, round_ticks
from training.report.evaluation_charts import years_chart
from training.report.formatting import humanize, shorten

MAX_TALLIES = 8
WIDTH = 340
_LEFT, _RIGHT = 8, 332
# Room for a tick label, which is wider than its tick.
_STRIP_EDGE = 14
# The probabilities that are written on an axis of log-odds, which ends where findings cannot tell them from 0 and 1.
_PROBABILITIES = (0.01, 0.1, 0.5, 0.9, 0.99)
_LARGEST_LOG_ODDS = 6.0
# Where the columns of numbers of the contributions end.
_COLUMNS = (272, 340)
_POSITION_LEFT = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One step to a score: its log-odds of suppressing, where its bar begins and ends, and the probability that is reached."""

    name: str
    value: str
    log_odds: float
    begin: float
    end: float

    @property
    def probability(self) -> float:
        """The probability of suppressing after this step."""
        return probability_of(self.end)


def contributions(score: Mapping[str, Any], of_cancer_type: float = 0.0) -> Markup:
    """How the fields of a candidate add up to its score, which must include its contributions.

    Bars in log-odds of suppressing, each beginning where the last one ends: the baseline, the fields from the weightiest to
    the lightest, and the sum. `of_cancer_type` is the part of the cargo that is due to the cancer, a step of its own.
    """
    added, candidate = score["contributions"], score["candidate"]
    fields = dict(added["fields"])
    if of_cancer_type:
        fields["cargo_name"] -= of_cancer_type
        fields["cancer_type"] = of_cancer_type
    ordered = sorted(fields.items(), key=lambda field: -abs(field[1]))
    steps, reached = [], 0.0
    for name, added_by_field in (("baseline", added["baseline"]), *ordered):
        steps.append(Step(name, _value(candidate, name), added_by_field, reached, reached + added_by_field))
        reached += added_by_field
    steps.append(Step("sum", "", added["log_odds"], 0.0, added["log_odds"]))
    ends = [0.0, *(step.end for step in steps)]
    low, high = min(*ends, -1.0), max(*ends, 1.0)
    axis = Axis(low, high, 4, 226, ticks=round_ticks(low, high, 6))
    return render("charts/contributions.svg", bars=steps, axis=axis, columns=_COLUMNS, width=WIDTH)


def position(
    score: Mapping[str, Any], distribution: Mapping[str, Any], among: Mapping[str, Any] | None = None
) -> Markup:
    """Where a candidate stands among the findings of `distribution`, each scored by folds that left its paper out.

    The score must include its contributions. Panels of one scale: all curated findings and, where there are any, those of the
    same cargo type, or else those `among` which somebody wants to see it.
    """
    edges, candidate, percentile = distribution["edges"], score["candidate"], score["percentile"]
    panels = [("all curated findings", percentile["of_all"], distribution["of_all"])]
    if among is not None:
        shared = (shorten(humanize(candidate.get(name, f"no {humanize(name)}")), 24) for name in among["shared"])
        panels.append((", ".join(shared), among["percentile"], among["counts"]))
    elif "of_cargo_type" in distribution:
        title = f"{humanize(candidate['cargo_type'])} cargo only"
        panels.append((title, percentile["of_cargo_type"], distribution["of_cargo_type"]))
    most = max([*distribution["of_all"]["suppressing"], *distribution["of_all"]["promoting"], 1])
    ticks = [(log_odds(chance), chance) for chance in _PROBABILITIES]
    return render(
        "charts/position.svg",
        panels=panels,
        edges=edges,
        axis=Axis(edges[0], edges[-1], _POSITION_LEFT, _RIGHT),
        most=most,
        count_ticks=round_ticks(0, most, 4, 1.0),
        here=score["contributions"]["log_odds"],
        ticks=[(place, chance) for place, chance in ticks if edges[0] <= place <= edges[-1]],
        effects=LABELS,
        width=WIDTH,
    )


def probability(score: Mapping[str, Any]) -> Markup:
    """The probability of suppressing with its 90 % band, from promoting to suppressing, spaced by log-odds."""
    axis = Axis(-_LARGEST_LOG_ODDS, _LARGEST_LOG_ODDS, _LEFT, _RIGHT)
    return render("charts/probability.svg", score=score, axis=axis, ticks=_PROBABILITIES, width=WIDTH)


def comparison(candidates: Sequence[tuple[Mapping[str, Any], str]]) -> list[Markup]:
    """A strip for each score, with the name of its candidate: its probability with the 90 % band, on one scale of log-odds for
    all."""
    bounds = [log_odds(chance) for score, _ in candidates for chance in score["interval"]]
    low, high = min([*bounds, log_odds(0.08)]), max([*bounds, log_odds(0.92)])
    ticks = [chance for chance in _PROBABILITIES if low <= log_odds(chance) <= high]
    axis = Axis(low, high, _STRIP_EDGE, WIDTH - _STRIP_EDGE, ticks=ticks)
    context = {"axis": axis, "log_odds": log_odds, "width": WIDTH}
    return [render("charts/comparison.svg", score=score, name=name, **context) for score, name in candidates]


def shares(counts: Mapping[str, int]) -> Markup:
    """One bar, parted by how many rows have each prediction. It has no text, so that it can be as wide as its place."""
    total = sum(counts.values())
    parts, reached = [], 0.0
    for label, count in counts.items() if total else ():
        parts.append((label, count, reached, 100.0 * count / total))
        reached += 100.0 * count / total
    return render("charts/shares.svg", parts=parts, total=total)


def tallies(name: str, title: str, counts: Sequence[EffectCount], unstated: str = "unspecified") -> Markup:
    """How many findings of each effect the first MAX_TALLIES keys have: bars to both sides of a line.

    `name` tells its parts from those of other charts of the page; a key that is empty is called `unstated`.
    """
    drawn, rest = counts[:MAX_TALLIES], counts[MAX_TALLIES:]
    most = max((count for tally in drawn for count in (tally.suppressing, tally.promoting)), default=0)
    titles = [", ".join(humanize(part) if part else unstated for part in tally.key) for tally in drawn]
    return render(
        "charts/tallies.svg",
        name=name,
        title=title,
        rows=list(zip(titles, drawn, strict=True)),
        rest=len(rest),
        rest_findings=sum(tally.findings for tally in rest),
        axis=Axis(-max(most, 1), max(most, 1), 32, 308),
        width=WIDTH,
    )


def years(counts: Sequence[EffectCount]) -> Markup:
    """How many findings of each effect the papers of each year have; a year without findings has a gap."""
    by_year = {tally.key[0]: {effect: getattr(tally, effect) for effect in LABELS} for tally in counts}
    return years_chart(by_year, width=WIDTH).svg


def _value(candidate: Mapping[str, Any], name: str) -> str:
    if name == "baseline":
        return "before any field"
    value = str(candidate.get(name, ""))
    return value if name == "cargo_name" else humanize(value)
