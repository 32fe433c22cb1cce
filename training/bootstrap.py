"""How far a figure could differ had other papers been curated: a bootstrap that draws papers, not rows.

The findings of one paper are not independent, so papers are the clusters that are drawn with replacement (Field and Welsh
2007, doi:10.1111/j.1467-9868.2007.00593.x); a finding counts as often as its paper was drawn, and a pair as often as the
product of both. The left-out predictions stay what they are: the interval is about the papers judged, not about those
learned from. All figures are sums over findings or pairs, so that all resamples are found by one product of matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.fit import one_thread
from training.left_out import MODEL, LeftOut
from training.metrics import MIN_PAIRS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 2000
LEVEL = 0.95
BINS = 10
# What a figure can be: all are shares but these.
LIMITS = {"mcc": (-1.0, 1.0), "log_loss": (0.0, np.inf)}
SHARE = (0.0, 1.0)
# Where a figure is not defined in more than this share of the resamples, no interval is given.
UNDEFINED = 0.05
# With fewer papers than this an interval would be made of too few different ones.
MIN_PAPERS = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure: its mean over the repeats, the 5th and 95th percentile over them, and the 95 % interval of the bootstrap
    over papers. NaN where it is not defined."""

    mean: float
    low: float = float("nan")
    high: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))

    @property
    def defined(self) -> bool:
        """Whether there is a figure at all."""
        return not np.isnan(self.mean)

    def as_dict(self) -> dict[str, object] | None:
        """The figure ready for JSON; None where it is not defined, and without what it does not have."""
        if not self.defined:
            return None
        spread = {} if np.isnan(self.low) else {"low": self.low, "high": self.high}
        return {"mean": self.mean, **spread, "interval": None if np.isnan(self.interval[0]) else list(self.interval)}


def paper_counts(papers: Sequence[str], seed: int, resamples: int = RESAMPLES) -> Floats:
    """How often each row's paper is drawn in each resample, shape (resamples, rows); the same for any order of the rows."""
    every = sorted(set(papers))
    position = {paper: place for place, paper in enumerate(every)}
    drawn = np.random.default_rng([seed, len(every)]).multinomial(
        len(every), np.full(len(every), 1.0 / len(every)), size=resamples
    )
    return drawn[:, [position[paper] for paper in papers]].astype(np.float64)


def interval(
    estimate: float, resampled: Floats, limits: tuple[float, float] = (-np.inf, np.inf), level: float = LEVEL
) -> tuple[float, float]:
    """The percentile interval of a figure from its resamples, less their median bias and within the figure's `limits`.

    Resampling makes some figures larger by itself (the calibration error most); the bias that this shows is taken off, as
    for any bootstrap estimate (Efron and Tibshirani 1993, doi:10.1201/9780429246593, chapter 10), so that the interval
    always holds the estimate. NaN where the figure is undefined in too many resamples.
    """
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(estimate) or len(defined) <= (1.0 - UNDEFINED) * len(resampled):
        return float("nan"), float("nan")
    low, middle, high = np.quantile(defined, [0.5 - 0.5 * level, 0.5, 0.5 + 0.5 * level])
    low, high = np.clip([estimate - (middle - low), estimate + (high - middle)], *limits)
    return float(low), float(high)


def resampled(left_out: LeftOut, name: str, counts: Floats) -> dict[str, Floats]:
    """Every figure of `training.metrics`, the mean over repeats, under each row of `counts` (resamples, findings).

    `counts` of one row of ones gives the figures of the findings as they are. NaN where a figure is not defined: one
    effect only, fewer than `MIN_PAIRS` pairs within strata, or no sets (the baselines).
    """
    truth, chance = left_out.truth, left_out.chance[name]
    with one_thread():
        weight = counts * left_out.weights
        found = _rankings(left_out, chance, counts, weight)
        found["mcc"] = _mcc(truth, chance, weight)
        found["brier"] = _mean(((chance - truth) ** 2).mean(axis=0), weight)
        safe = np.clip(chance, 1e-15, 1 - 1e-15)
        found["log_loss"] = _mean(-np.log(np.where(truth, safe, 1.0 - safe)).mean(axis=0), weight)
        found["ece"] = _calibration_error(truth, chance, weight)
        found |= _coverage(left_out, weight, name == MODEL)
    return found


def share(of: Floats, among: Flags, weight: Floats) -> Floats:
    """The weighted mean of `of` (findings,) over `among`, for each row of `weight`; NaN where there is no weight."""
    return _mean(of[among], weight[:, among])


def _mean(of: Floats, weight: Floats) -> Floats:
    total = weight.sum(axis=1)
    found = np.divide(weight @ of, total, out=np.full(len(total), np.nan), where=total > 0)
    # Rounding must not carry a mean beyond what it is the mean of.
    within: Floats = np.clip(found, of.min(), of.max()) if len(of) else found
    return within


def _rankings(left_out: LeftOut, chance: Floats, counts: Floats, weight: Floats) -> dict[str, Floats]:
    """Shares of pairs ranked right: of all (papers weighing equal), and of those of one stratum (pairs counting)."""
    high, low = np.flatnonzero(left_out.truth), np.flatnonzero(~left_out.truth)
    concordance = np.zeros((len(high), len(low)))
    for repeat in chance:
        difference = repeat[high][:, None] - repeat[low][None, :]
        concordance += (difference > 0) + 0.5 * (difference == 0)
    concordance /= len(chance)
    strata = np.array(_numbered(left_out.strata))
    together = strata[high][:, None] == strata[low][None, :]
    named = left_out.named[high][:, None] & left_out.named[low][None, :]

    def right(weights: Floats, among: Floats, least: int = 1) -> Floats:
        if among.sum() < least:
            return np.full(len(weights), np.nan)
        pairs = ((weights[:, high] @ among) * weights[:, low]).sum(axis=1)
        won = ((weights[:, high] @ (concordance * among)) * weights[:, low]).sum(axis=1)
        found = np.divide(won, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
        within: Floats = np.clip(found, *SHARE)
        return within

    return {
        "auroc": right(weight, np.ones_like(concordance)),
        "within_stratum_auroc": right(counts, together.astype(np.float64), MIN_PAIRS),
        "within_stratum_auroc_named": right(counts, (together & named).astype(np.float64), MIN_PAIRS),
    }


def _numbered(strata: Sequence[tuple[str, str, str]]) -> list[int]:
    number = {stratum: place for place, stratum in enumerate(sorted(set(strata)))}
    return [number[stratum] for stratum in strata]


def _mcc(truth: Flags, chance: Floats, weight: Floats) -> Floats:
    calls = (chance >= 0.5).T.astype(np.float64)
    total, suppressing = weight.sum(axis=1)[:, None], (weight @ truth)[:, None]
    called = weight @ calls
    both = (weight * truth) @ calls
    covariance = both * total - called * suppressing
    spread = np.sqrt(called * (total - called) * suppressing * (total - suppressing))
    of_repeats = np.divide(covariance, spread, out=np.zeros_like(covariance), where=spread > 1e-9)
    one_effect = (suppressing[:, 0] <= 0) | (weight @ ~truth <= 0)
    found: Floats = np.where(one_effect, np.nan, of_repeats.mean(axis=1))
    return found


def _calibration_error(truth: Flags, chance: Floats, weight: Floats) -> Floats:
    error = np.zeros(len(weight))
    for repeat in chance:
        in_bin = np.minimum((repeat * BINS).astype(int), BINS - 1)[:, None] == np.arange(BINS)
        error += np.abs(weight @ (in_bin * (repeat - truth)[:, None])).sum(axis=1)
    total = weight.sum(axis=1) * len(chance)
    found: Floats = np.divide(error, total, out=np.full(len(total), np.nan), where=total > 0)
    return found


def _coverage(left_out: LeftOut, weight: Floats, has_sets: bool) -> dict[str, Floats]:
    truth, every = left_out.truth, np.ones(len(left_out.truth), dtype=bool)
    if not has_sets:
        return {
            name: np.full(len(weight), np.nan) for name in ("coverage_suppressing", "coverage_promoting", "singletons")
        }
    in_set = left_out.in_set()
    return {
        "coverage_suppressing": share(in_set[:, :, 0].mean(axis=0), truth, weight),
        "coverage_promoting": share(in_set[:, :, 1].mean(axis=0), ~truth, weight),
        "singletons": share((in_set.sum(axis=2) == 1).mean(axis=0), every, weight),
    }
