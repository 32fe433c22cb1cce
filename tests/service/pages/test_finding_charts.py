"""The figures of findings say in words and in lengths what the counts say."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from models.estimator.conformal import LABELS
from service.findings.statistics import EffectCount
from service.pages import charts
from service.pages.charts import MAX_TALLIES

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = st.integers(0, 10_000)
TALLIES = st.lists(st.builds(EffectCount, st.tuples(st.text(max_size=90)), COUNTS, COUNTS), max_size=20)
YEARS = st.dictionaries(st.integers(1980, 2099), st.tuples(COUNTS, COUNTS), max_size=30)


def text_of(svg: ET.Element, name: str) -> str:
    return next(one.text or "" for one in svg.iter(f"{SVG}{name}"))


@given(TALLIES)
def test_bars_are_as_long_as_the_counts_and_the_rest_is_told(tallies: list[EffectCount]) -> None:
    printable = [
        EffectCount(("".join(filter(str.isprintable, one.key[0])),), one.suppressing, one.promoting) for one in tallies
    ]
    svg = ET.fromstring(str(charts.tallies("strata", "Strata", printable)))
    drawn, rest = printable[:MAX_TALLIES], printable[MAX_TALLIES:]
    most = max((max(one.suppressing, one.promoting) for one in drawn), default=0)
    for effect in ("suppressing", "promoting"):
        bars = [one for one in svg.iter(f"{SVG}rect") if effect in one.get("class", "").split()]
        assert len(bars) == len(drawn)
        for bar, one in zip(bars, drawn, strict=True):
            share = getattr(one, effect) / most if most else 0
            assert abs(float(bar.get("width", "")) - 138 * share) < 0.05
    said = text_of(svg, "desc")
    for one in drawn:
        assert f"{one.suppressing} suppressing, {one.promoting} promoting" in said
    assert (f"{len(rest)} more" in said) == bool(rest)


@given(YEARS)
def test_years_stand_and_hang_by_their_counts(of_years: dict[int, tuple[int, int]]) -> None:
    tallies = [EffectCount((str(year),), *both) for year, both in sorted(of_years.items())]
    svg = ET.fromstring(str(charts.years(tallies)))
    said = text_of(svg, "desc")
    for year, (suppressing, promoting) in of_years.items():
        assert f"{year}: {suppressing} suppressing, {promoting} promoting" in said
    bars = [one for one in svg.iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]
    assert len(bars) == 2 * (max(of_years) - min(of_years) + 1 if of_years else 0)
    most = max((count for both in of_years.values() for count in both), default=0)
    counts = {
        f"{year}: {n} {effect}": n for year, both in of_years.items() for effect, n in zip(LABELS, both, strict=True)
    }
    heights = {one.findtext(f"{SVG}title"): float(one.get("height", "")) for one in bars}
    tallest = max(heights.values(), default=0)
    for said_of_bar, count in counts.items():
        assert abs(heights[said_of_bar] - tallest * count / max(most, 1)) < 0.1
    assert all(0 <= float(one.get("x", "")) <= 340 for one in bars)
    assert not [one.text for one in svg.iter(f"{SVG}text") if re.fullmatch(r"\d+\.\d+", one.text or "")]
