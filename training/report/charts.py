"""The kinds of drawing in a report, as SVG from templates: every number in them is text, each has a title and a description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.report.templating import TEMPLATES

WIDTH = 480
ROW = 36.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 16.0, 12.0, 44.0


@dataclass(frozen=True)
class Figure:
    """One figure: the name that its parts are known by, its title, what it shows in a sentence or two, its main figures in
    words for who cannot see it, the template that draws it, and what is drawn."""

    name: str
    title: str
    says: str
    told: str
    template: str
    parts: Mapping[str, Any]

    @property
    def svg(self) -> str:
        """The drawing by itself."""
        return TEMPLATES.get_template(self.template).render(figure=self, drawn=self.parts)


@dataclass(frozen=True)
class Axis:
    """One axis: what it shows, the values at its ends, where on the drawing these are, and the ticks."""

    title: str
    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    shape: str = "{:g}"

    def at(self, value: float) -> float:
        """Where a value is on the drawing, to a tenth of a point; beyond the ends, at the end."""
        inside = min(max(value, self.low), self.high)
        return round(self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Where each tick is, and its text."""
        return [(self.at(tick), self.shape.format(tick)) for tick in self.ticks]


@dataclass(frozen=True)
class Series:
    """One line or set of points: its name and class, the points, the interval of each where it has one, and its note."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]
    intervals: Sequence[tuple[float, float, float]] = ()
    note: str = ""
    line: bool = True
    markers: bool = False

    def drawn(self, x: Axis, y: Axis) -> dict[str, Any]:
        """The series in the coordinates of the drawing; points that fall on the last one are left out."""
        points = list(dict.fromkeys((x.at(one), y.at(other)) for one, other in self.points))
        return {
            "name": self.name,
            "kind": self.kind,
            "note": self.note,
            "points": points,
            "line": self.line and len(points) > 1,
            "markers": self.markers,
            "intervals": [(x.at(at), y.at(low), y.at(high)) for at, low, high in self.intervals],
        }


@dataclass(frozen=True)
class Row:
    """One row of a forest: its label, the figure and interval of the model, that of the baseline, and its note."""

    label: str
    figure: Mapping[str, Any] | None
    baseline: Mapping[str, Any] | None = None
    note: str = ""
    strong: bool = False


def lines(
    name: str,
    title: str,
    says: str,
    told: str,
    series: Sequence[Series],
    x: tuple[str, float, float, tuple[float, ...]],
    y: tuple[str, float, float, tuple[float, ...]],
    diagonal: bool = False,
    height: float = 300.0,
) -> Figure:
    """Lines and points over two axes, each given as (title, low, high, ticks), with the legend below."""
    across = Axis(*x[:3], LEFT, WIDTH - RIGHT, x[3])
    up = Axis(*y[:3], height - BOTTOM, TOP, y[3])
    ends = (max(across.low, up.low), min(across.high, up.high))
    parts = {
        "width": WIDTH,
        "height": height + 18 * len(series),
        "x": across,
        "y": up,
        "series": [one.drawn(across, up) for one in series],
        "diagonal": [(across.at(end), up.at(end)) for end in ends] if diagonal else [],
        "legend": height + 6,
    }
    return Figure(name, title, says, told, "lines.svg", parts)


def bars(
    name: str,
    title: str,
    says: str,
    told: str,
    labels: Sequence[str],
    suppressing: Sequence[float],
    promoting: Sequence[float],
    x_title: str,
    y_title: str,
    every: int,
    height: float = 230.0,
) -> Figure:
    """Two bars for each label, suppressing upwards and promoting downwards; every `every`-th label is written."""
    most = max([*suppressing, *promoting, 1.0])
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if most / step <= 4)
    ticks = tuple(float(tick) for tick in range(-int(most // step) * step, int(most) + 1, step))
    up = Axis(y_title, -most * 1.1, most * 1.1, height - BOTTOM, TOP, ticks)
    width = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    drawn = [
        {
            "label": label if place % every == 0 else "",
            "name": label,
            "x": round(LEFT + place * width + 0.08 * width, 1),
            "width": round(0.84 * width, 1),
            "middle": round(LEFT + (place + 0.5) * width, 1),
            "top": up.at(above),
            "bottom": up.at(-below),
            "suppressing": above,
            "promoting": below,
        }
        for place, (label, above, below) in enumerate(zip(labels, suppressing, promoting, strict=True))
    ]
    parts = {
        "width": WIDTH,
        "height": height + 24,
        "y": up,
        "marks": [(up.at(tick), f"{abs(tick):g}") for tick in ticks],
        "zero": up.at(0.0),
        "bars": drawn,
        "x_title": x_title,
        "legend": height + 8,
    }
    return Figure(name, title, says, told, "bars.svg", parts)


def forest(
    name: str,
    title: str,
    says: str,
    told: str,
    rows: Sequence[Row],
    x: tuple[str, float, float, tuple[float, ...]],
    baseline: str = "",
) -> Figure:
    """A row for each figure: its name and number, and below them its mark with the interval, the baseline's being open."""
    across = Axis(*x[:3], 10.0, WIDTH - 10.0, x[3])
    drawn = [
        {
            "label": row.label,
            "strong": row.strong,
            "note": row.note,
            "y": 16.0 + ROW * place,
            "at": across.at(row.figure["mean"]) if row.figure else None,
            "text": in_words(row.figure),
            "value": row.figure["mean"] if row.figure else "",
            "within": [across.at(end) for end in row.figure["interval"]]
            if row.figure and row.figure["interval"]
            else [],
            "baseline": across.at(row.baseline["mean"]) if row.baseline else None,
        }
        for place, row in enumerate(rows)
    ]
    base = ROW * len(rows) + 8.0
    parts = {
        "width": WIDTH,
        "height": base + 58.0,
        "x": across,
        "base": base,
        "rows": drawn,
        "baseline": baseline,
    }
    return Figure(name, title, says, told, "forest.svg", parts)


def in_words(figure: Mapping[str, Any] | None) -> str:
    """A figure with its interval."""
    if figure is None:
        return "not defined"
    within = figure["interval"]
    return f"{figure['mean']:.3f}" + (f" ({within[0]:.2f} to {within[1]:.2f})" if within else "")
