"""Figures of merit: known values, and the invariances that make them comparable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import metrics

TRUTH = np.array([True, True, False, False])


def test_within_stratum_auroc_counts_pairs_of_one_stratum_only_and_ties_half() -> None:
    chance = np.array([0.9, 0.2, 0.2, 0.1])
    assert metrics.within_stratum_pairs(TRUTH, chance, ["a", "b", "b", "a"]) == (1.5, 2)
    assert metrics.within_stratum_auroc(TRUTH, chance, ["a", "b", "c", "d"]) != metrics.within_stratum_auroc(
        TRUTH, chance, ["a"] * 4
    )
    assert math.isnan(metrics.within_stratum_auroc(TRUTH, chance, ["a", "b", "c", "d"]))


def test_in_one_stratum_it_is_the_plain_auroc() -> None:
    random = np.random.default_rng(0)
    truth, chance = random.random(200) < 0.4, random.random(200).round(1)
    assert metrics.within_stratum_auroc(truth, chance, [0] * 200) == pytest.approx(metrics.auroc(truth, chance))


def test_calibration_error_is_the_gap_of_a_constant_and_zero_for_the_true_rate() -> None:
    truth = np.array([True] * 30 + [False] * 70)
    assert metrics.expected_calibration_error(truth, np.full(100, 0.3)) == pytest.approx(0.0)
    assert metrics.expected_calibration_error(truth, np.full(100, 0.75)) == pytest.approx(0.45)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(0, 2)), min_size=2, max_size=40), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[bool, float, int]], random: object) -> None:
    def figures(of: list[tuple[bool, float, int]]) -> list[float]:
        truth, chance, strata = (np.array(column) for column in zip(*of, strict=True))
        return [
            metrics.auroc(truth, chance),
            metrics.within_stratum_auroc(truth, chance, strata.tolist()),
            metrics.brier(truth, chance),
            metrics.expected_calibration_error(truth, chance),
        ]

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert figures(shuffled) == pytest.approx(figures(rows), nan_ok=True)


def test_weights_count_rows_that_many_times() -> None:
    chance = np.array([0.9, 0.4, 0.6, 0.1])
    twice = [0, 1, 1, 2, 3]
    weights = np.array([1.0, 2.0, 1.0, 1.0])
    for figure in (
        metrics.auroc,
        metrics.mcc,
        metrics.brier,
        metrics.logarithmic_loss,
        metrics.expected_calibration_error,
    ):
        assert figure(TRUTH, chance, weights) == pytest.approx(figure(TRUTH[twice], chance[twice]))
