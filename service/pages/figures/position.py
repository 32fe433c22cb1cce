"""Where a candidate stands among the curated findings, each scored by folds that left its paper out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from service.pages.figures.axis import READ_PROBABILITIES, Axis, log_odds
from service.pages.rendering import render
from service.pages.wording import short, words

_WIDTH, _LEFT, _RIGHT = 340, 8, 332
_TOP, _HALF, _GAP = 32, 36, 32


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a histogram: how many findings of one effect score within its edges."""

    x: float
    y: float
    width: float
    height: float
    effect: str
    findings: int


@dataclass(frozen=True, slots=True)
class Panel:
    """The findings of both effects on one axis: suppressing ones stand on it, promoting ones hang from it."""

    title: str
    percentile: float
    middle: float
    columns: tuple[Column, ...]


def position(
    score: Mapping[str, Any], distribution: Mapping[str, Any], among: Mapping[str, Any] | None = None
) -> Markup:
    """The figure of a score, which must include its contributions, among the findings of `distribution`, as SVG.

    Panels: all curated findings and, where there are any, those of the same cargo type, or else those `among` which
    somebody wants to see it.
    """
    edges = distribution["edges"]
    axis = Axis(edges[0], edges[-1], _LEFT, _RIGHT)
    shown = [("all curated findings", distribution["of_all"], score["percentile"]["of_all"])]
    if among is not None:
        title = ", ".join(_stated(score["candidate"], name) for name in among["shared"])
        shown.append((title, among["counts"], among["percentile"]))
    elif "of_cargo_type" in distribution:
        title = f"{words(score['candidate']['cargo_type'])} cargo only"
        shown.append((title, distribution["of_cargo_type"], score["percentile"]["of_cargo_type"]))
    panels = [
        _panel(title, axis, edges, counts, percentile, _TOP + _HALF + row * (2 * _HALF + _GAP))
        for row, (title, counts, percentile) in enumerate(shown)
    ]
    return render(
        "figures/position.svg",
        panels=panels,
        here=axis.at(score["contributions"]["log_odds"]),
        ticks=[(axis.at(log_odds(chance)), chance) for chance in READ_PROBABILITIES if _within(edges, chance)],
        width=_WIDTH,
        half=_HALF,
        left=_LEFT,
        right=_RIGHT,
        bottom=panels[-1].middle + _HALF,
    )


def _stated(candidate: Mapping[str, Any], name: str) -> str:
    return short(words(candidate.get(name, f"no {words(name)}")), 24)


def _within(edges: Sequence[float], chance: float) -> bool:
    return bool(edges[0] <= log_odds(chance) <= edges[-1])


def _panel(
    title: str,
    axis: Axis,
    edges: Sequence[float],
    counts: Mapping[str, Sequence[int]],
    percentile: float,
    middle: float,
) -> Panel:
    most = max(*counts["suppressing"], *counts["promoting"], 1)
    columns = []
    for effect in ("suppressing", "promoting"):
        for left, right, findings in zip(edges, edges[1:], counts[effect], strict=False):
            if findings:
                height = round(_HALF * findings / most, 2)
                y = middle - height if effect == "suppressing" else middle
                width = round(axis.at(right) - axis.at(left) - 1.0, 2)
                columns.append(Column(axis.at(left) + 0.5, round(y, 2), width, height, effect, findings))
    total = sum(counts["suppressing"]) + sum(counts["promoting"])
    return Panel(f"{title} ({total})", percentile, middle, tuple(columns))
