"""The bootstrap draws papers: its figures are those of the rows repeated as often as drawn, its intervals hold the estimate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.training.conftest import MakeUp
from training.baselines import BASELINES
from training.bootstrap import LIMITS, SHARE, Measured, interval, paper_counts, resampled
from training.evaluation import FIGURES, compare, figures
from training.findings import Finding
from training.left_out import MODEL, LeftOut

NAMES = (*BASELINES, MODEL)


def rows_repeated(left_out: LeftOut, name: str, counts: np.ndarray) -> dict[str, float]:
    """The figures by `training.metrics` of every row repeated as `counts` says, the mean over repeats."""
    rows = np.repeat(np.arange(len(left_out.findings)), counts.astype(int))
    findings = [left_out.findings[row] for row in rows]
    of_repeats = [
        figures(findings, chance[rows], in_set[rows] if name == MODEL else None, left_out.weights[rows]).as_dict()
        for chance, in_set in zip(left_out.chance[name], left_out.in_set(), strict=True)
    ]
    return {
        figure: math.nan if of_repeats[0][figure] is None else float(np.mean([one[figure] for one in of_repeats]))
        for figure in FIGURES
    }


@pytest.mark.parametrize("name", NAMES)
def test_counted_once_each_the_figures_are_the_plain_ones(make_up: MakeUp, name: str) -> None:
    left_out = make_up()
    found = resampled(left_out, name, np.ones((1, len(left_out.findings))))
    plain = rows_repeated(left_out, name, np.ones(len(left_out.findings)))
    assert list(found) == list(FIGURES)
    assert {figure: float(values[0]) for figure, values in found.items()} == pytest.approx(
        plain, abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("name", [MODEL, "look-up of the cargo"])
def test_a_paper_drawn_often_counts_as_its_rows_repeated_pairs_as_the_product(make_up: MakeUp, name: str) -> None:
    left_out = make_up(repeats=2)
    counts = paper_counts(left_out.papers, seed=3, resamples=5)
    found = resampled(left_out, name, counts)
    for place, drawn in enumerate(counts):
        repeated = rows_repeated(left_out, name, drawn)
        here = {figure: float(values[place]) for figure, values in found.items()}
        assert here == pytest.approx(repeated, abs=1e-12, nan_ok=True)


def test_each_resample_draws_as_many_papers_as_there_are_and_never_splits_one(corpus: tuple[Finding, ...]) -> None:
    papers = [finding.paper for finding in corpus]
    counts = paper_counts(papers, seed=1, resamples=50)
    first = {paper: papers.index(paper) for paper in papers}
    assert (counts[:, list(first.values())].sum(axis=1) == len(first)).all()
    assert all((counts[:, row] == counts[:, first[paper]]).all() for row, paper in enumerate(papers))
    backwards = paper_counts(papers[::-1], seed=1, resamples=50)
    assert (backwards[:, ::-1] == counts).all()


@given(
    arrays(float, st.integers(20, 60), elements=st.floats(0.0, 1.0)),
    st.floats(0.0, 1.0),
)
def test_an_interval_holds_its_estimate_and_stays_within_the_limits(drawn: np.ndarray, estimate: float) -> None:
    low, high = interval(estimate, drawn, SHARE)
    assert 0.0 <= low <= estimate <= high <= 1.0


@given(st.floats(-5.0, 5.0), st.integers(20, 100))
def test_a_figure_that_no_resample_moves_has_an_interval_of_no_width(value: float, resamples: int) -> None:
    assert interval(value, np.full(resamples, value)) == (value, value)


def test_a_figure_undefined_in_many_resamples_has_no_interval() -> None:
    drawn = np.linspace(0.0, 1.0, 100)
    assert not math.isnan(interval(0.5, drawn)[0])
    drawn[:6] = np.nan
    assert math.isnan(interval(0.5, drawn)[0])
    assert math.isnan(interval(math.nan, np.ones(100))[0])
    assert math.isnan(interval(0.5, np.empty(0))[0])


def test_the_interval_of_a_mean_is_as_wide_as_theory_says(make_up: MakeUp, corpus: tuple[Finding, ...]) -> None:
    alone = tuple({finding.paper: finding for finding in corpus}.values())
    left_out = make_up(findings=alone, repeats=1)
    squares = (left_out.chance[MODEL][0] - left_out.truth) ** 2
    low, high = interval(
        float(squares.mean()), resampled(left_out, MODEL, paper_counts(left_out.papers, 0))["brier"], SHARE
    )
    expected = 2 * 1.96 * squares.std() / math.sqrt(len(alone))
    assert high - low == pytest.approx(expected, rel=0.06)


def test_intervals_of_every_figure_hold_it_and_differences_are_paired(make_up: MakeUp) -> None:
    left_out = make_up()
    twin = replace(left_out, chance={**left_out.chance, "majority": left_out.chance[MODEL]})
    table = compare(twin, seed=0, resamples=200)
    for of_one in table.of.values():
        for figure, one in of_one.items():
            if one.defined:
                least, most = LIMITS.get(figure, SHARE)
                assert least <= one.interval[0] <= one.mean <= one.interval[1] <= most
                assert one.low - 1e-12 <= one.high
    with_itself = table.differences["majority"]
    for figure in FIGURES[:7]:
        assert (with_itself[figure].mean, with_itself[figure].interval) == (0.0, (0.0, 0.0))


def test_a_ranking_of_few_pairs_or_one_effect_is_not_a_number(make_up: MakeUp) -> None:
    left_out = make_up()
    once = left_out.of(left_out.truth)
    found = resampled(once, MODEL, np.ones((1, len(once.findings))))
    undefined = {name for name, values in found.items() if math.isnan(values[0])}
    assert undefined == {"auroc", "within_stratum_auroc", "within_stratum_auroc_named", "mcc", "coverage_promoting"}
    alone = Measured(math.nan)
    assert (alone.defined, alone.as_dict()) == (False, None)
