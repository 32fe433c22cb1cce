"""The curves behind the figures, from the same left-out predictions: ROC, reliability, coverage, and the probabilities."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from models.arrays import Floats, one_thread
from models.scoring.predictions import MODERATE, STRONG, STRONG_PROBABILITY, WEAK
from training.data.findings import EFFECTS
from training.evaluation.baselines import MODEL
from training.evaluation.bootstrap import MIN_PAPERS, Estimate
from training.evaluation.metrics import BINS, SHARE, bin_numbers, calibration_error, ratio, weighted_mean
from training.evaluation.out_of_fold import OutOfFold

# The significances at which sets are tried, from nearly certain to a coin's; the coverage promised is one minus that.
SIGNIFICANCES = (0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
SHARES_CALLED = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
HISTOGRAM_BINS = 20
SIMULATIONS = 2000
# With fewer findings than this, or of fewer than MIN_PAPERS papers, the calibration of a cargo type says nothing.
MIN_CALIBRATED = 20
CALIBRATION_LEVEL = 0.9
UNDEFINED = Estimate(float("nan"))


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


def roc(predictions: OutOfFold, name: str) -> Roc:
    """The ROC curve of the model or a baseline; both effects must be among the findings."""
    from sklearn.metrics import roc_curve

    curves: list[tuple[Floats, Floats]] = [
        roc_curve(predictions.truth, probability, sample_weight=predictions.weights, drop_intermediate=False)[:2]
        for probability in predictions.probability[name]
    ]
    rates = np.unique(np.concatenate([false_positive for false_positive, _ in curves]))
    # A curve may climb straight up at a rate: there it has a value below and one above.
    below = np.mean([_value(x, y, rates, "left") for x, y in curves], axis=0)
    above = np.mean([_value(x, y, rates, "right") for x, y in curves], axis=0)
    return Roc(np.repeat(rates, 2), np.column_stack([below, above]).ravel())


def _value(x: Floats, y: Floats, at: Floats, side: Literal["left", "right"]) -> Floats:
    """The value of a rising polygon at `at`, on the lower (`left`) or upper (`right`) end of a climb."""
    place = np.searchsorted(x, at, side=side)
    before, after = np.maximum(place - 1, 0), np.minimum(place, len(x) - 1)
    on = after if side == "left" else before
    width = x[after] - x[before]
    along = np.divide(at - x[before], width, out=np.zeros_like(at), where=width > 0)
    value: Floats = np.where(x[on] == at, y[on], y[before] + along * (y[after] - y[before]))
    return value


@dataclass(frozen=True)
class Bin:
    """The findings whose probability is within `low` and `high`: the mean that was stated, the share that did suppress
    (with its interval), and how many findings they are, on the average over repeats."""

    low: float
    high: float
    stated: float
    observed: Estimate
    findings: float


def reliability(predictions: OutOfFold, counts: Floats) -> list[Bin]:
    """What was stated and what was observed in each filled bin of the probability, papers weighing equal, all repeats
    together; intervals from the bootstrap over papers (`counts`)."""
    probability = predictions.probability[MODEL]
    bins, weights = bin_numbers(probability), counts * predictions.weights
    filled = []
    for number in range(BINS):
        in_bin = bins == number
        often = in_bin.mean(axis=0)
        if not often.any():
            continue
        with one_thread():
            total = weights @ often
            observed = np.clip(ratio(weights @ (often * predictions.truth), total), *SHARE)
            stated = weights[0] @ (probability * in_bin).mean(axis=0) / total[0]
        estimate = Estimate.from_resamples(observed, SHARE)
        filled.append(Bin(number / BINS, (number + 1) / BINS, float(stated), estimate, float(often.sum())))
    return filled


def expected_calibration_error_under_null(
    predictions: OutOfFold, seed: int, simulations: int = SIMULATIONS
) -> tuple[float, float]:
    """The calibration error that the same probabilities would show were they exactly right: its mean, and what 95 % of
    the simulations stay below.

    Binning few findings shows an error where there is none; outcomes drawn from the probabilities tell how much (Bröcker
    and Smith 2007, doi:10.1175/WAF993.1).
    """
    probability = predictions.probability[MODEL]
    drawn = np.random.default_rng([seed, len(predictions.findings)]).random((simulations, probability.shape[1]))
    with one_thread():
        error = calibration_error(drawn < probability.mean(axis=0), probability, predictions.weights[None, :])
    return float(error.mean()), float(np.quantile(error, 0.95))


@dataclass(frozen=True)
class CargoTypeCalibration:
    """The findings of one cargo type on papers left out: the mean probability of suppressing that was `predicted`, the share that
    was `observed` to suppress and the `difference` of the two, both with their 90 % interval; `undefined` says why there are
    none."""

    cargo_type: str
    findings: int
    papers: int
    predicted: float = float("nan")
    observed: Estimate = UNDEFINED
    difference: Estimate = UNDEFINED
    undefined: str = ""


def calibration_by_cargo_type(predictions: OutOfFold, counts: Floats) -> list[CargoTypeCalibration]:
    """What was predicted and what was observed for each cargo type, those with most findings first; papers weigh equal, intervals
    are from the bootstrap over papers (`counts`)."""
    types = np.array([finding.candidate.cargo_type for finding in predictions.findings], dtype=object)
    by_type = []
    for cargo_type, findings in sorted(Counter(types.tolist()).items(), key=lambda entry: (-entry[1], entry[0])):
        rows = types == cargo_type
        part = predictions.subset(rows)
        calibration = CargoTypeCalibration(cargo_type, findings, len(set(part.papers)))
        if findings < MIN_CALIBRATED or calibration.papers < MIN_PAPERS:
            too_few = f"Not shown: fewer than {MIN_CALIBRATED} findings or {MIN_PAPERS} papers"
            by_type.append(replace(calibration, undefined=too_few))
            continue
        weights = counts[:, rows] * part.weights
        with one_thread():
            observed = weighted_mean(part.truth.astype(np.float64), weights)
            predicted = weighted_mean(part.probability[MODEL].mean(axis=0), weights)
        by_type.append(
            replace(
                calibration,
                predicted=float(predicted[0]),
                observed=Estimate.from_resamples(observed, SHARE, CALIBRATION_LEVEL),
                difference=Estimate.from_resamples(observed - predicted, (-1.0, 1.0), CALIBRATION_LEVEL),
            )
        )
    return by_type


@dataclass(frozen=True)
class Coverage:
    """How often prediction sets of one level hold the effect that was found, by effect, and how large they are."""

    level: float
    suppressing: Estimate
    promoting: Estimate
    singletons: float
    empty: float


def coverage(predictions: OutOfFold, counts: Floats) -> list[Coverage]:
    """The coverage of the sets over a range of levels, papers weighing equal, with intervals from the bootstrap."""
    weights = counts * predictions.weights
    levels = []
    for significance in SIGNIFICANCES:
        in_set = predictions.in_set(significance)
        size = in_set.sum(axis=2)
        with one_thread():
            by_effect = [
                weighted_mean(in_set[:, :, label].mean(axis=0), weights, rows)
                for label, rows in enumerate((predictions.truth, ~predictions.truth))
            ]
            single, none = (weighted_mean((size == labels).mean(axis=0), weights[:1]) for labels in (1, 0))
        suppressing, promoting = (Estimate.from_resamples(values, SHARE) for values in by_effect)
        levels.append(Coverage(round(1.0 - significance, 2), suppressing, promoting, float(single[0]), float(none[0])))
    return levels


@dataclass(frozen=True)
class SelectiveAccuracy:
    """How much is right of the findings that are called where only a share of them is: those that score furthest from even."""

    share: float
    right: Estimate


def selective_accuracy(predictions: OutOfFold, counts: Floats) -> list[SelectiveAccuracy]:
    """The risk-coverage curve (El-Yaniv and Wiener 2010), papers weighing equal, with intervals from the bootstrap."""
    weights = counts * predictions.weights
    distance = np.abs(predictions.log_odds)
    curve = []
    for share in SHARES_CALLED:
        called = distance >= np.quantile(distance, 1.0 - share)
        with one_thread():
            right = ratio(weights @ (called & predictions.right).mean(axis=0), weights @ called.mean(axis=0))
        curve.append(SelectiveAccuracy(share, Estimate.from_resamples(right, SHARE)))
    return curve


@dataclass(frozen=True)
class SupportGrade:
    """How many findings of papers left out have a grade of support, their share, and how much of them is right: on the right
    side of even where they are undetermined. No finding is outside the domain, so there is no grade `none`."""

    grade: str
    findings: float
    share: float
    right: Estimate


def support_grades(predictions: OutOfFold, counts: Floats) -> list[SupportGrade]:
    """Each grade, strongest first, papers weighing equal, with intervals from the bootstrap. What the literature says of a very
    vesicle plays no part here."""
    weights, probability = counts * predictions.weights, predictions.probability[MODEL]
    is_strong = np.maximum(probability, 1.0 - probability) >= STRONG_PROBABILITY
    determined = predictions.determined
    grades = []
    for grade, graded in ((STRONG, determined & is_strong), (MODERATE, determined & ~is_strong), (WEAK, ~determined)):
        with one_thread():
            share = weights @ graded.mean(axis=0)
            right = ratio(weights @ (graded & predictions.right).mean(axis=0), share)
        findings = float(graded.mean(axis=0).sum())
        share_of_all = float(share[0] / weights[0].sum())
        grades.append(SupportGrade(grade, findings, share_of_all, Estimate.from_resamples(right, SHARE)))
    return grades


def histogram(predictions: OutOfFold) -> dict[str, list[float]]:
    """How many findings of each effect have a probability in each of the equal bins, on the average over repeats."""
    edges = np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)
    probability = predictions.probability[MODEL]
    return {
        effect: (np.histogram(probability[:, rows], edges)[0] / len(probability)).tolist()
        for effect, rows in zip(EFFECTS, (predictions.truth, ~predictions.truth), strict=True)
    }
