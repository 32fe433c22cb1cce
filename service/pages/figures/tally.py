"""How many findings of each effect there are of one thing after another: bars to both sides of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.pages.figures.axis import Axis
from service.pages.rendering import render
from service.pages.wording import short, words
from service.store.finding_counts import EffectCount

MOST_ROWS = 8
_WIDTH, _ROW, _TOP = 340, 34, 34
_MIDDLE, _HALF = 170, 138
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: its name, its tally, and where its bars end on both sides of the middle."""

    name: str
    tally: EffectCount
    y: int
    left: float
    right: float


def tally(name: str, title: str, tallies: Sequence[EffectCount], unstated: str = "unspecified") -> Markup:
    """The figure of the first MOST_ROWS tallies, as SVG; `name` tells its parts from those of other figures of the page, and a
    key that is empty is called `unstated`."""
    drawn = tallies[:MOST_ROWS]
    most = max((max(one.suppressing, one.promoting) for one in drawn), default=0)
    axis = Axis(0, max(most, 1), 0, _HALF)
    pairs = [
        Pair(
            short(called(one, unstated), _LONGEST),
            one,
            _TOP + _ROW * row,
            round(_MIDDLE - axis.at(one.promoting), 2),
            round(_MIDDLE + axis.at(one.suppressing), 2),
        )
        for row, one in enumerate(drawn)
    ]
    rest = tallies[MOST_ROWS:]
    return render(
        "figures/tally.svg",
        figure=name,
        title=title,
        pairs=pairs,
        rest=len(rest),
        rest_findings=sum(one.findings for one in rest),
        width=_WIDTH,
        middle=_MIDDLE,
        bottom=_TOP + _ROW * len(pairs),
    )


def called(one: EffectCount, unstated: str = "unspecified") -> str:
    """What the key of a tally is called."""
    return ", ".join(words(part) if part else unstated for part in one.key)
