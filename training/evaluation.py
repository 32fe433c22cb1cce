"""How good a model is on papers that it never saw: repeated grouped folds beside baselines, and figures on a given file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit

from models.errors import SeenPapersError
from models.features import Features
from models.scorer import Scorer
from models.summary import UNDETERMINED
from training import metrics
from training.baselines import BASELINES
from training.findings import Finding, paper_weights
from training.fit import Table, calibrate, canonical_order, fit_pipeline, raw_log_odds
from training.splits import paper_folds, train_and_test

Floats = NDArray[np.float64]

REPEATS = 10
FOLDS = 5
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of merit of one set of predictions. Papers weigh equal, except in the within-stratum figures, which count
    pairs. NaN where a figure is not defined or was not measured."""

    auroc: float
    within_stratum_auroc: float
    within_stratum_auroc_named: float
    mcc: float
    brier: float
    log_loss: float
    ece: float
    coverage_suppressing: float = float("nan")
    coverage_promoting: float = float("nan")
    singletons: float = float("nan")

    def as_dict(self) -> dict[str, float | None]:
        """The figures by name, None for those that are not defined: ready for JSON."""
        return {name: None if np.isnan(value) else value for name, value in asdict(self).items()}


FIGURES = tuple(one.name for one in fields(Figures))


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the repeats: its mean, and the 5th and 95th percentile."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class CrossValidation:
    """Figures of the model and of every baseline over the same repeated folds, grouped by paper."""

    repeats: int
    folds: int
    findings: int
    papers: int
    of: dict[str, dict[str, Spread]]

    def as_dict(self) -> dict[str, object]:
        """The whole table, ready for JSON."""
        return {
            "protocol": f"{self.repeats} x {self.folds} folds grouped by paper",
            "findings": self.findings,
            "papers": self.papers,
            "figures": {
                name: {figure: None if np.isnan(spread.mean) else asdict(spread) for figure, spread in of_one.items()}
                for name, of_one in self.of.items()
            },
        }


def figures(
    findings: Sequence[Finding], chance: Floats, in_set: NDArray[np.bool_] | None = None, weights: Floats | None = None
) -> Figures:
    """The figures of `chance`, the probability of suppressing of each finding.

    `in_set`, shape (findings, 2), tells which labels each prediction set holds, suppressing first.
    """
    truth = np.array([finding.suppressing for finding in findings])
    weights = np.array(paper_weights(findings)) if weights is None else weights
    named = np.array([bool(finding.candidate.cargo_name) for finding in findings])
    strata = [metrics.stratum(finding.candidate) for finding in findings]
    named_strata = [key for key, is_named in zip(strata, named, strict=True) if is_named]
    coverage = _coverage(truth, in_set, weights) if in_set is not None else {}
    return Figures(
        auroc=metrics.auroc(truth, chance, weights),
        within_stratum_auroc=metrics.within_stratum_auroc(truth, chance, strata),
        within_stratum_auroc_named=metrics.within_stratum_auroc(truth[named], chance[named], named_strata),
        mcc=metrics.mcc(truth, chance, weights),
        brier=metrics.brier(truth, chance, weights),
        log_loss=metrics.logarithmic_loss(truth, chance, weights),
        ece=metrics.expected_calibration_error(truth, chance, weights),
        **coverage,
    )


def _coverage(truth: NDArray[np.bool_], in_set: NDArray[np.bool_], weights: Floats) -> dict[str, float]:
    def share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        return float(np.average(of[among], weights=weights[among])) if among.any() else float("nan")

    return {
        "coverage_suppressing": share(in_set[:, 0], truth),
        "coverage_promoting": share(in_set[:, 1], ~truth),
        "singletons": share(in_set.sum(axis=1) == 1, np.ones(len(truth), dtype=bool)),
    }


def cross_validate(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    repeats: int = REPEATS,
    folds: int = FOLDS,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> CrossValidation:
    """The model and all baselines on the same folds. The conformal sets of a fold are calibrated inside its training part.

    `progress` is called with the number of repeats done. Raises ValueError where there are fewer papers than folds.
    """
    ordered = canonical_order(findings)
    runs = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_one_repeat)(ordered, features, seed, repeat, folds) for repeat in range(repeats)
    )
    of_repeat = []
    for run in runs:
        of_repeat.append(run)
        progress(len(of_repeat))
    return CrossValidation(
        repeats=repeats,
        folds=folds,
        findings=len(ordered),
        papers=len({finding.paper for finding in ordered}),
        of={
            name: {figure: _spread([getattr(run[name], figure) for run in of_repeat]) for figure in FIGURES}
            for name in (*BASELINES, MODEL)
        },
    )


def _one_repeat(
    findings: Sequence[Finding], features: Features, seed: int, repeat: int, folds: int
) -> dict[str, Figures]:
    table = Table.of(findings, features)
    log_odds = np.empty(len(findings))
    in_set = np.empty((len(findings), 2), dtype=bool)
    chances = {name: np.empty(len(findings)) for name in BASELINES}
    fold_of = paper_folds(table.papers, table.truth.tolist(), folds, (seed, repeat))
    for fold, (train, test) in enumerate(train_and_test(fold_of)):
        seen = table.rows(train)
        calibration = calibrate(seen, [(seed, repeat, fold)])
        log_odds[test] = calibration.slope * raw_log_odds(fit_pipeline(seen), table.rows(test))
        in_set[test] = calibration.sets.contains(log_odds[test])
        train_findings = [findings[row] for row in train]
        for name, baseline in BASELINES.items():
            predict = baseline(train_findings, seen.weights.tolist(), features)
            chances[name][test] = [predict(findings[row]) for row in test]
    of_baselines = {name: figures(findings, chance, weights=table.weights) for name, chance in chances.items()}
    return {**of_baselines, MODEL: figures(findings, expit(log_odds), in_set, table.weights)}


def _spread(values: list[float]) -> Spread:
    low, high = np.percentile(values, [5, 95])
    return Spread(float(np.mean(values)), float(low), float(high))


@dataclass(frozen=True)
class Evaluation:
    """Figures of one model on findings of papers that it never saw."""

    n: int
    papers: int
    figures: Figures
    undetermined: float
    seen_rows: int

    def as_dict(self) -> dict[str, object]:
        """All of it by name, ready for JSON."""
        return {
            "n": self.n,
            "papers": self.papers,
            **self.figures.as_dict(),
            "undetermined": self.undetermined,
            "seen_rows": self.seen_rows,
        }


def evaluate(scorer: Scorer, findings: Sequence[Finding], allow_seen: bool = False) -> Evaluation:
    """The figures of `scorer` on labelled findings.

    Raises SeenPapersError where a finding's paper, by any of its identifiers, is in the model's training data, unless
    `allow_seen`.
    """
    seen = [finding for finding in findings if finding.paper_names & scorer.bundle.model.papers]
    if seen and not allow_seen:
        raise SeenPapersError(sorted({finding.paper for finding in seen}), len(seen))
    scores = [scorer.score_reading(finding.reading) for finding in findings]
    weights = np.array(paper_weights(findings))
    in_set = np.array([[label in score.prediction_set for label in ("suppressing", "promoting")] for score in scores])
    return Evaluation(
        n=len(findings),
        papers=len({finding.paper for finding in findings}),
        figures=figures(findings, np.array([score.probability_suppressing for score in scores]), in_set, weights),
        undetermined=float(np.average([score.label == UNDETERMINED for score in scores], weights=weights)),
        seen_rows=len(seen),
    )
