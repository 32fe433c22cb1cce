"""Conformal p-values equal those of crepes, one score and many agree, and coverage holds for each label."""

from __future__ import annotations

import numpy as np
from crepes.base import ConformalClassifier
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.estimator.conformal import LABELS, MondrianClassifier, members_of

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


def test_each_label_is_covered_within_every_group_that_is_large_enough() -> None:
    """In one group the findings of an effect conform less than in all, so that its sets must be wider."""

    def draw(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, list[tuple[str]]]:  # type: ignore[type-arg]
        log_odds, truth = drawn(seed, count)
        odd = np.random.default_rng(seed + 100).random(count) < 0.1
        return log_odds + np.where(odd & truth, -1.0, 0.0), truth, [("odd",) if each else ("usual",) for each in odd]

    calibration, truth, groups = draw(4, 3000)
    by_label = {
        label: [group for group, held in zip(groups, of_label, strict=True) if held]
        for label, of_label in zip(LABELS, (truth, ~truth), strict=True)
    }
    sets = MondrianClassifier(calibration[truth], calibration[~truth], by_label)
    test, test_truth, test_groups = draw(5, 20_000)
    held = sets.p_values(test, members_of(test_groups)) > sets.significance
    odd = np.array(test_groups)[:, 0] == "odd"
    pooled = MondrianClassifier(calibration[truth], calibration[~truth]).p_values(test) > sets.significance
    assert pooled[test_truth & odd, 0].mean() < 0.7
    for label, of_label in enumerate((test_truth, ~test_truth)):
        assert held[of_label, label].mean() > 0.88
        for members in (odd, ~odd):
            assert held[of_label & members, label].mean() > 0.82, LABELS[label]


@given(st.integers(0, 10_000), st.floats(-5, 5), st.sampled_from(["large", "small", "unheard of"]))
def test_one_score_and_an_array_agree_within_groups(seed: int, log_odds: float, group: str) -> None:
    calibration, truth = drawn(seed, 200)
    names = [("small",) if place % 20 == 0 else ("large",) for place in range(200)]
    groups = {
        label: [name for name, held in zip(names, of_label, strict=True) if held]
        for label, of_label in zip(LABELS, (truth, ~truth), strict=True)
    }
    sets = MondrianClassifier(calibration[truth], calibration[~truth], groups)
    assert sets.calibrated_groups == {"large"}, "a group of fewer than 20 findings says nothing of its own"
    one = sets.predict_set(log_odds, (group,))
    many = sets.p_values(np.array([0.0, log_odds]), {group: np.array([1])})
    assert [one.p_suppressing, one.p_promoting] == many[1].tolist()
    alone = sets.predict_set(log_odds)
    assert one.p_suppressing >= alone.p_suppressing
    assert one.p_promoting >= alone.p_promoting
