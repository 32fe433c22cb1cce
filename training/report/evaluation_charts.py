"""The charts of an evaluation: what is drawn of a model's metrics, and what each chart shows in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.estimator.conformal import LABELS
from training.evaluation.baselines import BASELINES, MODEL, ROLE_ALONE
from training.evaluation.bootstrap import MIN_PAPERS
from training.evaluation.curves import MIN_CALIBRATED
from training.evaluation.metrics import METRICS
from training.report.charts import Chart, Row, Series, bars, forest, lines, round_ticks
from training.report.formatting import brief_estimate, humanize

if TYPE_CHECKING:
    from training.evaluation.curves import Roc

BASELINES_DRAWN = 3
_TENTHS = tuple(tenth / 10 for tenth in range(11))
_FIFTHS = _TENTHS[::2]
_YEARS_WRITTEN = 6


def best_baselines(metrics: Mapping[str, Any], count: int = BASELINES_DRAWN) -> list[str]:
    """The baselines with the highest AUROC, best first."""
    defined = [name for name in BASELINES if metrics["figures"][name]["auroc"]]
    return sorted(defined, key=lambda name: -metrics["figures"][name]["auroc"]["mean"])[:count]


def roc_chart(curves: Mapping[str, Roc], metrics: Mapping[str, Any]) -> Chart:
    """The ROC curves of the model and of the best baselines."""
    auroc = {name: metrics["figures"][name]["auroc"] for name in curves}
    series = [
        Series(
            name,
            _line_class(name),
            list(zip(curve.false_positive.tolist(), curve.true_positive.tolist(), strict=True)),
            note=brief_estimate(auroc[name]),
            markers=False,
        )
        for name, curve in curves.items()
    ]
    return lines(
        "roc",
        {"auroc": auroc},
        series,
        ("share of promoting findings predicted wrongly", 0.0, 1.0, _FIFTHS),
        ("share of suppressing findings predicted rightly", 0.0, 1.0, _FIFTHS),
        diagonal=True,
        height=400.0,
    )


def reliability_chart(metrics: Mapping[str, Any]) -> Chart:
    """The probabilities that were stated against what was observed."""
    points = [(bin_["stated"], bin_["observed"]) for bin_ in metrics["reliability"]]
    error = brief_estimate(metrics["figures"][MODEL]["ece"])
    return lines(
        "reliability",
        {"points": points, "error": error, "ece_if_calibrated": metrics["ece_if_calibrated"]},
        [_series(MODEL, "model", points, f"calibration error {error}")],
        ("predicted probability of suppressing", 0.0, 1.0, _FIFTHS),
        ("share that suppressed", 0.0, 1.0, _FIFTHS),
        diagonal=True,
        height=380.0,
    )


def calibration_chart(metrics: Mapping[str, Any]) -> Chart:
    """The share of the findings of each cargo type that suppressed, against what was predicted."""
    rows = [
        Row(humanize(each["cargo_type"]), each["observed"], {"mean": each["predicted"]}, f"{each['findings']} findings")
        for each in metrics["calibration_by_cargo_type"]
        if each["observed"]
    ]
    too_few = [humanize(each["cargo_type"]) for each in metrics["calibration_by_cargo_type"] if not each["observed"]]
    texts = {"too_few": too_few, "min_findings": MIN_CALIBRATED, "min_papers": MIN_PAPERS}
    title, legend = "share that suppressed", "observed, with 90 % interval"
    return forest("calibration", texts, rows, title, _FIFTHS, "mean predicted", legend)


def coverage_chart(metrics: Mapping[str, Any]) -> Chart:
    """The coverage that the prediction sets promise against the coverage that they have, by effect."""
    series = []
    for effect in LABELS:
        points = [(at["level"], at[effect]) for at in metrics["coverage"] if at[effect]]
        series.append(_series(effect, effect, points, f"at 90 %: {brief_estimate(dict(points).get(0.9))}"))
    return lines(
        "coverage",
        {"figures": metrics["figures"][MODEL]},
        series,
        ("level promised", 0.45, 1.0, _TENTHS[5:]),
        ("share covered", 0.35, 1.0, _TENTHS[4:]),
        diagonal=True,
        height=340.0,
    )


def selective_chart(metrics: Mapping[str, Any]) -> Chart:
    """The risk-coverage curve: the share right over the share of findings with a determined prediction."""
    points = [(at["share"], at["right"]) for at in metrics["selective_accuracy"] if at["right"]]
    figures = metrics["figures"][MODEL]
    return lines(
        "selective",
        {"figures": figures, "points": points},
        [
            _series(
                "clearest predictions first",
                _line_class(MODEL),
                points,
                f"{brief_estimate(dict(points).get(1.0))} of all",
            )
        ],
        ("share of findings with a determined prediction", 0.15, 1.0, _TENTHS[2:]),
        ("share of those that are right", 0.75, 1.0, (0.75, 0.8, 0.85, 0.9, 0.95, 1.0)),
        height=340.0,
    )


def histogram_chart(counts: Mapping[str, Sequence[float]]) -> Chart:
    """The probabilities of findings of both effects."""
    bins = len(counts["suppressing"])
    labels = [f"{place / bins:g}" for place in range(bins)]
    return bars("histogram", counts, labels, counts, "probability of suppressing, from", every=4)


def years_chart(years: Mapping[str, Mapping[str, int]], **size: int) -> Chart:
    """The findings of each year by effect; `size` is that of `bars`."""
    dated = {int(year): counts for year, counts in years.items() if year.isdecimal()}
    undated = sum(sum(counts.values()) for year, counts in years.items() if not year.isdecimal())
    span = range(min(dated), max(dated) + 1) if dated else range(0)
    counts = {effect: [dated.get(year, {}).get(effect, 0) for year in span] for effect in LABELS}
    every = max(1, len(span) // _YEARS_WRITTEN)
    return bars("years", {"undated": undated}, [str(year) for year in span], counts, "year", every, **size)


def strata_chart(strata: Sequence[Mapping[str, Any]]) -> Chart:
    """The within-stratum AUROC of each stratum with enough pairs."""
    rows = [
        Row(stratum_name(stratum), stratum["auroc"], stratum["auroc_of_role"], f"{stratum['pairs']} pairs")
        for stratum in strata
        if stratum["auroc"]
    ]
    return forest("strata", {}, rows, "share of pairs ranked correctly", _FIFTHS, ROLE_ALONE)


def stratum_name(stratum: Mapping[str, Any]) -> str:
    """A stratum in words."""
    phenotype = f" {stratum['source_phenotype']}" if stratum["source_phenotype"] else ""
    return f"{stratum['source_cell'].replace('_', ' ')}{phenotype}, {stratum['cargo_state']}"


def shifts_chart(metrics: Mapping[str, Any], name: str) -> Chart:
    """One metric of the model under every shift, beside the best baseline and the folds grouped by paper."""
    best = best_baselines(metrics, 1)[0]
    rows = [Row("grouped by paper", metrics["figures"][MODEL][name], metrics["figures"][best][name], strong=True)]
    for shift in (*metrics["shifts"]["cold"], *metrics["shifts"]["by_year"]):
        measured = shift.get("figures", {})
        rows.append(Row(shift["name"], measured.get(MODEL, {}).get(name), measured.get(best, {}).get(name)))
    texts = {"metric": METRICS[name].title}
    return forest(f"shifts-{name.replace('_', '-')}", texts, rows, "", _FIFTHS, best)


def learning_chart(metrics: Mapping[str, Any]) -> Chart:
    """The metrics over the number of training papers."""
    curve = [step for step in metrics["shifts"]["learning_curve"] if step.get("figures")]
    best = best_baselines(metrics, 1)[0]
    series = []
    for predictor, name, kind in (
        (MODEL, "auroc", "model"),
        (MODEL, "within_stratum_auroc", "within"),
        (best, "auroc", _line_class(best)),
    ):
        measured = ((step["learned_from_papers"], step["figures"][predictor][name]) for step in curve)
        points = [(papers, metric) for papers, metric in measured if metric]
        note = f"{points[0][1]['mean']:.3f} to {points[-1][1]['mean']:.3f}" if points else "not defined"
        label = f"{predictor}, {METRICS[name].title}"
        series.append(_series(label, kind, points, note, with_intervals=predictor == MODEL))
    most = max((step["learned_from_papers"] for step in curve), default=1.0)
    lowest = min((value for each in series for _, value in each.points), default=1.0)
    ticks = _TENTHS[4:] if lowest >= _TENTHS[4] else _TENTHS
    return lines(
        "learning",
        {"series": series},
        series,
        ("training papers", 0.0, most * 1.05, round_ticks(0.0, most, 7, 1.0)),
        ("AUROC", ticks[0], 1.0, ticks),
        height=330.0,
    )


def _series(
    name: str, kind: str, points: Sequence[tuple[float, Mapping[str, Any]]], note: str, with_intervals: bool = True
) -> Series:
    """A line of metrics with their intervals."""
    means = [(at, metric["mean"]) for at, metric in points]
    intervals = [(at, *metric["interval"]) for at, metric in points if with_intervals and metric["interval"]]
    return Series(name, kind, means, intervals, note)


def _line_class(name: str) -> str:
    """The class in which the line of a model or baseline is drawn."""
    return "model" if name == MODEL else f"baseline-{list(BASELINES).index(name)}"
