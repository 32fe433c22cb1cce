"""The figure of a comparison has every candidate on one axis, in the order of their ranks, where its numbers say."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.pages import charts
from service.pages.compare import ranking
from tests.service.pages.test_charts import drawn, number, of_class, scale

CHANCES = st.tuples(*[st.floats(0.0001, 0.9999)] * 3).map(sorted)
LABELS = st.sampled_from(["suppressing", "promoting", "undetermined"])


def a_score(chances: list[float], label: str) -> dict[str, Any]:
    low, here, high = chances
    return {"label": label, "probability_suppressing": here, "interval": [low, high]}


@given(st.lists(st.builds(a_score, CHANCES, LABELS), min_size=1, max_size=10))
def test_marks_and_bands_stand_where_the_numbers_are(scores: list[dict[str, Any]]) -> None:
    ranked = ranking.rank(dict(zip("ABCDEFGHIJ", scores, strict=False)))
    svg = drawn(charts.comparison([(one, f"<b>{one.letter}</b>") for one in ranked]))
    axis = scale(svg)
    bands, marks = of_class(svg, "rect", "band"), of_class(svg, "path", "mark")
    for one, band, mark in zip(ranked, bands, marks, strict=True):
        low, high = one.score["interval"]
        assert abs(axis(number(band, "x")) - 100 * low) < 0.01
        right = axis(number(band, "x") + number(band, "width"))
        assert abs(right - 100 * high) < 0.01 or number(band, "width") == 1
        assert abs(axis(float(mark.attrib["d"][1:].split()[0])) - 100 * one.score["probability_suppressing"]) < 0.01
        assert one.score["label"] in band.attrib["class"].split()
    heights = [number(band, "y") for band in bands]
    assert heights == sorted(set(heights))
    overlapping = {
        (one.letter, other.letter)
        for one, band in zip(ranked, bands, strict=True)
        for other, beside in zip(ranked, bands, strict=True)
        if one is not other
        and number(band, "x") <= number(beside, "x") + number(beside, "width")
        and number(beside, "x") <= number(band, "x") + number(band, "width")
    }
    # Whatever is told to overlap is seen to; the least width of a band can make others seem to.
    assert {(one.letter, other) for one in ranked for other in one.indistinguishable_from} <= overlapping | _touching(
        ranked
    )


def _touching(ranked: list[ranking.Ranked]) -> set[tuple[str, str]]:
    """Pairs whose bands end within what the drawing rounds to."""
    return {
        (one.letter, other.letter)
        for one in ranked
        for other in ranked
        for end in one.score["interval"]
        for begin in other.score["interval"]
        if abs(end - begin) < 0.0001
    }
