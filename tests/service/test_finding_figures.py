"""The figures of findings say in words and in lengths what the counts say."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from service.pages import figures
from service.pages.figures.tally import MOST_ROWS
from service.store.finding_counts import EffectCount

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
    svg = ET.fromstring(str(figures.tally("strata", "Strata", printable)))
    drawn, rest = printable[:MOST_ROWS], printable[MOST_ROWS:]
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
    svg = ET.fromstring(str(figures.years(tallies)))
    said = text_of(svg, "desc")
    for year, (suppressing, promoting) in of_years.items():
        assert f"{year}: {suppressing} suppressing, {promoting} promoting" in said
    bars = list(svg.iter(f"{SVG}rect"))
    assert len(bars) == 2 * len(of_years)
    assert all(0 <= float(one.get("x", "")) <= 336 for one in bars)
