"""What the model and the baselines say of papers that they were not given: the one place where folds are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.conformal import SIGNIFICANCE, ConformalSets
from models.features import Features
from models.fitted import probabilities
from training.baselines import BASELINES
from training.baselines import MODEL as MODEL
from training.findings import Finding, paper_weights
from training.fit import Fit, Fitted, Table, calibrate, fit_pipeline, raw_contributions, raw_log_odds
from training.metrics import stratum
from training.splits import Split

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Splits that one process works off before it reports.
BATCH = 10


@dataclass(frozen=True)
class Learned:
    """A fit, the map of its scores to calibrated log-odds, and its conformal sets; all from one training part."""

    fitted: Fitted
    calibrated: Callable[[Floats], Floats]
    sets: ConformalSets


Learn = Callable[[Table, tuple[int, ...]], Learned]


def learn(table: Table, seed: tuple[int, ...], fit: Fit = fit_pipeline) -> Learned:
    """The model of one training part; its slope and sets come from folds inside that part, dealt by `seed`."""
    calibration = calibrate(table, [seed], fit)
    return Learned(fit(table), calibration.log_odds, calibration.sets)


@dataclass(frozen=True)
class LeftOut:
    """Predictions on findings whose papers were left out, over repeats of the folds.

    `log_odds` has shape (repeats, findings), `p_values` (repeats, findings, 2) with suppressing first, and `chance` holds
    the probability of suppressing by the model and by each baseline, each of shape (repeats, findings). So do
    `contributions`, where they were asked for: what each field adds to the log-odds.
    """

    findings: tuple[Finding, ...]
    log_odds: Floats
    p_values: Floats
    chance: Mapping[str, Floats]
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
        return np.array(paper_weights(self.findings))

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

    def of(self, chosen: Flags) -> LeftOut:
        """The predictions on some of the findings."""
        return replace(
            self,
            findings=tuple(finding for finding, is_chosen in zip(self.findings, chosen, strict=True) if is_chosen),
            log_odds=self.log_odds[:, chosen],
            p_values=self.p_values[:, chosen],
            chance={name: chance[:, chosen] for name, chance in self.chance.items()},
            contributions={name: added[:, chosen] for name, added in self.contributions.items()},
        )

    def repeat(self, repeat: int) -> LeftOut:
        """The predictions of one repeat."""
        one = slice(repeat, repeat + 1)
        return replace(
            self,
            log_odds=self.log_odds[one],
            p_values=self.p_values[one],
            chance={name: chance[one] for name, chance in self.chance.items()},
            contributions={name: added[one] for name, added in self.contributions.items()},
        )


def leave_out(
    findings: Sequence[Finding],
    features: Features,
    repeats: Sequence[Sequence[Split]],
    learn: Learn = learn,
    table: Table | None = None,
    explained: bool = False,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> LeftOut:
    """The predictions of `repeats`, each a list of splits, on the findings that every repeat leaves out.

    `table` is what the model learns from, by default that of `findings`; `explained` asks for contributions. `progress` is
    called with the number of repeats done. Raises ValueError where a training part cannot be learned from.
    """
    from joblib import Parallel, delayed

    table = table or Table.of(findings, features)
    batches = [
        (repeat, list(splits[first : first + BATCH]))
        for repeat, splits in enumerate(repeats)
        for first in range(0, len(splits), BATCH)
    ]
    runs = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_run)(table, splits, learn, explained) for _, splits in batches
    )
    shape = (len(repeats), len(findings))
    chance = {name: np.full(shape, np.nan) for name in BASELINES}
    for repeat, splits in enumerate(repeats):
        for split in splits:
            for name, values in _baselines(findings, table, split, features):
                chance[name][repeat, split.test] = values
    log_odds, p_values = np.full(shape, np.nan), np.full((*shape, 2), np.nan)
    contributions: dict[str, Floats] = {}
    waiting = [len(range(0, len(splits), BATCH)) for splits in repeats]
    for (repeat, splits), run in zip(batches, runs, strict=True):
        for split, tested in zip(splits, run, strict=True):
            log_odds[repeat, split.test] = tested.log_odds
            p_values[repeat, split.test] = tested.p_values
            for name, added in tested.contributions.items():
                contributions.setdefault(name, np.zeros(shape))[repeat, split.test] = added
        waiting[repeat] -= 1
        if not waiting[repeat]:
            progress(repeat + 1)
    whole = LeftOut(tuple(findings), log_odds, p_values, {**chance, MODEL: probabilities(log_odds)}, contributions)
    everywhere = ~np.isnan(log_odds).any(axis=0)
    return whole if everywhere.all() else whole.of(everywhere)


@dataclass(frozen=True, slots=True)
class _Tested:
    log_odds: Floats
    p_values: Floats
    contributions: dict[str, Floats]


def _run(table: Table, splits: Sequence[Split], learn: Learn, explained: bool) -> list[_Tested]:
    found = []
    for split in splits:
        learned, test = learn(table.rows(split.train), split.seed), table.rows(split.test)
        log_odds = learned.calibrated(raw_log_odds(learned.fitted, test))
        added = raw_contributions(learned.fitted, test) if explained else {}
        contributions = {name: learned.calibrated(part) for name, part in added.items()}
        found.append(_Tested(log_odds, learned.sets.p_values(log_odds), contributions))
    return found


def _baselines(
    findings: Sequence[Finding], table: Table, split: Split, features: Features
) -> Iterable[tuple[str, list[float]]]:
    known = [findings[row] for row in split.train]
    weights = table.weights[split.train].tolist()
    for name, baseline in BASELINES.items():
        predict = baseline(known, weights, features)
        yield name, [predict(findings[row]) for row in split.test]
