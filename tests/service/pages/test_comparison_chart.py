"""The strips of a comparison have every candidate on one scale, in the order of their ranks, where its numbers say."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from service.pages import charts
from service.pages.compare import ranking
from tests.service.pages.test_charts import drawn, number, of_class

CHANCES = st.tuples(*[st.floats(0.0001, 0.9999)] * 3).map(sorted)
LABELS = st.sampled_from(["suppressing", "promoting", "undetermined"])


def a_score(chances: list[float], label: str) -> dict[str, Any]:
    low, here, high = chances
    return {"label": label, "probability_suppressing": here, "interval": [low, high]}


@given(st.lists(st.builds(a_score, CHANCES, LABELS), min_size=1, max_size=10))
def test_marks_and_bands_stand_where_the_numbers_are_on_one_scale(scores: list[dict[str, Any]]) -> None:
    ranked = ranking.rank(dict(enumerate(scores)))
    strips = [drawn(svg) for svg in charts.comparison([(one.score, f"<b>{one.letter}</b>") for one in ranked])]
    scales = [_scale(strip) for strip in strips]
    for one, strip, at in zip(ranked, strips, scales, strict=True):
        (band,), (mark,) = of_class(strip, "rect", "band"), of_class(strip, "path", "mark")
        low, high = one.score["interval"]
        right = number(band, "x") + number(band, "width")
        assert abs(number(band, "x") - at(low)) < 0.02
        assert abs(right - at(high)) < 0.02 or number(band, "width") == 1
        assert abs(float(mark.attrib["d"][1:].split()[0]) - at(one.score["probability_suppressing"])) < 0.02
        assert one.score["label"] in band.attrib["class"].split()
        # Nothing is clipped at an end, however certain a candidate is.
        assert 0 < number(band, "x") <= right < charts.WIDTH
    assert len({round(at(0.5), 6) for at in scales}) == 1


def test_the_ends_of_the_scale_are_told_apart() -> None:
    scores = [a_score([chance / 2, chance, chance * 2], "promoting") for chance in (0.02, 0.002, 0.0002)]
    strips = [drawn(svg) for svg in charts.comparison([(score, "name") for score in scores])]
    marks = [float(of_class(strip, "path", "mark")[0].attrib["d"][1:].split()[0]) for strip in strips]
    assert min(left - right for left, right in itertools.pairwise(marks)) > 20


def _scale(strip: ET.Element) -> Callable[[float], float]:
    """The scale that a reader would see, by its ticks in percent: the place in the drawing of a probability."""
    ticks = [(float(text.text or ""), number(text, "x")) for text in of_class(strip, "text", "tick")]
    (low, left), (high, right) = ((_log_odds(percent / 100), at) for percent, at in (ticks[0], ticks[-1]))
    return lambda chance: left + (_log_odds(chance) - low) / (high - low) * (right - left)


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))
