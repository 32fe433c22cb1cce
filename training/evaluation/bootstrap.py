"""How far a metric could differ had other papers been curated: a bootstrap that draws papers, not rows.

The findings of one paper are not independent, so papers are the clusters that are drawn with replacement (Field and Welsh
2007, doi:10.1111/j.1467-9868.2007.00593.x); a finding counts as often as its paper was drawn, and a pair as often as the
product of both. The out-of-fold predictions stay what they are: the interval is about the papers judged, not about those
learned from. All metrics are sums over findings or pairs, so that all resamples are computed by one product of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Floats, one_thread
from training.evaluation import metrics
from training.evaluation.baselines import MODEL
from training.evaluation.metrics import LIMITS, METRIC_NAMES, MIN_PAIRS, SHARE
from training.evaluation.out_of_fold import OutOfFold

RESAMPLES = 2000
LEVEL = 0.95
# Where a metric is not defined in more than this share of the resamples, no interval is given.
UNDEFINED = 0.05
# With fewer papers than this an interval would be made of too few different ones.
MIN_PAPERS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric: its mean over the repeats, the 5th and 95th percentile over them, and the 95 % interval of the bootstrap
    over papers. NaN where it is not defined."""

    mean: float
    low: float = float("nan")
    high: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))

    @classmethod
    def from_resamples(
        cls, values: Floats, limits: tuple[float, float] = (-np.inf, np.inf), level: float = LEVEL
    ) -> Estimate:
        """The estimate of a metric whose `values` are that of the papers as they are, then one for each resample."""
        mean = float(values[0])
        return cls(mean, interval=bias_corrected_interval(mean, values[1:], limits, level))

    @property
    def defined(self) -> bool:
        """Whether there is a value at all."""
        return not np.isnan(self.mean)

    def as_dict(self) -> dict[str, object] | None:
        """The estimate ready for JSON; None where it is not defined, and without what it does not have."""
        if not self.defined:
            return None
        spread = {} if np.isnan(self.low) else {"low": self.low, "high": self.high}
        return {"mean": self.mean, **spread, "interval": None if np.isnan(self.interval[0]) else list(self.interval)}


def cluster_weights(papers: Sequence[str], seed: int, resamples: int = RESAMPLES) -> Floats:
    """How often each row's paper counts, shape (1 + resamples, rows): once as the papers are, then as each resample drew it.

    The same for any order of the rows. Fewer than `MIN_PAPERS` papers are not resampled.
    """
    distinct = sorted(set(papers))
    position = {paper: place for place, paper in enumerate(distinct)}
    drawn = np.random.default_rng([seed, len(distinct)]).multinomial(
        len(distinct),
        np.full(len(distinct), 1.0 / len(distinct)),
        size=resamples if len(distinct) >= MIN_PAPERS else 0,
    )
    return np.vstack([np.ones(len(papers)), drawn[:, [position[paper] for paper in papers]]])


def bias_corrected_interval(
    estimate: float, resampled: Floats, limits: tuple[float, float] = (-np.inf, np.inf), level: float = LEVEL
) -> tuple[float, float]:
    """The percentile interval of a metric from its resamples, less their median bias and within the metric's `limits`.

    Resampling makes some metrics larger by itself (the calibration error most); the bias that this shows is taken off, as
    for any bootstrap estimate (Efron and Tibshirani 1993, doi:10.1201/9780429246593, chapter 10), so that the interval
    always holds the estimate. NaN where the metric is undefined in too many resamples.
    """
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(estimate) or len(defined) <= (1.0 - UNDEFINED) * len(resampled):
        return float("nan"), float("nan")
    low, middle, high = np.quantile(defined, [0.5 - 0.5 * level, 0.5, 0.5 + 0.5 * level])
    low, high = np.clip([estimate - (middle - low), estimate + (high - middle)], *limits)
    return float(low), float(high)


def bootstrap_metrics(
    predictions: OutOfFold, name: str, counts: Floats, min_pairs: int = MIN_PAIRS
) -> dict[str, Floats]:
    """Every metric of the model or a baseline, the mean over repeats, under each row of `counts` (weightings, findings).

    Papers weigh equal, except within strata, where pairs count. NaN where a metric is not defined: one effect only, fewer
    than `min_pairs` pairs within strata, or no prediction sets (the baselines).
    """
    truth, probability = predictions.truth, predictions.probability[name]
    with one_thread():
        weight = counts * predictions.weights
        ranked = metrics.concordance(truth, probability)
        same = metrics.same_stratum(truth, predictions.strata)
        both_named = predictions.named[truth][:, None] & predictions.named[~truth][None, :]
        values = {
            "auroc": metrics.ranked_right(truth, ranked, weight),
            "within_stratum_auroc": metrics.ranked_right(truth, ranked, counts, same, min_pairs),
            "within_stratum_auroc_named": metrics.ranked_right(truth, ranked, counts, same & both_named, min_pairs),
            "mcc": metrics.mcc(truth, probability, weight),
            "brier": metrics.brier(truth, probability, weight),
            "log_loss": metrics.log_loss(truth, probability, weight),
            "ece": metrics.calibration_error(truth, probability, weight),
        }
        if name == MODEL:
            in_set = predictions.in_set()
            values |= {
                "coverage_suppressing": metrics.weighted_mean(in_set[:, :, 0].mean(axis=0), weight, truth),
                "coverage_promoting": metrics.weighted_mean(in_set[:, :, 1].mean(axis=0), weight, ~truth),
                "singletons": metrics.weighted_mean((in_set.sum(axis=2) == 1).mean(axis=0), weight),
                "determined": metrics.weighted_mean(predictions.determined.mean(axis=0), weight),
                "accuracy_determined": metrics.ratio(
                    weight @ (predictions.determined & predictions.right).mean(axis=0),
                    weight @ predictions.determined.mean(axis=0),
                ),
            }
    return {metric: values.get(metric, np.full(len(counts), np.nan)) for metric in METRIC_NAMES}


def compute_metrics(predictions: OutOfFold) -> dict[str, float]:
    """Every metric of the model on the findings as they are, however few pairs they make within strata."""
    values = bootstrap_metrics(predictions, MODEL, np.ones((1, len(predictions.findings))), min_pairs=1)
    return {metric: float(value[0]) for metric, value in values.items()}


def estimate_metrics(values: Mapping[str, Floats]) -> dict[str, Estimate]:
    """The estimate of every metric of `bootstrap_metrics`."""
    return {metric: Estimate.from_resamples(of_one, LIMITS.get(metric, SHARE)) for metric, of_one in values.items()}


def estimate_differences(values: Mapping[str, Floats], others: Mapping[str, Floats]) -> dict[str, Estimate]:
    """How much more every metric is than another's under the same resamples."""
    return {metric: Estimate.from_resamples(values[metric] - others[metric]) for metric in values}
