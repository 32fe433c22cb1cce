"""The curves are those of the figures: areas, errors and coverages agree with the table."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.estimator.artifact import Bundle
from tests.training.conftest import MakeUp
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.bootstrap import MIN_PAPERS, bootstrap_metrics, cluster_weights
from training.evaluation.curves import (
    MIN_CALIBRATED,
    calibration_by_cargo_type,
    coverage,
    expected_calibration_error_under_null,
    histogram,
    reliability,
    roc,
    support_grades,
)


@pytest.mark.parametrize("name", [*BASELINES, MODEL])
@pytest.mark.parametrize("seed", range(3))
def test_the_area_under_a_roc_curve_is_the_auroc(make_up: MakeUp, name: str, seed: int) -> None:
    predictions = make_up(seed)
    curve = roc(predictions, name)
    figure = bootstrap_metrics(predictions, name, np.ones((1, len(predictions.findings))))["auroc"][0]
    assert curve.area == pytest.approx(figure, abs=1e-12)
    assert (curve.false_positive[0], curve.true_positive[0]) == (0.0, 0.0)
    assert (curve.false_positive[-1], curve.true_positive[-1]) == pytest.approx((1.0, 1.0))
    assert (np.diff(curve.false_positive) >= 0).all()
    assert (np.diff(curve.true_positive) >= -1e-12).all()


def test_the_area_is_the_auroc_of_the_real_run_too(thorough: tuple[Bundle, Assessment]) -> None:
    whole = thorough[1].cross_validation
    for name, of_one in whole.estimates.items():
        assert roc(whole.out_of_fold, name).area == pytest.approx(of_one["auroc"].mean, abs=1e-12)


def test_bins_hold_every_finding_once_and_their_intervals_hold_what_was_observed(make_up: MakeUp) -> None:
    predictions = make_up()
    bins = reliability(predictions, cluster_weights(predictions.papers, 0, 300))
    assert sum(one.findings for one in bins) == pytest.approx(len(predictions.findings))
    for one in bins:
        assert one.low <= one.stated <= one.high
        assert one.observed.interval[0] <= one.observed.mean <= one.observed.interval[1]


def test_coverage_grows_with_the_level_and_is_the_figure_of_the_table_at_90(make_up: MakeUp) -> None:
    predictions = make_up()
    levels = coverage(predictions, cluster_weights(predictions.papers, 0, 300))
    figures = bootstrap_metrics(predictions, MODEL, np.ones((1, len(predictions.findings))))
    (at_90,) = [one for one in levels if one.level == 0.9]
    assert at_90.suppressing.mean == pytest.approx(figures["coverage_suppressing"][0])
    assert at_90.promoting.mean == pytest.approx(figures["coverage_promoting"][0])
    assert at_90.singletons == pytest.approx(figures["singletons"][0])
    for wide, narrow in itertools.pairwise(levels):
        assert wide.level > narrow.level
        assert wide.suppressing.mean >= narrow.suppressing.mean
        assert wide.promoting.mean >= narrow.promoting.mean
        assert wide.empty <= narrow.empty


def test_the_histogram_counts_every_finding_by_its_effect(make_up: MakeUp) -> None:
    predictions = make_up()
    counts = histogram(predictions)
    assert sum(counts["suppressing"]) == pytest.approx(predictions.truth.sum())
    assert sum(counts["promoting"]) == pytest.approx((~predictions.truth).sum())


def test_certain_and_right_probabilities_would_show_no_error_and_fewer_findings_more(make_up: MakeUp) -> None:
    predictions = make_up(repeats=1)
    few = predictions.subset(np.arange(len(predictions.findings)) % 8 == 0)
    mean, most = expected_calibration_error_under_null(predictions, 0)
    assert 0.0 < mean < most
    assert expected_calibration_error_under_null(few, 0)[0] > mean
    certain = predictions.truth[None, :].astype(float)
    predictions.probability[MODEL][:] = certain
    assert expected_calibration_error_under_null(predictions, 0) == (0.0, 0.0)


def test_grades_of_support_share_the_findings_and_agree_with_the_figures_of_determined_ones(make_up: MakeUp) -> None:
    predictions = make_up()
    grades = {one.grade: one for one in support_grades(predictions, cluster_weights(predictions.papers, 0, 300))}
    figures = bootstrap_metrics(predictions, MODEL, np.ones((1, len(predictions.findings))))
    assert sum(one.share for one in grades.values()) == pytest.approx(1.0)
    assert sum(one.findings for one in grades.values()) == pytest.approx(len(predictions.findings))
    determined = grades["strong"].share + grades["moderate"].share
    assert determined == pytest.approx(figures["determined"][0])
    right = sum(one.share * one.right.mean for one in (grades["strong"], grades["moderate"]) if one.share)
    assert right / determined == pytest.approx(figures["accuracy_determined"][0])


def test_the_stronger_the_support_the_more_is_right_on_papers_left_out(thorough: tuple[Bundle, Assessment]) -> None:
    right = {one.grade: one.right.mean for one in thorough[1].support}
    assert right["strong"] > 0.97 > right["moderate"] > 0.8 > right["weak"] > 0.5
    assert thorough[0].manifest["metrics"]["support"][0]["grade"] == "strong"


def test_every_cargo_type_has_its_calibration_where_there_are_enough_findings_and_papers(make_up: MakeUp) -> None:
    predictions = make_up()
    by_type = calibration_by_cargo_type(predictions, cluster_weights(predictions.papers, 0, 200))
    types = Counter(finding.candidate.cargo_type for finding in predictions.findings)
    assert {each.cargo_type: each.findings for each in by_type} == types
    for each in by_type:
        enough = each.findings >= MIN_CALIBRATED and each.papers >= MIN_PAPERS
        assert each.observed.defined == each.difference.defined == (not each.undefined) == enough
    assert any(each.undefined for each in by_type)
    assert sum(not each.undefined for each in by_type) > 3


def test_the_calibration_of_a_cargo_type_is_the_mean_over_its_papers_with_an_interval_that_holds_it(
    make_up: MakeUp,
) -> None:
    predictions = make_up()
    first = calibration_by_cargo_type(predictions, cluster_weights(predictions.papers, 0, 200))[0]
    shares: dict[str, list[tuple[float, float]]] = {}
    for finding, probability in zip(
        predictions.findings, predictions.probability[MODEL].mean(axis=0).tolist(), strict=True
    ):
        if finding.candidate.cargo_type == first.cargo_type:
            shares.setdefault(finding.paper, []).append((finding.suppressing, probability))
    observed, predicted = (
        np.mean([np.mean([pair[part] for pair in pairs]) for pairs in shares.values()]) for part in (0, 1)
    )
    assert (first.observed.mean, first.predicted) == pytest.approx((observed, predicted))
    assert first.difference.mean == pytest.approx(observed - predicted)
    for estimate in (first.observed, first.difference):
        low, high = estimate.interval
        assert low <= estimate.mean <= high


def test_probabilities_that_are_too_high_for_one_cargo_type_are_seen_to_be(make_up: MakeUp) -> None:
    predictions = make_up()
    of_type = np.array([finding.candidate.cargo_type == "mirna" for finding in predictions.findings])
    right = predictions.probability[MODEL] * 0 + np.where(predictions.truth, 0.9, 0.1)
    raised = {**predictions.probability, MODEL: np.where(of_type, np.minimum(right + 0.3, 1.0), right)}
    counts = cluster_weights(predictions.papers, 0, 200)
    (high,) = (
        each
        for each in calibration_by_cargo_type(replace(predictions, probability=raised), counts)
        if each.cargo_type == "mirna"
    )
    assert high.difference.interval[1] < 0.0
