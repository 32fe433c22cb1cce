"""The gate before a new model serves: challenger against champion on the same papers, with a margin and paired intervals.

Both are made anew on the same folds, each from its own findings, so that what is compared is what each data set teaches. A
challenger passes that is not worse than the champion by more than the margin, as far as the interval can tell (a test of
non-inferiority: Wellek 2010, doi:10.1201/EBK1439808184), and whose prediction sets keep their promise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.errors import CandidateError
from models.features import Features
from models.fitted import FittedModel, probabilities
from training.bootstrap import MIN_PAPERS, RESAMPLES, Measured, interval, paper_counts, resampled
from training.evaluation import FOLDS, REPEATS, grouped_splits
from training.findings import Finding
from training.fit import Table, canonical_order
from training.left_out import MODEL, LeftOut, leave_out

Floats = NDArray[np.float64]

# In nats of log loss: what a model may be worse by before anyone could care. Averaged over candidates it is what a
# probability of 0.90 loses against one of 0.918.
MARGIN = 0.02
# Coverage wanted is 0.90; below this the sets no longer mean what they say.
MIN_COVERAGE = 0.85
JUDGED = "log_loss"
SHOWN = ("log_loss", "brier", "auroc", "within_stratum_auroc", "within_stratum_auroc_named", "mcc")
COVERAGE = ("coverage_suppressing", "coverage_promoting")


@dataclass(frozen=True)
class Trial:
    """Challenger and champion on the same findings. `difference` is challenger minus champion, with its paired interval."""

    findings: int
    papers: int
    challenger: dict[str, float]
    champion: dict[str, float]
    difference: dict[str, Measured]

    def as_dict(self) -> dict[str, object]:
        """The trial ready for JSON, None where a figure is not defined."""
        return {
            "findings": self.findings,
            "papers": self.papers,
            "challenger": {name: None if np.isnan(value) else value for name, value in self.challenger.items()},
            "champion": {name: None if np.isnan(value) else value for name, value in self.champion.items()},
            "difference": {name: measured.as_dict() for name, measured in self.difference.items()},
        }


@dataclass(frozen=True)
class Verdict:
    """What the gate says: whether it recommends promotion, why in words, and the figures behind the words.

    `on_folds` is the trial on all findings of the challenger, `shared` that on those which the champion learned from too:
    new findings must not spoil what was known. Both are None where the two learned from the same findings, `held_out` where
    none were held out.
    """

    recommends: bool
    says: tuple[str, ...]
    on_folds: Trial | None
    shared: Trial | None
    held_out: Trial | None

    def as_dict(self) -> dict[str, object]:
        """The verdict ready for JSON."""
        return {
            "recommends": self.recommends,
            "says": list(self.says),
            "margin": MARGIN,
            "on_folds": self.on_folds.as_dict() if self.on_folds else None,
            "shared": self.shared.as_dict() if self.shared else None,
            "held_out": self.held_out.as_dict() if self.held_out else None,
        }


def judge(
    challenger: FittedModel,
    champion: FittedModel,
    findings: Sequence[Finding],
    features: Features,
    held_out: Sequence[Finding] = (),
    seed: int = 0,
    repeats: int = REPEATS,
    resamples: int = RESAMPLES,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> Verdict:
    """Judges a challenger, trained on `findings`, against the champion.

    `held_out` are findings kept from both; those of papers that either has seen are left out of the trial. `progress` is
    called with the number of repeats done, of twice `repeats`.
    """
    reasons: list[str] = []
    worries: list[str] = []
    on_folds, shared = _on_folds(champion, findings, features, seed, repeats, resamples, jobs, progress)
    if on_folds is None:
        reasons.append("both models learned from the same findings, so folds cannot tell them apart")
    else:
        _weigh("on the same folds", on_folds, reasons, worries)
        if shared is not None:
            _weigh("on the findings among them that both learned from", shared, reasons, worries)
        worries += [
            f"its sets hold the {name.removeprefix('coverage_')} label for only {on_folds.challenger[name]:.2f} of such "
            f"findings, where 0.90 is promised"
            for name in COVERAGE
            if on_folds.challenger[name] < MIN_COVERAGE
        ]
    unseen = [one for one in held_out if not one.paper_names & (challenger.papers | champion.papers)]
    trial = _on_held_out(challenger, champion, unseen, features, seed, resamples) if unseen else None
    if trial is None:
        reasons.append("there are no held-out findings of papers that neither has seen")
    elif trial.papers < MIN_PAPERS:
        reasons.append(
            f"on {trial.findings} held-out findings the log loss is {trial.challenger[JUDGED]:.3f}, the current model's "
            f"{trial.champion[JUDGED]:.3f}; {trial.papers} papers are too few for an interval"
        )
    else:
        _weigh("on held-out findings that neither has seen", trial, reasons, worries)
    verdict = "promotion is not recommended" if worries else "promotion is recommended"
    return Verdict(not worries, (verdict, *worries, *reasons), on_folds, shared, trial)


def _weigh(where: str, trial: Trial, reasons: list[str], worries: list[str]) -> None:
    more = trial.difference[JUDGED]
    low, high = more.interval
    told = (
        f"{where} ({trial.findings} findings of {trial.papers} papers) its log loss is {trial.challenger[JUDGED]:.3f}, the "
        f"current model's {trial.champion[JUDGED]:.3f}: {abs(more.mean):.3f} {'higher' if more.mean > 0 else 'lower'} "
        f"(95 % of papers drawn anew: {low:+.3f} to {high:+.3f})"
    )
    if np.isnan(high):
        worries.append(f"{told}; there are too few papers for an interval")
    elif high > MARGIN:
        worries.append(f"{told}, so it may be worse by more than the margin of {MARGIN}")
    elif high < 0:
        reasons.append(f"{told}, so it is better")
    else:
        reasons.append(f"{told}, so it is not worse by more than the margin of {MARGIN}")


def _on_folds(
    champion: FittedModel,
    findings: Sequence[Finding],
    features: Features,
    seed: int,
    repeats: int,
    resamples: int,
    jobs: int,
    progress: Callable[[int], None],
) -> tuple[Trial | None, Trial | None]:
    """Both on folds of the challenger's findings, which are what is held to be true now, and of those that both have."""
    known = findings_of(champion, features)
    own = {_content(one) for one in findings}
    before = {_content(one) for one in known}
    if own == before:
        return None, None
    every = canonical_order([*findings, *(one for one in known if _content(one) not in own)])
    is_own = np.array([_content(one) in own for one in every])
    was_known = np.array([_content(one) in before for one in every])
    splits = grouped_splits(every, seed, repeats, FOLDS)
    table = Table.of(every, features)

    def left_out(learns_from: NDArray[np.bool_], begun: int) -> LeftOut:
        chosen = [
            [
                replace(split, train=split.train[learns_from[split.train]], test=split.test[is_own[split.test]])
                for split in of_repeat
            ]
            for of_repeat in splits
        ]
        return leave_out(every, features, chosen, table=table, jobs=jobs, progress=lambda done: progress(begun + done))

    of_challenger, of_champion = left_out(is_own, 0), left_out(was_known, repeats)
    of_both = np.array([_content(one) in before for one in of_challenger.findings])
    shared = _trial(of_challenger.of(of_both), of_champion.of(of_both), seed, resamples) if of_both.any() else None
    return _trial(of_challenger, of_champion, seed, resamples), shared


def _on_held_out(
    challenger: FittedModel,
    champion: FittedModel,
    held_out: Sequence[Finding],
    features: Features,
    seed: int,
    resamples: int,
) -> Trial:
    ordered = canonical_order(held_out)
    said = [features.of(one.reading) for one in ordered]

    def predictions(model: FittedModel) -> LeftOut:
        log_odds = np.array([[model.log_odds(one).total for one in said]])
        return LeftOut(
            tuple(ordered), log_odds, model.sets.p_values(log_odds[0])[None], {MODEL: probabilities(log_odds)}
        )

    return _trial(predictions(challenger), predictions(champion), seed, resamples)


def _trial(challenger: LeftOut, champion: LeftOut, seed: int, resamples: int) -> Trial:
    papers = len(set(challenger.papers))
    counts = paper_counts(challenger.papers, seed, resamples if papers >= MIN_PAPERS else 0)
    once = np.ones((1, len(challenger.findings)))
    challenged, held = (
        {name: float(found[0]) for name, found in resampled(one, MODEL, once).items()} for one in (challenger, champion)
    )
    drawn = [resampled(one, MODEL, counts) for one in (challenger, champion)]
    difference = {}
    for name in (*SHOWN, *COVERAGE):
        more = challenged[name] - held[name]
        difference[name] = Measured(more, interval=interval(more, drawn[0][name] - drawn[1][name]))
    return Trial(len(challenger.findings), papers, challenged, held, difference)


def _content(finding: Finding) -> tuple[str, str, str]:
    return finding.paper, repr(finding.candidate.stated()), finding.effect


def findings_of(model: FittedModel, features: Features) -> list[Finding]:
    """What a model learned from, as far as today's words still name it."""
    found = []
    for one in model.evidence:
        try:
            reading = features.reader.read(one.candidate, named=False)
        except CandidateError:
            continue
        found.append(Finding(one.finding_id, one.paper, reading, one.effect, one.observed, one.citation))
    return found
