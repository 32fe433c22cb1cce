"""Metrics of probabilities, under one or many weightings of the findings. `suppressing` is the positive class.

Probabilities have the shape (repeats, findings), weights (weightings, findings); a metric has a value for each weighting, the
mean over the repeats. It is NaN where it is not defined.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Flags, Floats, Rows
from models.candidates.candidate import Candidate
from models.vocabulary.vocabulary import MACROPHAGE_LINEAGE


@dataclass(frozen=True)
class Metric:
    """What a metric is called in tables and charts, and whether a better model has more of it."""

    title: str
    higher_is_better: bool = True


# Every metric that an evaluation measures, by its name in a manifest.
METRICS = {
    "auroc": Metric("AUROC"),
    "within_stratum_auroc": Metric("AUROC within strata"),
    "within_stratum_auroc_named": Metric("within strata, named cargo"),
    "mcc": Metric("MCC"),
    "brier": Metric("Brier", higher_is_better=False),
    "log_loss": Metric("log loss", higher_is_better=False),
    "ece": Metric("calibration error", higher_is_better=False),
    "coverage_suppressing": Metric("coverage, suppressing"),
    "coverage_promoting": Metric("coverage, promoting"),
    "singletons": Metric("sets of one label"),
    "determined": Metric("determined"),
    "accuracy_determined": Metric("right, of those determined"),
}
METRIC_NAMES = tuple(METRICS)
# All metrics are shares but these.
LIMITS = {"mcc": (-1.0, 1.0), "log_loss": (0.0, np.inf)}
SHARE = (0.0, 1.0)
# With fewer pairs than this a share of pairs says nothing.
MIN_PAIRS = 10
BINS = 10


def stratum(candidate: Candidate) -> tuple[str, str, str]:
    """Source cell, phenotype and cargo state: what alone nearly decides the published effect.

    The phenotype counts only for macrophages, monocytes and microglia.
    """
    lineage = candidate.source_cell in MACROPHAGE_LINEAGE
    return candidate.source_cell, candidate.source_phenotype if lineage else "", candidate.cargo_state


def count_pairs(truth: Flags, strata: Sequence[Hashable]) -> int:
    """The pairs of one suppressing and one promoting finding of the same stratum."""
    suppressing = Counter(key for key, is_suppressing in zip(strata, truth, strict=True) if is_suppressing)
    return sum(number * (total - number) for key, total in Counter(strata).items() if (number := suppressing[key]))


def same_stratum(truth: Flags, strata: Sequence[Hashable]) -> Flags:
    """Whether each suppressing and each promoting finding share a stratum, shape (suppressing, promoting)."""
    number = {key: place for place, key in enumerate(dict.fromkeys(strata))}
    numbers = np.array([number[key] for key in strata], dtype=np.intp)
    same: Flags = numbers[truth][:, None] == numbers[~truth][None, :]
    return same


def concordance(truth: Flags, probability: Floats) -> Floats:
    """How often each suppressing finding is ranked above each promoting one, shape (suppressing, promoting); a tie is half."""
    ranked = np.zeros((truth.sum(), (~truth).sum()))
    for of_repeat in probability:
        difference = of_repeat[truth][:, None] - of_repeat[~truth][None, :]
        ranked += (difference > 0) + 0.5 * (difference == 0)
    return ranked / len(probability)


def ranked_right(
    truth: Flags, ranked: Floats, weight: Floats, pairs: Flags | None = None, min_pairs: int = 1
) -> Floats:
    """The share of pairs that is ranked right: the area under the ROC curve, over all pairs or some.

    `ranked` is the `concordance`; a pair weighs as the product of both its findings. NaN for fewer than `min_pairs`.
    """
    counted = np.ones_like(ranked) if pairs is None else pairs.astype(np.float64)
    if counted.sum() < min_pairs:
        return np.full(len(weight), np.nan)
    total = ((weight[:, truth] @ counted) * weight[:, ~truth]).sum(axis=1)
    won = ((weight[:, truth] @ (ranked * counted)) * weight[:, ~truth]).sum(axis=1)
    return np.clip(ratio(won, total), *SHARE)


def mcc(truth: Flags, probability: Floats, weight: Floats) -> Floats:
    """Matthews correlation of the calls at probability 0.5; 0 where all calls are the same, NaN where all effects are."""
    calls = (probability >= 0.5).T.astype(np.float64)
    total, suppressing = weight.sum(axis=1)[:, None], (weight @ truth)[:, None]
    called = weight @ calls
    covariance = ((weight * truth) @ calls) * total - called * suppressing
    # Sums of thirds in another order can be a little more than the whole.
    others, promoting = np.maximum(total - called, 0.0), np.maximum(total - suppressing, 0.0)
    spread = np.sqrt(called * others * suppressing * promoting)
    of_repeats = np.divide(covariance, spread, out=np.zeros_like(covariance), where=spread > 1e-9)
    one_effect = (suppressing[:, 0] <= 0) | (weight @ ~truth <= 0)
    return np.where(one_effect, np.nan, of_repeats.mean(axis=1))


def brier(truth: Flags, probability: Floats, weight: Floats) -> Floats:
    """Mean squared distance of the probability from the outcome."""
    return weighted_mean(((probability - truth) ** 2).mean(axis=0), weight)


def log_loss(truth: Flags, probability: Floats, weight: Floats) -> Floats:
    """Mean negative log-likelihood in nats."""
    safe = np.clip(probability, 1e-15, 1 - 1e-15)
    return weighted_mean(-np.log(np.where(truth, safe, 1.0 - safe)).mean(axis=0), weight)


def calibration_error(outcome: Floats | Flags, probability: Floats, weight: Floats) -> Floats:
    """Weighted mean gap between stated and observed frequency over equal-width bins (doi:10.1609/aaai.v29i1.9602).

    `outcome` may have a row for each weighting.
    """
    error = np.zeros(max(len(weight), len(np.atleast_2d(outcome))))
    for of_repeat in probability:
        in_bin = bin_numbers(of_repeat)[:, None] == np.arange(BINS)
        error += np.abs((weight * (of_repeat - outcome)) @ in_bin).sum(axis=1)
    return ratio(error, np.broadcast_to(weight.sum(axis=1) * len(probability), error.shape))


def bin_numbers(probability: Floats) -> Rows:
    """The bin, 0 to `BINS` - 1, of every probability."""
    numbers: Rows = np.minimum((probability * BINS).astype(np.intp), BINS - 1)
    return numbers


def weighted_mean(values: Floats, weight: Floats, rows: Flags | None = None) -> Floats:
    """The mean of `values` (findings,), over all or some `rows`, for each weighting; NaN where there is no weight."""
    if rows is not None:
        values, weight = values[rows], weight[:, rows]
    mean = ratio(weight @ values, weight.sum(axis=1))
    # Rounding must not carry a mean beyond what it is the mean of.
    return np.clip(mean, values.min(), values.max()) if len(values) else mean


def ratio(part: Floats, total: Floats) -> Floats:
    """`part` over `total`; NaN where that is (nearly) nothing."""
    divided: Floats = np.divide(part, total, out=np.full(len(total), np.nan), where=total > 1e-12)
    return divided
