"""How many findings of each effect the papers of each year have: suppressing ones stand on a line, promoting ones hang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.pages.figures.axis import Axis
from service.pages.rendering import render
from service.store.finding_counts import EffectCount

_WIDTH, _LEFT, _RIGHT = 340, 30, 336
_TOP, _HALF = 26, 84
_MOST_NAMED = 7


@dataclass(frozen=True, slots=True)
class Year:
    """One year: its two bars, and its name where that is written."""

    year: int
    x: float
    width: float
    up: float
    down: float
    suppressing: int
    promoting: int
    named: bool


def years(tallies: Sequence[EffectCount]) -> Markup:
    """The figure of tallies by year, as SVG; a year without findings has a gap."""
    of_year = {int(one.key[0]): one for one in tallies if one.key[0].isdecimal()}
    span = range(min(of_year), max(of_year) + 1) if of_year else range(0)
    most = max((max(one.suppressing, one.promoting) for one in of_year.values()), default=0)
    across = Axis(0, max(len(span), 1), _LEFT, _RIGHT)
    height = Axis(0, max(most, 1), 0, _HALF)
    step = -(-len(span) // _MOST_NAMED) or 1
    drawn = [
        Year(
            year,
            across.at(place + 0.1),
            round(across.at(place + 0.9) - across.at(place + 0.1), 2),
            height.at(of_year[year].suppressing),
            height.at(of_year[year].promoting),
            of_year[year].suppressing,
            of_year[year].promoting,
            (span[-1] - year) % step == 0,
        )
        for place, year in enumerate(span)
        if year in of_year
    ]
    return render(
        "figures/years.svg",
        years=drawn,
        ticks=[(height.at(tick), tick) for tick in height.ticks(4) if tick],
        middle=_TOP + _HALF,
        half=_HALF,
        left=_LEFT,
        right=_RIGHT,
        width=_WIDTH,
    )
