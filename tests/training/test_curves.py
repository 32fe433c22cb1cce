"""The curves are those of the figures: areas, errors and coverages agree with the table."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.artifact import Bundle
from tests.training.conftest import MakeUp
from training.assessment import Assessment
from training.baselines import BASELINES
from training.bootstrap import paper_counts, resampled
from training.curves import coverage, error_if_calibrated, histogram, reliability, roc
from training.left_out import MODEL


@pytest.mark.parametrize("name", [*BASELINES, MODEL])
@pytest.mark.parametrize("seed", range(3))
def test_the_area_under_a_roc_curve_is_the_auroc(make_up: MakeUp, name: str, seed: int) -> None:
    left_out = make_up(seed)
    curve = roc(left_out, name)
    figure = resampled(left_out, name, np.ones((1, len(left_out.findings))))["auroc"][0]
    assert curve.area == pytest.approx(figure, abs=1e-12)
    assert (curve.false_positive[0], curve.true_positive[0]) == (0.0, 0.0)
    assert (curve.false_positive[-1], curve.true_positive[-1]) == pytest.approx((1.0, 1.0))
    assert (np.diff(curve.false_positive) >= 0).all()
    assert (np.diff(curve.true_positive) >= -1e-12).all()


def test_the_area_is_the_auroc_of_the_real_run_too(thorough: tuple[Bundle, Assessment]) -> None:
    whole = thorough[1].cross_validation
    for name, of_one in whole.of.items():
        assert roc(whole.left_out, name).area == pytest.approx(of_one["auroc"].mean, abs=1e-12)


def test_bins_hold_every_finding_once_and_their_intervals_hold_what_was_observed(make_up: MakeUp) -> None:
    left_out = make_up()
    bins = reliability(left_out, paper_counts(left_out.papers, 0, 300))
    assert sum(one.findings for one in bins) == pytest.approx(len(left_out.findings))
    for one in bins:
        assert one.low <= one.stated <= one.high
        assert one.observed.interval[0] <= one.observed.mean <= one.observed.interval[1]


def test_coverage_grows_with_the_level_and_is_the_figure_of_the_table_at_90(make_up: MakeUp) -> None:
    left_out = make_up()
    levels = coverage(left_out, paper_counts(left_out.papers, 0, 300))
    figures = resampled(left_out, MODEL, np.ones((1, len(left_out.findings))))
    (at_90,) = [one for one in levels if one.level == 0.9]
    assert at_90.suppressing.mean == figures["coverage_suppressing"][0]
    assert at_90.promoting.mean == figures["coverage_promoting"][0]
    assert at_90.singletons == figures["singletons"][0]
    for wide, narrow in itertools.pairwise(levels):
        assert wide.level > narrow.level
        assert wide.suppressing.mean >= narrow.suppressing.mean
        assert wide.promoting.mean >= narrow.promoting.mean
        assert wide.empty <= narrow.empty


def test_the_histogram_counts_every_finding_by_its_effect(make_up: MakeUp) -> None:
    left_out = make_up()
    counts = histogram(left_out)
    assert sum(counts["suppressing"]) == pytest.approx(left_out.truth.sum())
    assert sum(counts["promoting"]) == pytest.approx((~left_out.truth).sum())


def test_certain_and_right_probabilities_would_show_no_error_and_fewer_findings_more(make_up: MakeUp) -> None:
    left_out = make_up(repeats=1)
    few = left_out.of(np.arange(len(left_out.findings)) % 8 == 0)
    mean, most = error_if_calibrated(left_out, 0)
    assert 0.0 < mean < most
    assert error_if_calibrated(few, 0)[0] > mean
    certain = left_out.truth[None, :].astype(float)
    left_out.chance[MODEL][:] = certain
    assert error_if_calibrated(left_out, 0) == (0.0, 0.0)
