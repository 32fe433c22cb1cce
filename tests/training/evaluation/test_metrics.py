"""Metrics: those of scikit-learn, known values, and the invariances that make them comparable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, matthews_corrcoef, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from training.evaluation import metrics

TRUTH = np.array([True, True, False, False])


def auroc(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray, strata: list[object] | None = None) -> float:
    pairs = None if strata is None else metrics.same_stratum(truth, strata)
    ranked = metrics.concordance(truth, probability)
    return float(metrics.ranked_right(truth, ranked, weight, pairs)[0])


def every_metric(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray) -> list[float]:
    of_one = (metrics.mcc, metrics.brier, metrics.log_loss, metrics.calibration_error)
    values = [float(metric(truth, probability[None], weight[None])[0]) for metric in of_one]
    return [auroc(truth, probability[None], weight[None]), *values]


def test_metrics_are_those_of_scikit_learn_under_every_weighting() -> None:
    random = np.random.default_rng(0)
    truth, probability = random.random(200) < 0.4, random.random(200).round(2)
    weights = random.random((3, 200))
    of_one = (metrics.mcc, metrics.brier, metrics.log_loss)
    here = [metric(truth, probability[None], weights) for metric in of_one]
    ranked = metrics.ranked_right(truth, metrics.concordance(truth, probability[None]), weights)
    for place, weight in enumerate(weights):
        assert [float(values[place]) for values in here] == pytest.approx(
            [
                matthews_corrcoef(truth, probability >= 0.5, sample_weight=weight),
                brier_score_loss(truth, probability, sample_weight=weight),
                sklearn_log_loss(truth, np.clip(probability, 1e-15, 1 - 1e-15), sample_weight=weight),
            ],
            abs=1e-12,
        )
        assert ranked[place] == pytest.approx(roc_auc_score(truth, probability, sample_weight=weight), abs=1e-12)


def test_a_metric_of_repeats_is_the_mean_of_theirs() -> None:
    random = np.random.default_rng(1)
    truth, probability = random.random(50) < 0.4, random.random((4, 50)).round(2)
    alone = [every_metric(truth, of_repeat, np.ones(50)) for of_repeat in probability]
    once = np.ones((1, 50))
    of_one = (metrics.mcc, metrics.brier, metrics.log_loss, metrics.calibration_error)
    together = [auroc(truth, probability, once), *(float(metric(truth, probability, once)[0]) for metric in of_one)]
    assert together == pytest.approx(np.mean(alone, axis=0).tolist())


def test_within_stratum_auroc_counts_pairs_of_one_stratum_only_and_ties_half() -> None:
    probability, once = np.array([[0.9, 0.2, 0.2, 0.1]]), np.ones((1, 4))
    assert metrics.count_pairs(TRUTH, ["a", "b", "b", "a"]) == 2
    assert auroc(TRUTH, probability, once, ["a", "b", "b", "a"]) == 0.75
    assert auroc(TRUTH, probability, once, ["a"] * 4) == auroc(TRUTH, probability, once) == 0.875
    assert metrics.count_pairs(TRUTH, ["a", "b", "c", "d"]) == 0
    assert math.isnan(auroc(TRUTH, probability, once, ["a", "b", "c", "d"]))


def test_calibration_error_is_the_gap_of_a_constant_and_zero_for_the_true_rate() -> None:
    truth, once = np.array([True] * 30 + [False] * 70), np.ones((1, 100))
    assert metrics.calibration_error(truth, np.full((1, 100), 0.3), once) == pytest.approx(0.0)
    assert metrics.calibration_error(truth, np.full((1, 100), 0.75), once) == pytest.approx(0.45)


def test_a_matthews_correlation_is_nothing_where_all_calls_are_the_same_and_undefined_where_all_effects_are() -> None:
    once = np.ones((1, 4))
    assert metrics.mcc(TRUTH, np.full((1, 4), 0.9), once) == 0.0
    assert math.isnan(metrics.mcc(np.ones(4, dtype=bool), np.full((1, 4), 0.9), once)[0])


def test_a_matthews_correlation_of_weights_that_sum_inexactly_is_a_number() -> None:
    random = np.random.default_rng(0)
    truth = np.arange(16) % 2 == 0
    weight = random.integers(0, 4, (2001, 16)) / random.choice([1, 3, 7], 16)
    correlation = metrics.mcc(truth, np.full((1, 16), 0.9), weight)
    assert correlation[~np.isnan(correlation)] == pytest.approx(0.0, abs=1e-6)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(0, 2)), min_size=2, max_size=40), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[bool, float, int]], random: object) -> None:
    def values(listed: list[tuple[bool, float, int]]) -> list[float]:
        truth, probability, strata = (np.array(column) for column in zip(*listed, strict=True))
        once = np.ones((1, len(listed)))
        return [*every_metric(truth, probability, once[0]), auroc(truth, probability[None], once, strata.tolist())]

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert values(shuffled) == pytest.approx(values(rows), nan_ok=True)


def test_weights_count_rows_that_many_times() -> None:
    probability, twice = np.array([0.9, 0.4, 0.6, 0.1]), [0, 1, 1, 2, 3]
    weighted = every_metric(TRUTH, probability, np.array([1.0, 2.0, 1.0, 1.0]))
    assert weighted == pytest.approx(every_metric(TRUTH[twice], probability[twice], np.ones(5)))
