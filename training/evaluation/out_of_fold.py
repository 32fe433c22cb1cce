"""What the model and the baselines predict of papers that they were not fitted on: the one place where folds are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import NamedTuple

import numpy as np

from models.arrays import Flags, Floats
from models.estimator.conformal import SIGNIFICANCE, members_of
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel, probabilities
from training.data.findings import Finding, paper_weights
from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.metrics import stratum
from training.fit import CalibratedFit, Fit, TrainingTable, calibrate, raw_contributions, raw_log_odds
from training.splits import Split

FitCalibrated = Callable[[TrainingTable, tuple[int, ...]], CalibratedFit]


def fit_calibrated(table: TrainingTable, seed: tuple[int, ...], fit: Fit | None = None) -> CalibratedFit:
    """The model of one training part, or what another `fit` makes of it, without bands; slope and sets come from folds inside
    that part, dealt by `seed`."""
    if fit is None:
        # scikit-learn is imported where something is learned.
        from training.classifier import ExosomeClassifier

        return ExosomeClassifier(seed=seed, repeats=1).fit_table(table).calibrated_fit
    calibration = calibrate(table, [seed], fit)
    return CalibratedFit(fit(table), calibration.log_odds, calibration.sets)


@dataclass(frozen=True)
class OutOfFold:
    """Predictions on findings whose papers were left out, over repeats of the folds.

    `log_odds` and `half_width` (half the width of its 90 % band) have shape (repeats, findings), `p_values` (repeats, findings,
    2) with suppressing first, and `probability` holds the probability of suppressing by the model and by each baseline,
    each of shape (repeats, findings). So do `contributions`, where they were asked for: what each field adds to the log-odds.
    """

    findings: tuple[Finding, ...]
    log_odds: Floats
    half_width: Floats
    p_values: Floats
    probability: Mapping[str, Floats]
    contributions: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def truth(self) -> Flags:
        """Whether each finding suppressed the tumour."""
        return np.array([finding.suppressing for finding in self.findings], dtype=bool)

    @cached_property
    def papers(self) -> list[str]:
        """The paper of each finding."""
        return [finding.paper for finding in self.findings]

    @cached_property
    def weights(self) -> Floats:
        """Weights under which every paper counts the same."""
        return np.array(paper_weights(self.papers))

    @cached_property
    def named(self) -> Flags:
        """Whether each finding names its cargo."""
        return np.array([bool(finding.candidate.cargo_name) for finding in self.findings], dtype=bool)

    @cached_property
    def strata(self) -> list[tuple[str, str, str]]:
        """The stratum of each finding."""
        return [stratum(finding.candidate) for finding in self.findings]

    def in_set(self, significance: float = SIGNIFICANCE) -> Flags:
        """Which labels the prediction sets hold at a significance, shape (repeats, findings, 2), suppressing first."""
        held: Flags = self.p_values > significance
        return held

    @cached_property
    def determined(self) -> Flags:
        """Which would be called, neither papers on the very vesicle nor unknown words being in the way, shape (repeats,
        findings)."""
        suppressing, promoting = np.moveaxis(self.in_set(), 2, 0)
        is_suppressing = suppressing & ~promoting & (self.log_odds - self.half_width > 0.0)
        is_promoting = promoting & ~suppressing & (self.log_odds + self.half_width < 0.0)
        called: Flags = is_suppressing | is_promoting
        return called

    @cached_property
    def right(self) -> Flags:
        """Whether each is on the right side of even, shape (repeats, findings)."""
        on_side: Flags = (self.log_odds > 0.0) == self.truth
        return on_side

    def subset(self, rows: Flags) -> OutOfFold:
        """The predictions on some of the findings."""
        return self._take(tuple(compress(self.findings, rows)), lambda values: values[:, rows])

    def repeat(self, repeat: int) -> OutOfFold:
        """The predictions of one repeat."""
        return self._take(self.findings, lambda values: values[repeat : repeat + 1])

    def _take(self, findings: tuple[Finding, ...], take: Callable[[Floats], Floats]) -> OutOfFold:
        return OutOfFold(
            findings,
            take(self.log_odds),
            take(self.half_width),
            take(self.p_values),
            {name: take(values) for name, values in self.probability.items()},
            {name: take(values) for name, values in self.contributions.items()},
        )


def predict(model: FittedModel, findings: Sequence[Finding], features: Features) -> OutOfFold:
    """What a fitted model says of findings, as one repeat without baselines."""
    table = TrainingTable.from_findings(findings, features)
    log_odds = np.array([[model.log_odds(each).total for each in table.features]])
    half_width = np.array([[model.slope * model.band.interval_half_width(each) for each in table.features]])
    p_values = model.sets.p_values(log_odds[0], members_of(table.groups))[None]
    return OutOfFold(tuple(findings), log_odds, half_width, p_values, {MODEL: probabilities(log_odds)})


def cross_val_predict(
    findings: Sequence[Finding],
    features: Features,
    repeats: Sequence[Sequence[Split]],
    fit_calibrated: FitCalibrated = fit_calibrated,
    table: TrainingTable | None = None,
    with_contributions: bool = False,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> OutOfFold:
    """The predictions of `repeats`, each a list of splits, on the findings that every repeat leaves out.

    `table` is what the model learns from, by default that of `findings`. `progress` is called with the number of repeats
    done. Raises ValueError where a training part cannot be learned from.
    """
    from joblib import Parallel, delayed

    table = table or TrainingTable.from_findings(findings, features)
    shape = (len(repeats), len(findings))
    log_odds, half_width, p_values = np.full(shape, np.nan), np.full(shape, np.nan), np.full((*shape, 2), np.nan)
    probability = {name: np.full(shape, np.nan) for name in BASELINES}
    contributions: dict[str, Floats] = {}
    predicted = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_predict_split)(table, split, fit_calibrated, with_contributions)
        for splits in repeats
        for split in splits
    )
    for repeat, splits in enumerate(repeats):
        for split in splits:
            predictions = next(predicted)
            log_odds[repeat, split.test], half_width[repeat, split.test] = predictions.log_odds, predictions.half_width
            p_values[repeat, split.test] = predictions.p_values
            for name, added in predictions.contributions.items():
                contributions.setdefault(name, np.zeros(shape))[repeat, split.test] = added
            known, weights = [findings[row] for row in split.train], table.weights[split.train].tolist()
            for name, baseline in BASELINES.items():
                predict_baseline = baseline(known, weights, features)
                probability[name][repeat, split.test] = [predict_baseline(findings[row]) for row in split.test]
        progress(repeat + 1)
    probability[MODEL] = probabilities(log_odds)
    whole = OutOfFold(tuple(findings), log_odds, half_width, p_values, probability, contributions)
    everywhere = ~np.isnan(log_odds).any(axis=0)
    return whole if everywhere.all() else whole.subset(everywhere)


class _SplitPredictions(NamedTuple):
    log_odds: Floats
    half_width: Floats
    p_values: Floats
    contributions: dict[str, Floats]


def _predict_split(
    table: TrainingTable, split: Split, fit_calibrated: FitCalibrated, with_contributions: bool
) -> _SplitPredictions:
    """What is predicted of the findings that a split leaves out, with contributions only if they are wanted."""
    model, test = fit_calibrated(table.rows(split.train), split.seed), table.rows(split.test)
    log_odds = model.calibrated(raw_log_odds(model.fitted, test))
    added = raw_contributions(model.fitted, test) if with_contributions else {}
    contributions = {name: model.calibrated(part) for name, part in added.items()}
    half_width = np.array(list(map(model.half_width, test.features)))
    p_values = model.sets.p_values(log_odds, members_of(test.groups))
    return _SplitPredictions(log_odds, half_width, p_values, contributions)
