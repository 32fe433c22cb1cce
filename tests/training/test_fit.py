"""Fitting is deterministic, blind to the order of the rows, and gives every paper one vote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from training.classifier import fit_model
from training.data.findings import Finding
from training.fit import TrainingTable, canonical_order, fit_pipeline, left_out_log_odds


def test_shuffled_rows_give_the_same_model_to_the_last_bit(
    corpus: tuple[Finding, ...], features: Features, produced: Bundle
) -> None:
    shuffled = [corpus[row] for row in np.random.default_rng(1).permutation(len(corpus))]
    again = fit_model(shuffled, features)
    assert again.weights == produced.model.weights
    assert again.baseline == produced.model.baseline
    for label, scores in again.sets.scores.items():
        assert np.array_equal(scores, produced.model.sets.scores[label])


def test_a_paper_with_many_rows_weighs_as_much_as_one_with_one(corpus: tuple[Finding, ...], features: Features) -> None:
    alone = [finding for finding in corpus if finding.paper == corpus[0].paper]
    copies = [replace(finding, finding_id=f"copy-{number}") for number in range(5) for finding in alone]
    once = fit_pipeline(TrainingTable.from_findings(canonical_order(corpus), features))
    often = fit_pipeline(TrainingTable.from_findings(canonical_order([*corpus, *copies]), features))
    assert often[-1].coef_ == pytest.approx(once[-1].coef_, abs=1e-6)


def test_scores_of_left_out_papers_do_not_see_their_own_effect(corpus: tuple[Finding, ...], features: Features) -> None:
    ordered = canonical_order(corpus)
    table = TrainingTable.from_findings(ordered, features)
    scores = left_out_log_odds(table, (0,))
    turned = table.truth.copy()
    turned[0] = not turned[0]
    # With the folds held fixed (they spread the effects), a row's own label must not move its own score.
    fixed = replace(table, truth=turned)
    from training import fit as fitting
    from training.splits import paper_folds, train_and_test

    folds = paper_folds(table.papers, table.truth.tolist(), fitting.INNER_FOLDS, (0,))
    for train, test in train_and_test(folds):
        if 0 in test:
            pipeline = fit_pipeline(fixed.rows(train))
            assert pipeline.decision_function([fixed.features[0]])[0] == pytest.approx(scores[0], abs=1e-12)


def test_findings_of_one_effect_cannot_be_learned_from(corpus: tuple[Finding, ...], features: Features) -> None:
    with pytest.raises(ValueError, match="both effects"):
        fit_model([finding for finding in corpus if finding.suppressing], features)


def test_the_model_knows_all_names_of_the_papers_it_learned_from(corpus: tuple[Finding, ...], produced: Bundle) -> None:
    assert all(finding.paper_names <= produced.model.papers for finding in corpus)
