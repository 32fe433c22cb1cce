"""The bootstrap draws papers: its figures are those of the rows repeated as often as drawn, its intervals hold the estimate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss, matthews_corrcoef, roc_auc_score

from tests.training.conftest import MakeUp
from training.data.findings import Finding
from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.bootstrap import (
    MIN_PAPERS,
    Estimate,
    bias_corrected_interval,
    bootstrap_metrics,
    cluster_weights,
    compute_metrics,
)
from training.evaluation.cross_validation import EvaluationPlan, compare_baselines
from training.evaluation.metrics import LIMITS, METRIC_NAMES, SHARE
from training.evaluation.out_of_fold import OutOfFold


def rows_repeated(predictions: OutOfFold, name: str, counts: np.ndarray) -> dict[str, float]:
    """The metrics of every row repeated as `counts` says; a paper drawn twice is two papers."""
    rows = np.repeat(np.arange(len(predictions.findings)), counts.astype(int))
    copies = [
        replace(predictions.findings[row], paper=f"{predictions.findings[row].paper} {copy}")
        for row, count in enumerate(counts.astype(int))
        for copy in range(count)
    ]
    repeated = OutOfFold(
        tuple(copies),
        predictions.log_odds[:, rows],
        predictions.half_width[:, rows],
        predictions.p_values[:, rows],
        {name: predictions.probability[name][:, rows]},
    )
    values = bootstrap_metrics(repeated, name, np.ones((1, len(rows))))
    return {metric: float(value[0]) for metric, value in values.items()}


@pytest.mark.parametrize("name", [*BASELINES, MODEL])
def test_counted_once_each_the_metrics_are_those_of_scikit_learn(make_up: MakeUp, name: str) -> None:
    predictions = make_up()
    values = bootstrap_metrics(predictions, name, np.ones((1, len(predictions.findings))))
    truth, weight = predictions.truth, predictions.weights
    plain = {
        "auroc": [roc_auc_score(truth, p, sample_weight=weight) for p in predictions.probability[name]],
        "mcc": [matthews_corrcoef(truth, p >= 0.5, sample_weight=weight) for p in predictions.probability[name]],
        "brier": [brier_score_loss(truth, p, sample_weight=weight) for p in predictions.probability[name]],
    }
    assert list(values) == list(METRIC_NAMES)
    assert {metric: float(values[metric][0]) for metric in plain} == pytest.approx(
        {metric: float(np.mean(of_repeats)) for metric, of_repeats in plain.items()}, abs=1e-12
    )
    assert math.isnan(values["singletons"][0]) == (name != MODEL)


@pytest.mark.parametrize("name", [MODEL, "look-up of the cargo"])
def test_a_paper_drawn_often_counts_as_its_rows_repeated_pairs_as_the_product(make_up: MakeUp, name: str) -> None:
    predictions = make_up(repeats=2)
    counts = cluster_weights(predictions.papers, seed=3, resamples=5)
    values = bootstrap_metrics(predictions, name, counts)
    for place, drawn in enumerate(counts):
        repeated = rows_repeated(predictions, name, drawn)
        here = {metric: float(of_one[place]) for metric, of_one in values.items()}
        assert here == pytest.approx(repeated, abs=1e-12, nan_ok=True)


def test_each_resample_draws_as_many_papers_as_there_are_and_never_splits_one(corpus: tuple[Finding, ...]) -> None:
    papers = [finding.paper for finding in corpus]
    counts = cluster_weights(papers, seed=1, resamples=50)
    first = {paper: papers.index(paper) for paper in papers}
    assert counts.shape == (51, len(papers))
    assert (counts[0] == 1.0).all()
    assert (counts[:, list(first.values())].sum(axis=1) == len(first)).all()
    assert all((counts[:, row] == counts[:, first[paper]]).all() for row, paper in enumerate(papers))
    backwards = cluster_weights(papers[::-1], seed=1, resamples=50)
    assert (backwards[:, ::-1] == counts).all()


def test_few_papers_are_not_resampled() -> None:
    papers = [str(number) for number in range(MIN_PAPERS)]
    assert len(cluster_weights(papers, 0, 20)) == 21
    assert len(cluster_weights(papers[1:], 0, 20)) == 1


@given(
    arrays(float, st.integers(20, 60), elements=st.floats(0.0, 1.0)),
    st.floats(0.0, 1.0),
)
def test_an_interval_holds_its_estimate_and_stays_within_the_limits(drawn: np.ndarray, estimate: float) -> None:
    low, high = bias_corrected_interval(estimate, drawn, SHARE)
    assert 0.0 <= low <= estimate <= high <= 1.0


@given(st.floats(-5.0, 5.0), st.integers(20, 100))
def test_a_figure_that_no_resample_moves_has_an_interval_of_no_width(value: float, resamples: int) -> None:
    assert bias_corrected_interval(value, np.full(resamples, value)) == (value, value)


def test_a_figure_undefined_in_many_resamples_has_no_interval() -> None:
    drawn = np.linspace(0.0, 1.0, 100)
    assert not math.isnan(bias_corrected_interval(0.5, drawn)[0])
    drawn[:6] = np.nan
    assert math.isnan(bias_corrected_interval(0.5, drawn)[0])
    assert math.isnan(bias_corrected_interval(math.nan, np.ones(100))[0])
    assert math.isnan(bias_corrected_interval(0.5, np.empty(0))[0])


def test_the_interval_of_a_mean_is_as_wide_as_theory_says(make_up: MakeUp, corpus: tuple[Finding, ...]) -> None:
    alone = tuple({finding.paper: finding for finding in corpus}.values())
    predictions = make_up(findings=alone, repeats=1)
    squares = (predictions.probability[MODEL][0] - predictions.truth) ** 2
    counts = cluster_weights(predictions.papers, 0)
    low, high = Estimate.from_resamples(bootstrap_metrics(predictions, MODEL, counts)["brier"], SHARE).interval
    expected = 2 * 1.96 * squares.std() / math.sqrt(len(alone))
    assert high - low == pytest.approx(expected, rel=0.06)


def test_intervals_of_every_figure_hold_it_and_differences_are_paired(make_up: MakeUp) -> None:
    predictions = make_up()
    twin = replace(predictions, probability={**predictions.probability, "majority": predictions.probability[MODEL]})
    table = compare_baselines(twin, EvaluationPlan(resamples=200))
    for of_one in table.estimates.values():
        for figure, one in of_one.items():
            if one.defined:
                least, most = LIMITS.get(figure, SHARE)
                assert least <= one.interval[0] <= one.mean <= one.interval[1] <= most
                assert one.low - 1e-12 <= one.high
    with_itself = table.differences["majority"]
    for figure in METRIC_NAMES[:7]:
        assert (with_itself[figure].mean, with_itself[figure].interval) == (0.0, (0.0, 0.0))


def test_a_ranking_of_few_pairs_or_one_effect_is_not_a_number(make_up: MakeUp) -> None:
    predictions = make_up()
    once = predictions.subset(predictions.truth)
    found = bootstrap_metrics(once, MODEL, np.ones((1, len(once.findings))))
    undefined = {name for name, values in found.items() if math.isnan(values[0])}
    assert undefined == {"auroc", "within_stratum_auroc", "within_stratum_auroc_named", "mcc", "coverage_promoting"}
    few = predictions.subset(np.arange(len(predictions.findings)) < 12)
    assert math.isnan(bootstrap_metrics(few, MODEL, np.ones((1, 12)), min_pairs=1000)["within_stratum_auroc"][0])
    assert set(compute_metrics(once)) == set(METRIC_NAMES)
    alone = Estimate(math.nan)
    assert (alone.defined, alone.as_dict()) == (False, None)
