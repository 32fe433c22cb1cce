"""The figures say in their geometry what the answer says in numbers, and in words what they show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.estimator.linear_model import probability as probability_of
from models.scorer import Scorer
from service.pages import charts
from service.pages.rendering import HERE
from service.scoring import report
from service.scoring.documents import FIELDS
from service.scoring.serializer import score_document
from training.report.charts import Axis, round_ticks
from training.report.formatting import percent

SVG = "{http://www.w3.org/2000/svg}"
LOG_ODDS = st.floats(-12, 12, allow_subnormal=False)
CANDIDATES: list[dict[str, str]] = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"},
    {"source_phenotype": "M1", "cargo_type": "protein", "cargo_name": "<b>blorb</b>", "cargo_state": "depleted"},
    {"source_phenotype": "TAM", "cargo_type": "whole_vesicle"},
    {
        "source_cell": "milk",
        "source_phenotype": "unspecified",
        "cargo_type": "oncolytic_virus",
        "cargo_name": "reovirus",
    },
]


def drawn(markup: str) -> ET.Element:
    return ET.fromstring(markup)


def of_class(svg: ET.Element, tag: str, name: str) -> list[ET.Element]:
    return [one for one in svg.iter(f"{SVG}{tag}") if name in one.get("class", "").split()]


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def printed(text: str | None) -> float:
    return float((text or "").replace("−", "-"))


def scale(svg: ET.Element) -> Callable[[float], float]:
    """The axis that a reader would see, by its ticks: the value at a place of the drawing."""
    ticks = [(number(text, "x"), printed(text.text)) for text in of_class(svg, "text", "tick")]
    (left, low), (right, high) = ticks[0], ticks[-1]
    assert left < right
    assert low < high
    return lambda at: low + (at - left) / (right - left) * (high - low)


def an_answer(baseline: float, fields: dict[str, float]) -> dict[str, Any]:
    total = baseline
    for value in fields.values():
        total += value
    return {
        "candidate": {"cargo_name": "miR-21"},
        "contributions": {"baseline": baseline, "fields": fields, "log_odds": total},
        "probability_suppressing": probability_of(total),
    }


@given(
    LOG_ODDS,
    st.dictionaries(st.sampled_from(["source_cell", "source_phenotype", "cargo_state", "cargo_name"]), LOG_ODDS),
)
def test_the_bars_of_contributions_add_up_to_the_sum_that_is_printed(baseline: float, fields: dict[str, float]) -> None:
    answer = an_answer(baseline, fields)
    svg = drawn(charts.contributions(answer))
    axis = scale(svg)
    bars = of_class(svg, "rect", "bar")
    values = [printed(text.text) for text in of_class(svg, "text", "number")]
    assert len(bars) == len(values) == len(fields) + 2
    near = 0.7 * abs(axis(1) - axis(0)) + 0.006
    reached = 0.0
    for bar, value in zip(bars, values, strict=True):
        edges = [axis(number(bar, "x")), axis(number(bar, "x") + number(bar, "width"))]
        begin, end = edges if value > 0 else edges[::-1]
        assert end - begin == pytest.approx(value, abs=near + 1e-9)
        assert begin == pytest.approx(0.0 if bar is bars[-1] else reached, abs=near * len(bars))
        reached = reached + value if bar is not bars[-1] else reached
    assert values[-1] == pytest.approx(answer["contributions"]["log_odds"], abs=0.006)
    assert reached == pytest.approx(values[-1], abs=0.006 * len(values))


@given(LOG_ODDS, st.dictionaries(st.sampled_from(["source_cell", "cargo_name"]), LOG_ODDS))
def test_a_bars_colour_is_its_sign(baseline: float, fields: dict[str, float]) -> None:
    svg = drawn(charts.contributions(an_answer(baseline, fields)))
    for bar, text in zip(of_class(svg, "rect", "bar"), of_class(svg, "text", "number"), strict=True):
        value = printed(text.text)
        assert value == 0 or ("suppressing" in bar.get("class", "")) == (value > 0)


@given(LOG_ODDS)
def test_the_probability_and_its_band_stand_where_the_axis_of_log_odds_says(log_odds: float) -> None:
    chance, low, high = (probability_of(log_odds + shift) for shift in (0, -1, 1))
    svg = drawn(charts.probability({"probability_suppressing": chance, "interval": [low, high], "label": "promoting"}))
    ticks = {printed(text.text): number(text, "x") for text in of_class(svg, "text", "tick")}
    assert list(ticks) == [1, 10, 50, 90, 99]
    unit = (ticks[90] - ticks[10]) / (2 * math.log(9))
    ends = 6.0

    def at(value: float) -> float:
        return ticks[50] + unit * min(max(value, -ends), ends)

    (band,) = of_class(svg, "rect", "band")
    (mark,) = of_class(svg, "path", "mark")
    found = re.match(r"M([\d.]+) ", mark.get("d", ""))
    assert found
    assert float(found[1]) == pytest.approx(at(log_odds), abs=0.1)
    assert number(band, "x") == pytest.approx(at(log_odds - 1), abs=0.1)
    assert number(band, "x") + number(band, "width") == pytest.approx(at(log_odds + 1), abs=1.1)


@given(LOG_ODDS, st.dictionaries(st.sampled_from(["source_cell", "cargo_name"]), LOG_ODDS, min_size=1), LOG_ODDS)
def test_the_probability_after_each_step_is_that_of_the_sum_so_far_and_the_cancer_is_a_step_of_its_own(
    baseline: float, fields: dict[str, float], of_cancer: float
) -> None:
    answer = an_answer(baseline, {"cargo_name": 0.0, **fields})
    svg = drawn(charts.contributions(answer, of_cancer))
    names = ["".join(text.itertext()).split(" ")[0] for text in of_class(svg, "text", "name")]
    assert ("Cancer" in names) == bool(of_cancer)
    added = [printed(text.text) for text in of_class(svg, "text", "number")]
    after = [text.text or "" for text in of_class(svg, "text", "after")]
    reached = 0.0
    for value, shown in zip(added[:-1], after[:-1], strict=True):
        reached += value
        nearly = {percent(probability_of(reached + shift)) for shift in (-0.04, 0.0, 0.04)}
        assert shown in nearly
    assert after[-1] == percent(answer["probability_suppressing"])


@pytest.mark.parametrize("raw", CANDIDATES, ids=lambda raw: raw["cargo_type"])
def test_the_columns_stand_for_every_finding_and_the_mark_for_the_candidate(
    scorer: Scorer, raw: dict[str, str]
) -> None:
    score = score_document(scorer, scorer.parser.parse(raw), FIELDS)
    distribution = report.position(scorer.evidence, score)
    svg = drawn(charts.position(score, distribution))
    panels = of_class(svg, "g", "panel")
    units = set()
    assert len(panels) == 1 + ("of_cargo_type" in distribution)
    for panel, key in zip(panels, ("of_all", "of_cargo_type"), strict=False):
        columns = of_class(panel, "rect", "bar")
        told = [int((column.findtext(f"{SVG}title") or "").split()[0]) for column in columns]
        assert sum(told) == sum(distribution[key]["suppressing"] + distribution[key]["promoting"])
        heights = [number(column, "height") / count for column, count in zip(columns, told, strict=True)]
        assert max(heights) - min(heights) < 0.02
        units.add(round(min(heights), 1))
        counts = {printed(text.text) for text in of_class(panel, "text", "count")}
        assert 0 in counts
        assert len(counts) > 1
    assert len(units) == 1
    scale(svg)
    (mark,) = of_class(svg, "line", "here")
    edges = distribution["edges"]
    of_edges = Axis(edges[0], edges[-1], 30, 332)
    assert number(mark, "x1") == of_edges.at(score["contributions"]["log_odds"])


@pytest.mark.parametrize("raw", CANDIDATES, ids=lambda raw: raw["cargo_type"])
def test_every_figure_has_a_title_and_a_description_and_no_style_of_its_own(
    scorer: Scorer, raw: dict[str, str]
) -> None:
    score = score_document(scorer, scorer.parser.parse(raw), FIELDS)
    position = charts.position(score, report.position(scorer.evidence, score))
    for markup in (charts.contributions(score), position, charts.probability(score)):
        svg = drawn(markup)
        title, desc = svg[0], svg[1]
        assert (svg.get("role"), title.tag, desc.tag) == ("img", f"{SVG}title", f"{SVG}desc")
        assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert len(desc.text or "") > 30
        assert not any(one.get("style") or one.tag == f"{SVG}style" for one in svg.iter())


@given(st.text(max_size=300))
def test_a_hostile_name_stays_a_text_in_the_figure(name: str) -> None:
    answer = an_answer(1.0, {"cargo_name": -2.0})
    answer["candidate"]["cargo_name"] = "".join(one for one in name if one.isprintable())
    svg = drawn(charts.contributions(answer))
    assert {one.tag for one in svg.iter()} <= {
        f"{SVG}{tag}" for tag in ["svg", "title", "desc", "g", "line", "text", "tspan", "rect"]
    }


def test_the_ticks_of_an_axis_are_few_round_and_within() -> None:
    for low, high in ((-9.6, 1.9), (0.0, 0.3), (-0.5, 40.0), (-1.0, 1.0)):
        ticks = round_ticks(low, high)
        assert 2 <= len(ticks) <= 7
        assert all(low <= tick <= high for tick in ticks)


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_can_be_read_on_their_ground(dark: bool) -> None:
    css = (HERE / "static" / "figures.css").read_text("utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6});", css.partition("@media")[2 if dark else 0]))
    for name in ("ink", "muted", "suppressing", "promoting", "undetermined"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
