"""The kinds of chart that reports and pages share, as SVG from templates.

Every number in a chart is text as well; each chart has a title and a description for whoever cannot see it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from training.report.templating import TEMPLATES

WIDTH = 480
LEFT, RIGHT, TOP, BOTTOM = 52.0, 16.0, 12.0, 44.0
_STEPS = tuple(digit * 10.0**power for power in range(-1, 6) for digit in (1, 2, 5))


@dataclass(frozen=True)
class Axis:
    """A linear scale: the values from `low` to `high` lie on user units from `start` to `end`; `ticks` are written."""

    low: float
    high: float
    start: float
    end: float
    title: str = ""
    ticks: Sequence[float] = ()

    def at(self, value: float) -> float:
        """Where a value is in the drawing, to a hundredth of a unit; beyond the ends, at the end."""
        inside = min(max(value, self.low), self.high)
        return round(self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start), 2)

    @property
    def middle(self) -> float:
        """Half-way between its ends in the drawing."""
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class Chart:
    """One chart: the name by which its parts are known, its title, what it shows (`caption`), its main numbers in words
    (`numbers`), the template that draws it, and what that needs."""

    name: str
    title: str
    caption: str
    numbers: str
    template: str
    context: Mapping[str, Any]

    @cached_property
    def svg(self) -> Markup:
        """The drawing."""
        return Markup(TEMPLATES.get_template(self.template).render(chart=self, **self.context))  # noqa: S704


def make_chart(name: str, template: str, texts: Mapping[str, Any], context: Mapping[str, Any]) -> Chart:
    """A chart whose words are those of the macro in chart_texts.txt that is called as its name begins, by means of `texts`."""
    macro = getattr(TEMPLATES.get_template("chart_texts.txt").module, name.partition("-")[0])
    title, caption, numbers = str(macro(**texts)).strip().split("\n")
    return Chart(name, title, caption, numbers, template, context)


@dataclass(frozen=True)
class Series:
    """One line of points: its name, class and note, and the interval (x, low, high) of each point that has one."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]
    intervals: Sequence[tuple[float, float, float]] = ()
    note: str = ""
    markers: bool = True


@dataclass(frozen=True)
class Row:
    """One row of a forest: its label, the metric of the model with its interval, that of the baseline, and a note."""

    label: str
    metric: Mapping[str, Any] | None
    baseline: Mapping[str, Any] | None = None
    note: str = ""
    strong: bool = False


def round_ticks(low: float, high: float, most: int = 7, least_step: float = 0.1) -> list[float]:
    """At most so many round values between two others, evenly spaced."""
    steps = (step for step in _STEPS if step >= least_step and (high - low) / step < most)
    step = next(steps, _STEPS[-1])
    return [whole * step for whole in range(math.ceil(low / step), math.floor(high / step) + 1)]


def lines(
    name: str,
    texts: Mapping[str, Any],
    series: Sequence[Series],
    x: tuple[str, float, float, Sequence[float]],
    y: tuple[str, float, float, Sequence[float]],
    diagonal: bool = False,
    height: float = 300.0,
) -> Chart:
    """Lines and points over two axes, each as (title, low, high, ticks), with a legend below; `texts` as `make_chart` takes
    them."""
    context = {
        "width": WIDTH,
        "height": height,
        "x": Axis(*x[1:3], LEFT, WIDTH - RIGHT, x[0], x[3]),
        "y": Axis(*y[1:3], height - BOTTOM, TOP, y[0], y[3]),
        "series": series,
        "diagonal": [max(x[1], y[1]), min(x[2], y[2])] if diagonal else [],
    }
    return make_chart(name, "lines.svg", texts, context)


def bars(
    name: str,
    texts: Mapping[str, Any],
    labels: Sequence[str],
    counts: Mapping[str, Sequence[float]],
    x_title: str,
    every: int = 1,
    width: int = WIDTH,
    height: float = 230.0,
) -> Chart:
    """Bars for each label, `counts` of suppressing findings upwards and of promoting ones downwards; every `every`-th
    label is written, counted from the last."""
    up, down = counts["suppressing"], counts["promoting"]
    most = max([*up, *down, 1.0])
    drawn = list(zip(labels, up, down, strict=True))
    context = {
        "width": width,
        "x": Axis(0, max(len(labels), 1), LEFT, width - RIGHT, x_title),
        "y": Axis(-most * 1.1, most * 1.1, height - BOTTOM, TOP, "findings", round_ticks(-most, most, 9, 1.0)),
        "bars": drawn,
        "every": every,
        "height": height + 24,
    }
    return make_chart(name, "bars.svg", {**texts, "bars": drawn}, context)


def forest(
    name: str,
    texts: Mapping[str, Any],
    rows: Sequence[Row],
    x_title: str,
    ticks: Sequence[float],
    baseline: str,
    legend: str = "model, with 95 % interval",
) -> Chart:
    """A row for each metric: its name and number, and below them its mark with the interval, the baseline's being open."""
    axis = Axis(ticks[0], ticks[-1], 10.0, WIDTH - 10.0, x_title, ticks)
    context = {"width": WIDTH, "x": axis, "rows": rows, "baseline": baseline, "legend": legend}
    return make_chart(name, "forest.svg", {**texts, "rows": rows}, context)
