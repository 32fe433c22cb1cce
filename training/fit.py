"""Fits the model: an additive logistic regression in which every paper weighs the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from models.conformal import ConformalSets
from models.domain import Support
from models.features import Features
from models.fitted import FittedModel
from training.findings import Finding, paper_weights
from training.splits import paper_folds, train_and_test

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PENALTY = 1.0
INNER_FOLDS = 5


@dataclass(frozen=True)
class Table:
    """Findings as a fit sees them, row by row: features, truth (suppressing), paper and weight."""

    features: list[dict[str, float]]
    truth: Flags
    papers: list[str]
    weights: Floats

    @classmethod
    def of(cls, findings: Sequence[Finding], features: Features) -> Table:
        """The table of `findings`, in their order."""
        return cls(
            [features.of(finding.reading) for finding in findings],
            np.array([finding.suppressing for finding in findings]),
            [finding.paper for finding in findings],
            np.array(paper_weights(findings)),
        )

    def rows(self, rows: NDArray[np.intp]) -> Table:
        """The table of some of the rows; a paper's weight stays what it was, since papers are never split."""
        return Table(
            [self.features[row] for row in rows],
            self.truth[rows],
            [self.papers[row] for row in rows],
            self.weights[rows],
        )


def canonical_order(findings: Sequence[Finding]) -> list[Finding]:
    """The findings in an order that does not depend on how their file was sorted."""
    return sorted(findings, key=lambda finding: (finding.paper, finding.finding_id))


def fit_pipeline(table: Table) -> Pipeline:
    """The regression on one table."""
    pipeline = Pipeline(
        [
            ("columns", DictVectorizer(sparse=False)),
            ("regression", LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=200, tol=1e-8)),
        ]
    )
    # One thread of linear algebra: sums split over threads differ in the last bit with their number.
    with threadpool_limits(limits=1, user_api="blas"):
        return pipeline.fit(table.features, table.truth, regression__sample_weight=table.weights)


def left_out_log_odds(table: Table, seed: Sequence[int], folds: int = INNER_FOLDS) -> Floats:
    """The score of every row by a fit on folds that left its paper out, shape (rows,)."""
    scores = np.empty(len(table.truth))
    for train, test in train_and_test(paper_folds(table.papers, table.truth.tolist(), folds, seed)):
        scores[test] = raw_log_odds(fit_pipeline(table.rows(train)), table.rows(test))
    return scores


def raw_log_odds(pipeline: Pipeline, table: Table) -> Floats:
    """The uncalibrated score of every row of a table, shape (rows,)."""
    with threadpool_limits(limits=1, user_api="blas"):
        found: Floats = pipeline.decision_function(table.features)
    return found


def conformal_sets(table: Table, seeds: Sequence[Sequence[int]]) -> ConformalSets:
    """Conformal sets calibrated on scores of left-out papers, one repeat of the folds for each seed."""
    scores = np.array([left_out_log_odds(table, seed) for seed in seeds])
    return ConformalSets(scores[:, table.truth], scores[:, ~table.truth])


def fit(findings: Sequence[Finding], features: Features, seed: int = 0, repeats: int = 10) -> FittedModel:
    """The model of all `findings`, the same for any order of them.

    Raises ValueError where there are too few papers for the folds, or findings of one effect only.
    """
    ordered = canonical_order(findings)
    table = Table.of(ordered, features)
    if table.truth.all() or not table.truth.any():
        raise ValueError("a model needs findings of both effects")
    return FittedModel(
        pipeline=fit_pipeline(table),
        slope=1.0,
        shift=0.0,
        sets=conformal_sets(table, [(seed, repeat) for repeat in range(repeats)]),
        support=Support.over((finding.paper, finding.reading) for finding in ordered),
        papers=frozenset().union(*(finding.paper_names for finding in ordered)),
    )
