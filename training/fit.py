"""Fits the model: an additive logistic regression in which every paper weighs the same.

scikit-learn and SciPy are imported by the functions that use them, here and elsewhere: a service that only scores starts in a
third of the time without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.arrays import Flags, Floats, Rows, one_thread
from models.estimator.applicability import Support
from models.estimator.conformal import LABELS, Groups, MondrianClassifier, groups_of
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel, calibrated
from models.estimator.posterior import LaplacePosterior
from models.evidence.evidence import Evidence
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
        return cls(
            [features.of(finding.reading) for finding in findings],
            np.array([finding.suppressing for finding in findings]),
            [finding.paper for finding in findings],
            np.array(paper_weights(findings)),
            [groups_of(finding.candidate.source_cell, finding.candidate.cargo_state) for finding in findings],
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

    pipeline = Pipeline(
        [
            ("columns", DictVectorizer(sparse=False)),
            ("regression", LogisticRegression(C=penalty, solver="newton-cholesky", max_iter=200, tol=1e-8)),
        ]
    )
    with one_thread():
        return pipeline.fit(table.features, table.truth, regression__sample_weight=table.weights)


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


def fit(findings: Sequence[Finding], features: Features, seed: int = 0, repeats: int = 10) -> FittedModel:
    """The model of all `findings`, the same for any order of them.

    Raises ValueError where there are too few papers for the folds, or findings of one effect only.
    """
    ordered = canonical_order(findings)
    table = TrainingTable.from_findings(ordered, features)
    if table.truth.all() or not table.truth.any():
        raise ValueError("A model needs findings of both effects")
    pipeline = fit_pipeline(table)
    calibration = calibrate(table, [(seed, repeat) for repeat in range(repeats)])
    weights, baseline = calibrated(pipeline, calibration.slope)
    return FittedModel(
        weights=weights,
        baseline=baseline,
        slope=calibration.slope,
        band=fit_posterior(pipeline, table),
        sets=calibration.sets,
        support=Support.over(("" if finding.of_lab else finding.paper, finding.reading) for finding in ordered),
        papers=frozenset().union(*(finding.paper_names for finding in ordered)),
        evidence=tuple(map(_evidence, ordered, calibration.left_out.tolist())),
        pipeline_loader=lambda: pipeline,
    )


def _evidence(finding: Finding, left_out: float) -> Evidence:
    return Evidence(
        finding.finding_id,
        finding.paper,
        finding.candidate.to_dict(),
        finding.effect,
        {name: text for name, text in finding.observed.items() if text},
        {name: text for name, text in finding.citation.items() if text},
        left_out,
        finding.origin,
    )
