"""How the fields of a candidate add up to its score: bars from the baseline to the sum, each beginning where the last ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from service.pages.figures.axis import Axis
from service.pages.rendering import render
from service.pages.wording import words

_WIDTH, _ROW, _TOP = 340, 28, 30
_LEFT, _RIGHT = 112, 292


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its field, the value of the field, its log-odds of suppressing, and where it begins and ends."""

    name: str
    value: str
    log_odds: float
    begin: float
    end: float
    y: int

    @property
    def x(self) -> float:
        """Its left edge."""
        return min(self.begin, self.end)

    @property
    def width(self) -> float:
        """How wide it is drawn: as wide as its log-odds, but never too thin to be seen."""
        return round(max(abs(self.end - self.begin), 0.5), 2)

    @property
    def direction(self) -> str:
        """The effect that it speaks for."""
        return "suppressing" if self.log_odds > 0 else "promoting"


def contributions(score: Mapping[str, Any]) -> Markup:
    """The figure of the contributions in the document of one score, which must include them, as SVG.

    Bars in log-odds of suppressing: the baseline, the fields from the weightiest to the lightest, and the sum.
    """
    found = score["contributions"]
    fields = sorted(found["fields"].items(), key=lambda of: -abs(of[1]))
    steps, reached = [], 0.0
    for name, log_odds in (("baseline", found["baseline"]), *fields):
        steps.append((name, log_odds, reached, reached + log_odds))
        reached += log_odds
    steps.append(("sum", found["log_odds"], 0.0, found["log_odds"]))
    ends = [0.0, *(end for *_, end in steps)]
    axis = Axis(min(*ends, -1.0), max(*ends, 1.0), _LEFT, _RIGHT)
    bars = [
        Bar(name, _value(score["candidate"], name), log_odds, axis.at(begin), axis.at(end), _TOP + _ROW * row)
        for row, (name, log_odds, begin, end) in enumerate(steps)
    ]
    return render(
        "figures/contributions.svg",
        bars=bars,
        chance=score["probability_suppressing"],
        axis=axis,
        width=_WIDTH,
        row=_ROW,
        top=_TOP,
        bottom=_TOP + _ROW * len(bars),
    )


def _value(candidate: Mapping[str, Any], name: str) -> str:
    if name == "baseline":
        return "before any field"
    value = str(candidate.get(name, ""))
    return value if name == "cargo_name" else words(value)
