"""What the tests of training share: made-up predictions, and one small run of everything that is reported."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.out_of_fold import OutOfFold
from training.fit import canonical_order
from training.pipeline import train_model

MakeUp = Callable[..., OutOfFold]


@pytest.fixture(scope="session")
def make_up(corpus: tuple[Finding, ...]) -> MakeUp:
    """Predictions on the corpus that lean towards the truth by chance, rounded so that there are ties."""

    def of(seed: int = 0, repeats: int = 3, findings: tuple[Finding, ...] = corpus) -> OutOfFold:
        random = np.random.default_rng(seed)
        truth = np.array([finding.suppressing for finding in findings])
        shape = (repeats, len(findings))
        log_odds = (random.normal(size=shape) + np.where(truth, 1.0, -1.0)).round(1)
        probability = {name: random.random(shape).round(2) for name in BASELINES}
        p_values = np.stack([expit(log_odds + 1.0), expit(1.0 - log_odds)], axis=2)
        return OutOfFold(
            tuple(findings), log_odds, np.full(shape, 0.5), p_values, {**probability, MODEL: expit(log_odds)}
        )

    return of


@pytest.fixture(scope="session")
def half(corpus: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings of every second paper: enough for every figure, and quick."""
    papers = sorted({finding.paper for finding in corpus})[::2]
    return tuple(finding for finding in corpus if finding.paper in papers)


@pytest.fixture(scope="session")
def thorough(half: tuple[Finding, ...], features: Features) -> tuple[Bundle, Assessment]:
    """A model with its whole assessment, on one repeat of the folds."""
    return train_model(half, features, EvaluationPlan(repeats=1, jobs=1), with_shifts=True)


@pytest.fixture(scope="session")
def ordered(corpus: tuple[Finding, ...]) -> list[Finding]:
    return canonical_order(corpus)
