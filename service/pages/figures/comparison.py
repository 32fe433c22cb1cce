"""Candidates on one axis: the probability of suppressing of each with its 90 % band, in the order of their ranks."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from service.comparisons import Ranked
from service.pages.figures.axis import Axis
from service.pages.rendering import render

_WIDTH, _LEFT, _RIGHT = 340, 8, 332
_TOP, _ROW = 34, 38


def comparison(candidates: Sequence[tuple[Ranked, str]]) -> Markup:
    """The figure of candidates, each with its name, as SVG."""
    axis = Axis(0.0, 1.0, _LEFT, _RIGHT)
    rows = [(_TOP + _ROW * row, ranked, name) for row, (ranked, name) in enumerate(candidates)]
    return render(
        "figures/comparison.svg",
        rows=rows,
        axis=axis,
        ticks=[quarter / 4 for quarter in range(5)],
        width=_WIDTH,
        top=_TOP,
        bottom=_TOP + _ROW * len(rows),
    )
