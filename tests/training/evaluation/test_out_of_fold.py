"""Predictions on papers left out: each finding once a repeat, by fits that had none of its paper, the same on any number of
processes, and explained to the last bit that matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.estimator.conformal import members_of
from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan, grouped_splits
from training.evaluation.out_of_fold import OutOfFold, cross_val_predict
from training.fit import TrainingTable, calibrate, fit_pipeline, fit_posterior, raw_log_odds
from training.splits import Split


@pytest.fixture(scope="module")
def predicted(ordered: list[Finding], features: Features) -> OutOfFold:
    return cross_val_predict(
        ordered, features, grouped_splits(ordered, EvaluationPlan(repeats=2)), with_contributions=True, jobs=1
    )


def test_every_finding_is_predicted_in_every_repeat(predicted: OutOfFold, ordered: list[Finding]) -> None:
    assert list(predicted.findings) == ordered
    assert predicted.log_odds.shape == (2, len(ordered))
    assert all(not np.isnan(chance).any() for chance in predicted.probability.values())
    assert (predicted.p_values > 0).all()
    assert (predicted.p_values <= 1).all()


def test_contributions_of_the_fields_sum_to_the_log_odds(predicted: OutOfFold) -> None:
    assert {"baseline", "source_cell", "cargo_state", "cargo_name"} <= set(predicted.contributions)
    assert sum(predicted.contributions.values()) == pytest.approx(predicted.log_odds, abs=1e-10)


def test_fit_slope_and_sets_come_from_the_training_part_alone(
    predicted: OutOfFold, ordered: list[Finding], features: Features
) -> None:
    table = TrainingTable.from_findings(ordered, features)
    split = grouped_splits(ordered, EvaluationPlan(repeats=2))[1][3]
    seen, left = table.rows(split.train), table.rows(split.test)
    calibration = calibrate(seen, [split.seed])
    expected = calibration.slope * raw_log_odds(fit_pipeline(seen), left)
    assert np.array_equal(predicted.log_odds[1, split.test], expected)
    p_values = calibration.sets.p_values(expected, members_of(left.groups))
    assert np.array_equal(predicted.p_values[1, split.test], p_values)
    posterior = fit_posterior(fit_pipeline(seen), seen)
    half_width = [calibration.slope * posterior.interval_half_width(row) for row in left.features]
    assert np.array_equal(predicted.half_width[1, split.test], half_width)


def test_the_effects_of_predictions_papers_do_not_reach_their_predictions(
    ordered: list[Finding], features: Features
) -> None:
    split = grouped_splits(ordered, EvaluationPlan(repeats=1))[0][0]
    turned = [
        replace(finding, effect="promoting" if finding.suppressing else "suppressing") if row in split.test else finding
        for row, finding in enumerate(ordered)
    ]
    one, other = (cross_val_predict(findings, features, [[split]], jobs=1) for findings in (ordered, turned))
    for name in one.probability:
        assert np.array_equal(one.probability[name], other.probability[name])
    assert np.array_equal(one.p_values, other.p_values)


def test_findings_that_a_repeat_does_not_test_are_left_away(ordered: list[Finding], features: Features) -> None:
    splits = grouped_splits(ordered, EvaluationPlan(repeats=1))[0]
    found = cross_val_predict(ordered, features, [splits[:2], splits[1:3]], jobs=1)
    assert list(found.findings) == [ordered[row] for row in splits[1].test]
    nothing = cross_val_predict(ordered, features, [[]], jobs=1)
    assert nothing.findings == ()


def test_a_part_of_the_predictions_weighs_its_papers_equal(predicted: OutOfFold) -> None:
    part = predicted.subset(predicted.named)
    assert part.named.all()
    assert part.weights.sum() == pytest.approx(len(set(part.papers)))
    assert np.array_equal(part.probability[MODEL], predicted.probability[MODEL][:, predicted.named])
    assert np.array_equal(predicted.repeat(1).log_odds[0], predicted.log_odds[1])


def test_progress_counts_the_repeats(ordered: list[Finding], features: Features) -> None:
    split = grouped_splits(ordered, EvaluationPlan(repeats=1))[0][0]
    done: list[int] = []
    many = [Split(split.train, split.test, (0, number)) for number in range(3)]
    cross_val_predict(ordered, features, [[one] for one in many], jobs=1, progress=done.append)
    assert done == [1, 2, 3]
