"""The curves behind the figures, from the same left-out predictions: ROC, reliability, coverage, and the probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import BINS, SHARE, Measured, interval, share
from training.fit import one_thread
from training.left_out import MODEL, LeftOut

Floats = NDArray[np.float64]

# The significances at which sets are tried, from nearly certain to a coin's; the coverage promised is one minus that.
SIGNIFICANCES = (0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
HISTOGRAM_BINS = 20
SIMULATIONS = 2000


@dataclass(frozen=True)
class Roc:
    """The vertices of a ROC curve, papers weighing equal, averaged over repeats at each false positive rate.

    The area under it is the mean AUROC over the repeats.
    """

    false_positive: Floats
    true_positive: Floats

    @property
    def area(self) -> float:
        """The area under the curve."""
        return float(np.trapezoid(self.true_positive, self.false_positive))


def roc(left_out: LeftOut, name: str) -> Roc:
    """The ROC curve of the model or a baseline; both effects must be among the findings."""
    from sklearn.metrics import roc_curve

    curves: list[tuple[Floats, Floats]] = [
        roc_curve(left_out.truth, chance, sample_weight=left_out.weights, drop_intermediate=False)[:2]
        for chance in left_out.chance[name]
    ]
    at = np.unique(np.concatenate([false_positive for false_positive, _ in curves]))
    # A curve may climb straight up at a rate: there it has a value below and one above.
    below = np.mean([_value(x, y, at, "left") for x, y in curves], axis=0)
    above = np.mean([_value(x, y, at, "right") for x, y in curves], axis=0)
    return Roc(np.repeat(at, 2), np.column_stack([below, above]).ravel())


def _value(x: Floats, y: Floats, at: Floats, side: Literal["left", "right"]) -> Floats:
    """The value of a rising polygon at `at`, on the lower (`left`) or upper (`right`) end of a climb."""
    place = np.searchsorted(x, at, side=side)
    before, after = np.maximum(place - 1, 0), np.minimum(place, len(x) - 1)
    on = after if side == "left" else before
    width = x[after] - x[before]
    along = np.divide(at - x[before], width, out=np.zeros_like(at), where=width > 0)
    found: Floats = np.where(x[on] == at, y[on], y[before] + along * (y[after] - y[before]))
    return found


@dataclass(frozen=True)
class Bin:
    """The findings whose probability is within `low` and `high`: the mean that was stated, the share that did suppress
    (with its interval), and how many findings they are, on the average over repeats."""

    low: float
    high: float
    stated: float
    observed: Measured
    findings: float

    def as_dict(self) -> dict[str, object]:
        """The bin ready for JSON."""
        return {
            "low": self.low,
            "high": self.high,
            "stated": self.stated,
            "observed": self.observed.as_dict(),
            "findings": self.findings,
        }


def reliability(left_out: LeftOut, counts: Floats) -> list[Bin]:
    """What was stated and what was observed in each filled bin of the probability, papers weighing equal, all repeats
    together; intervals from the bootstrap over papers (`counts`)."""
    chance = left_out.chance[MODEL]
    in_bin = np.minimum((chance * BINS).astype(int), BINS - 1)
    weights = counts * left_out.weights
    found = []
    for number in range(BINS):
        often = (in_bin == number).mean(axis=0)
        if not often.any():
            continue
        stated = (chance * (in_bin == number)).mean(axis=0)
        with one_thread():
            once, drawn = (
                _ratio(often * left_out.truth, often, weight) for weight in (left_out.weights[None, :], weights)
            )
        found.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                stated=float(left_out.weights @ stated / (left_out.weights @ often)),
                observed=_measured(once, drawn),
                findings=float(often.sum()),
            )
        )
    return found


def _ratio(of: Floats, among: Floats, weight: Floats) -> Floats:
    """The weighted sum of `of` over that of `among` for each row of `weight`; NaN where there is none."""
    total = weight @ among
    found = np.divide(weight @ of, total, out=np.full(len(total), np.nan), where=total > 1e-12)
    within: Floats = np.clip(found, *SHARE)
    return within


def error_if_calibrated(left_out: LeftOut, seed: int, simulations: int = SIMULATIONS) -> tuple[float, float]:
    """The calibration error that the same probabilities would show were they exactly right: its mean, and what 95 % of
    the simulations stay below.

    Binning few findings shows an error where there is none; outcomes drawn from the probabilities tell how much (Bröcker
    and Smith 2007, doi:10.1175/WAF993.1).
    """
    chance = left_out.chance[MODEL]
    drawn = np.random.default_rng([seed, len(left_out.findings)]).random((simulations, chance.shape[1]))
    outcome = drawn < chance.mean(axis=0)
    error = np.zeros(simulations)
    with one_thread():
        for repeat in chance:
            in_bin = np.minimum((repeat * BINS).astype(int), BINS - 1)[:, None] == np.arange(BINS)
            error += np.abs(((outcome - repeat) * left_out.weights) @ in_bin).sum(axis=1)
    error /= len(chance) * left_out.weights.sum()
    return float(error.mean()), float(np.quantile(error, 0.95))


@dataclass(frozen=True)
class Coverage:
    """How often prediction sets of one level hold the effect that was found, by effect, and how large they are."""

    level: float
    suppressing: Measured
    promoting: Measured
    singletons: float
    empty: float

    def as_dict(self) -> dict[str, object]:
        """The level ready for JSON."""
        return {
            "level": self.level,
            "suppressing": self.suppressing.as_dict(),
            "promoting": self.promoting.as_dict(),
            "singletons": self.singletons,
            "empty": self.empty,
        }


def coverage(left_out: LeftOut, counts: Floats) -> list[Coverage]:
    """The coverage of the sets over a range of levels, papers weighing equal, with intervals from the bootstrap."""
    once, drawn = left_out.weights[None, :], counts * left_out.weights
    every = np.ones(len(left_out.findings), dtype=bool)
    found = []
    for significance in SIGNIFICANCES:
        in_set = left_out.in_set(significance)
        size = in_set.sum(axis=2)
        with one_thread():
            suppressing, promoting = (
                _measured(*(share(in_set[:, :, label].mean(axis=0), among, weight) for weight in (once, drawn)))
                for label, among in enumerate((left_out.truth, ~left_out.truth))
            )
            single, none = (float(share((size == of_size).mean(axis=0), every, once)[0]) for of_size in (1, 0))
        found.append(Coverage(round(1.0 - significance, 2), suppressing, promoting, single, none))
    return found


def _measured(once: Floats, drawn: Floats) -> Measured:
    """A share from its value over all papers, shape (1,), and its values under the resamples."""
    return Measured(float(once[0]), interval=interval(float(once[0]), drawn, SHARE))


def histogram(left_out: LeftOut) -> dict[str, list[float]]:
    """How many findings of each effect have a probability in each of the equal bins, on the average over repeats."""
    edges = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
    chance = left_out.chance[MODEL]
    return {
        effect: (np.histogram(chance[:, among], edges)[0] / len(chance)).tolist()
        for effect, among in (("suppressing", left_out.truth), ("promoting", ~left_out.truth))
    }
