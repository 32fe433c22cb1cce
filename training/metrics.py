"""Figures of merit. `suppressing` is the positive class; weights make papers, not rows, count equally."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.candidate import Candidate
from models.vocabulary import MACROPHAGE_LINEAGE

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
}
# With fewer pairs than this a share of pairs says nothing.
MIN_PAIRS = 10


def stratum(candidate: Candidate) -> tuple[str, str, str]:
    """Source cell, phenotype and cargo state: what alone nearly decides the published effect.

    The phenotype counts only for macrophages, monocytes and microglia.
    """
    lineage = candidate.source_cell in MACROPHAGE_LINEAGE
    return candidate.source_cell, candidate.source_phenotype if lineage else "", candidate.cargo_state


def auroc(truth: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """Area under the ROC curve, ties counting half; NaN where one class is missing."""
    if truth.all() or not truth.any():
        return float("nan")
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, probability, sample_weight=weight))


def within_stratum_pairs(truth: Flags, probability: Floats, strata: Sequence[Hashable]) -> tuple[float, int]:
    """Pairs of one suppressing and one promoting finding of one stratum: how many are ranked right, and how many are.

    A tie counts half. The within-stratum AUROC is the first over the second, pooled over strata.
    """
    right, pairs = 0.0, 0
    positions: dict[Hashable, list[int]] = {}
    for position, key in enumerate(strata):
        positions.setdefault(key, []).append(position)
    for of_stratum in positions.values():
        rows = np.array(of_stratum)
        high, low = probability[rows[truth[rows]]], probability[rows[~truth[rows]]]
        difference = high[:, None] - low[None, :]
        right += float((difference > 0).sum() + 0.5 * (difference == 0).sum())
        pairs += difference.size
    return right, pairs


def within_stratum_auroc(truth: Flags, probability: Floats, strata: Sequence[Hashable]) -> float:
    """The share of `within_stratum_pairs` ranked right; NaN where there is no pair."""
    right, pairs = within_stratum_pairs(truth, probability, strata)
    return right / pairs if pairs else float("nan")


def mcc(truth: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """Matthews correlation of the calls at probability 0.5; 0 where all calls are the same, NaN where all effects are."""
    if truth.all() or not truth.any():
        return float("nan")
    calls = probability >= 0.5
    if calls.all() or not calls.any():
        return 0.0
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(truth, calls, sample_weight=weight))


def brier(truth: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """Mean squared distance of the probability from the outcome."""
    from sklearn.metrics import brier_score_loss

    return float(brier_score_loss(truth, probability, sample_weight=weight))


def logarithmic_loss(truth: Flags, probability: Floats, weight: Floats | None = None) -> float:
    """Mean negative log-likelihood in nats."""
    from sklearn.metrics import log_loss

    return float(log_loss(truth, np.clip(probability, 1e-15, 1 - 1e-15), sample_weight=weight, labels=[False, True]))


def expected_calibration_error(
    truth: Flags, probability: Floats, weight: Floats | None = None, bins: int = 10
) -> float:
    """Weighted mean gap between stated and observed frequency over equal-width bins (doi:10.1609/aaai.v29i1.9602)."""
    weight = np.ones(len(truth)) if weight is None else weight
    bin_of = np.minimum((probability * bins).astype(int), bins - 1)
    stated = np.bincount(bin_of, weight * probability, minlength=bins)
    observed = np.bincount(bin_of, weight * truth, minlength=bins)
    return float(np.abs(stated - observed).sum() / weight.sum())
