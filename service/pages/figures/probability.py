"""The probability of suppressing with its 90 % band, on a scale from promoting to suppressing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from service.pages.figures.axis import Axis
from service.pages.rendering import render

_WIDTH, _LEFT, _RIGHT = 340, 8, 332


def probability(score: Mapping[str, Any]) -> Markup:
    """The figure of the probability in the document of one score, as SVG."""
    axis = Axis(0.0, 1.0, _LEFT, _RIGHT)
    low, high = score["interval"]
    return render(
        "figures/probability.svg",
        chance=score["probability_suppressing"],
        low=low,
        high=high,
        label=score["label"],
        axis=axis,
        ticks=[quarter / 4 for quarter in range(5)],
        width=_WIDTH,
    )
