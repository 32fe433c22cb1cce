"""Conformal p-values equal those of crepes, one score and many agree, and coverage holds for each label."""

from __future__ import annotations

import numpy as np
from crepes.base import ConformalClassifier
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.estimator.conformal import LABELS, MondrianClassifier

scores = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 30)), elements=st.floats(-20, 20))


def drawn(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Scores of two overlapping classes, and whether each is suppressing."""
    random = np.random.default_rng(seed)
    truth = random.random(count) < 0.4
    return random.normal(np.where(truth, 1.2, -1.2), 1.0), truth


def test_p_values_equal_those_of_crepes() -> None:
    calibration, truth = drawn(0, 400)
    test, _ = drawn(1, 300)
    sets = MondrianClassifier(calibration[truth], calibration[~truth])
    classifier = ConformalClassifier()
    classifier.fit(np.where(truth, -calibration, calibration), bins=np.where(truth, 0, 1))
    for label, alphas in enumerate((-test, test)):
        theirs = classifier.predict_p(alphas[:, None], bins=np.full(len(test), label), smoothing=False)
        assert np.array_equal(theirs[:, 0], sets.p_values(test)[:, label]), LABELS[label]


def test_each_label_is_covered_at_its_own_rate() -> None:
    calibration, truth = drawn(2, 3000)
    sets = MondrianClassifier(calibration[truth], calibration[~truth])
    test, test_truth = drawn(3, 20_000)
    held = sets.p_values(test) > sets.significance
    for label, of_label in enumerate((test_truth, ~test_truth)):
        assert 0.88 < held[of_label, label].mean() < 0.92, LABELS[label]


@given(scores, scores, st.floats(-25, 25))
def test_one_score_and_an_array_agree(
    suppressing: np.ndarray,
    promoting: np.ndarray,
    log_odds: float,  # type: ignore[type-arg]
) -> None:
    sets = MondrianClassifier(suppressing, promoting)
    one = sets.predict_set(log_odds)
    many = sets.p_values(np.array([log_odds, 0.0, log_odds]))
    assert [one.p_suppressing, one.p_promoting] == many[2].tolist()
    held = many[2] > sets.significance
    assert one.labels == tuple(label for label, is_in in zip(LABELS, held, strict=True) if is_in)


@given(scores, scores, st.floats(-25, 25), st.floats(0, 10))
def test_a_higher_score_is_never_less_suppressing(
    suppressing: np.ndarray,
    promoting: np.ndarray,
    log_odds: float,
    more: float,  # type: ignore[type-arg]
) -> None:
    sets = MondrianClassifier(suppressing, promoting)
    lower, higher = sets.predict_set(log_odds), sets.predict_set(log_odds + more)
    assert higher.p_suppressing >= lower.p_suppressing
    assert higher.p_promoting <= lower.p_promoting


def test_repeats_count_as_their_mean() -> None:
    once = MondrianClassifier(np.array([[0.0, 1.0, 2.0]]), np.array([[-1.0, 0.5]]))
    twice = MondrianClassifier(np.array([[0.0, 1.0, 2.0]] * 2), np.array([[-1.0, 0.5]] * 2))
    assert [twice.predict_set(x).p_suppressing for x in (-1, 0.5, 3)] == [
        once.predict_set(x).p_suppressing for x in (-1, 0.5, 3)
    ]
