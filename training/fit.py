"""Fits the model: an additive logistic regression in which every paper weighs the same.

scikit-learn and SciPy are imported by the functions that use them, here and elsewhere: a service that only scores starts in a
third of the time without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.arrays import Flags, Floats, Rows, one_thread
from models.candidates.candidate import ParsedCandidate
from models.estimator.conformal import LABELS, Groups, MondrianClassifier, groups_of
from models.estimator.features import Features
from models.estimator.posterior import LaplacePosterior
from training.data.findings import Finding, paper_weights
from training.splits import paper_folds, train_and_test

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


PENALTY = 1.0
INNER_FOLDS = 5
SLOPE_BOUNDS = (0.2, 5.0)


@dataclass(frozen=True)
class TrainingTable:
    """Findings as a fit sees them, row by row: features, truth (suppressing), paper, weight, and groups of its sets."""

    features: list[dict[str, float]]
    truth: Flags
    papers: list[str]
    weights: Floats
    groups: list[Groups]

    @classmethod
    def from_findings(cls, findings: Sequence[Finding], features: Features) -> TrainingTable:
        """The table of `findings`, in their order."""
        return cls.from_readings(
            [finding.reading for finding in findings],
            np.array([finding.suppressing for finding in findings], dtype=bool),
            [finding.paper for finding in findings],
            features,
        )

    @classmethod
    def from_readings(
        cls, readings: Sequence[ParsedCandidate], truth: Flags, papers: Sequence[str], features: Features
    ) -> TrainingTable:
        """The table of candidates that have been understood, each with its truth and its paper."""
        stated = [reading.candidate for reading in readings]
        return cls(
            list(map(features.of, readings)),
            truth,
            list(papers),
            np.array(paper_weights(papers)),
            [groups_of(candidate.source_cell, candidate.cargo_state) for candidate in stated],
        )

    def rows(self, rows: Rows) -> TrainingTable:
        """The table of some of the rows; a paper's weight stays what it was, since papers are never split."""
        return TrainingTable(
            [self.features[row] for row in rows],
            self.truth[rows],
            [self.papers[row] for row in rows],
            self.weights[rows],
            [self.groups[row] for row in rows],
        )


class ScoringModel(Protocol):
    """Whatever scores feature dictionaries: the regression, or what is compared with it."""

    def decision_function(self, features: list[dict[str, float]], /) -> Floats:
        """The uncalibrated log-odds of suppressing, shape (candidates,)."""


Fit = Callable[[TrainingTable], ScoringModel]


def canonical_order(findings: Sequence[Finding]) -> list[Finding]:
    """The findings in an order that does not depend on how their file was sorted."""
    return sorted(findings, key=lambda finding: (finding.paper, finding.finding_id))


def fit_pipeline(table: TrainingTable, penalty: float = PENALTY) -> Pipeline:
    """The regression on one table; `penalty` is the prior variance of a weight at width 1."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    columns = DictVectorizer(sparse=False)
    regression = LogisticRegression(C=penalty, solver="newton-cholesky", max_iter=200, tol=1e-8)
    with one_thread():
        regression.fit(columns.fit_transform(table.features), table.truth, sample_weight=table.weights)
    return Pipeline([("columns", columns), ("regression", regression)])


def fit_posterior(pipeline: Pipeline, table: TrainingTable) -> LaplacePosterior:
    """The posterior of the coefficients of a regression that was fitted to a table."""
    with one_thread():
        values, probability = pipeline[0].transform(table.features), pipeline.predict_proba(table.features)[:, 1]
        names = list(map(str, pipeline[0].get_feature_names_out()))
        return LaplacePosterior.of_fit(names, values, probability, table.weights, pipeline[-1].C)


def left_out_log_odds(
    table: TrainingTable, seed: Sequence[int], folds: int = INNER_FOLDS, fit: Fit = fit_pipeline
) -> Floats:
    """The score of every row by a fit on folds that left its paper out, shape (rows,)."""
    scores = np.empty(len(table.truth))
    for train, test in train_and_test(paper_folds(table.papers, table.truth.tolist(), folds, seed)):
        scores[test] = raw_log_odds(fit(table.rows(train)), table.rows(test))
    return scores


def raw_log_odds(fitted: ScoringModel, table: TrainingTable) -> Floats:
    """The uncalibrated score of every row of a table, shape (rows,)."""
    with one_thread():
        return fitted.decision_function(table.features)


def raw_contributions(pipeline: Pipeline, table: TrainingTable) -> dict[str, Floats]:
    """What each field adds to the uncalibrated score of every row, with the baseline; together they are the score."""
    columns: dict[str, list[int]] = {}
    for position, name in enumerate(pipeline[0].get_feature_names_out()):
        columns.setdefault(str(name).partition(":")[0], []).append(position)
    values, weights = pipeline[0].transform(table.features), pipeline[-1].coef_[0]
    baseline = np.full(len(table.truth), float(pipeline[-1].intercept_[0]))
    with one_thread():
        return {"baseline": baseline, **{field: values[:, own] @ weights[own] for field, own in columns.items()}}


@dataclass(frozen=True)
class Calibration:
    """What scores of left-out papers tell about a fit: the slope of its log-odds, and conformal sets on the calibrated scale.

    `left_out` has the calibrated score of every row, the mean over repeats.
    """

    slope: float
    sets: MondrianClassifier
    left_out: Floats

    def log_odds(self, raw: Floats) -> Floats:
        """Scores of the fit on the calibrated scale."""
        return self.slope * raw


def calibrate(table: TrainingTable, seeds: Sequence[Sequence[int]], fit: Fit = fit_pipeline) -> Calibration:
    """Calibration on left-out papers, one repeat of the folds for each seed.

    The slope is the likeliest one (temperature scaling, doi:10.48550/arXiv.1706.04599); a shift would move the call at even
    odds and did not help on papers left out.
    """
    from scipy.optimize import minimize_scalar

    scores = np.array([left_out_log_odds(table, seed, fit=fit) for seed in seeds])

    def loss(slope: float) -> float:
        return float((table.weights * (np.logaddexp(0, slope * scores) - slope * scores * table.truth)).sum())

    slope = float(minimize_scalar(loss, bounds=SLOPE_BOUNDS, method="bounded", options={"xatol": 1e-6}).x)
    log_odds = slope * scores
    groups = {
        label: [
            groups for groups, is_suppressing in zip(table.groups, table.truth, strict=True) if is_suppressing == held
        ]
        for label, held in zip(LABELS, (True, False), strict=True)
    }
    sets = MondrianClassifier(log_odds[:, table.truth], log_odds[:, ~table.truth], groups)
    return Calibration(slope, sets, log_odds.mean(axis=0))


@dataclass(frozen=True)
class CalibratedFit:
    """A fit, the map of its scores to calibrated log-odds, its conformal sets, and half the width of its bands of log-odds (none
    for what has no bands); all from one training part."""

    fitted: ScoringModel
    calibrated: Callable[[Floats], Floats]
    sets: MondrianClassifier
    half_width: Callable[[Mapping[str, float]], float] = lambda features: 0.0
