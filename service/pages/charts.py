"""The charts of scores, comparisons and counts of findings, as SVG markup. Their kit is training/report/charts.py; what is
drawn here alone is in templates/charts/."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from models.estimator.conformal import LABELS
from service.findings.statistics import EffectCount
from service.pages.compare.ranking import Ranked
from service.pages.rendering import render
from training.report.charts import Axis, round_ticks
from training.report.evaluation_charts import years_chart
from training.report.formatting import humanize, shorten

MAX_TALLIES = 8
WIDTH = 340
_LEFT, _RIGHT = 8, 332
# Room for a tick label, which is wider than its tick.
_STRIP_EDGE = 14
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
# The probabilities that are written on an axis of log-odds.
_PROBABILITIES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


def contributions(score: Mapping[str, Any]) -> Markup:
    """How the fields of a candidate add up to its score, which must include its contributions.

    Bars in log-odds of suppressing, each beginning where the last one ends: the baseline, the fields from the weightiest to
    the lightest, and the sum.
    """
    added = score["contributions"]
    fields = sorted(added["fields"].items(), key=lambda field: -abs(field[1]))
    bars, reached = [], 0.0
    for name, log_odds in (("baseline", added["baseline"]), *fields):
        bars.append((name, _value(score["candidate"], name), log_odds, reached, reached + log_odds))
        reached += log_odds
    bars.append(("sum", "", added["log_odds"], 0.0, added["log_odds"]))
    ends = [0.0, *(end for *_, end in bars)]
    low, high = min(*ends, -1.0), max(*ends, 1.0)
    axis = Axis(low, high, 112, 292, ticks=round_ticks(low, high))
    probability = score["probability_suppressing"]
    return render("charts/contributions.svg", bars=bars, probability=probability, axis=axis, width=WIDTH)


def position(
    score: Mapping[str, Any], distribution: Mapping[str, Any], among: Mapping[str, Any] | None = None
) -> Markup:
    """Where a candidate stands among the findings of `distribution`, each scored by folds that left its paper out.

    The score must include its contributions. Panels: all curated findings and, where there are any, those of the same cargo
    type, or else those `among` which somebody wants to see it.
    """
    edges, candidate, percentile = distribution["edges"], score["candidate"], score["percentile"]
    panels = [("all curated findings", percentile["of_all"], distribution["of_all"])]
    if among is not None:
        shared = (shorten(humanize(candidate.get(name, f"no {humanize(name)}")), 24) for name in among["shared"])
        panels.append((", ".join(shared), among["percentile"], among["counts"]))
    elif "of_cargo_type" in distribution:
        title = f"{humanize(candidate['cargo_type'])} cargo only"
        panels.append((title, percentile["of_cargo_type"], distribution["of_cargo_type"]))
    ticks = [(_log_odds(chance), chance) for chance in _PROBABILITIES]
    return render(
        "charts/position.svg",
        panels=panels,
        edges=edges,
        axis=Axis(edges[0], edges[-1], _LEFT, _RIGHT),
        here=score["contributions"]["log_odds"],
        ticks=[(log_odds, chance) for log_odds, chance in ticks if edges[0] <= log_odds <= edges[-1]],
        effects=LABELS,
        width=WIDTH,
    )


def probability(score: Mapping[str, Any]) -> Markup:
    """The probability of suppressing with its 90 % band, on a scale from promoting to suppressing."""
    axis = Axis(0.0, 1.0, _LEFT, _RIGHT, ticks=_QUARTERS)
    return render("charts/probability.svg", score=score, axis=axis, width=WIDTH)


def comparison(candidates: Sequence[tuple[Ranked, str]]) -> list[Markup]:
    """A strip for each candidate, with its name: its probability with the 90 % band, on one scale of log-odds for all."""
    bounds = [_log_odds(chance) for each, _ in candidates for chance in each.score["interval"]]
    low, high = min([*bounds, _log_odds(0.08)]), max([*bounds, _log_odds(0.92)])
    ticks = [chance for chance in _PROBABILITIES if low <= _log_odds(chance) <= high]
    axis = Axis(low, high, _STRIP_EDGE, WIDTH - _STRIP_EDGE, ticks=ticks)
    context = {"axis": axis, "log_odds": _log_odds, "width": WIDTH}
    return [render("charts/comparison.svg", ranked=each, name=name, **context) for each, name in candidates]


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


def _log_odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def _value(candidate: Mapping[str, Any], name: str) -> str:
    if name == "baseline":
        return "before any field"
    value = str(candidate.get(name, ""))
    return value if name == "cargo_name" else humanize(value)
