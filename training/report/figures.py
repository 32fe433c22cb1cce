"""The figures of a report: what is drawn of a model's metrics, and what each shows in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.evaluation.baselines import BASELINES, MODEL
from training.evaluation.curves import Roc
from training.report.charts import Figure, Row, Series, bars, forest, in_words, lines

BASELINES_DRAWN = 3
TENTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def roc_figure(curves: Mapping[str, Roc], metrics: Mapping[str, Any]) -> Figure:
    """The ROC curves of the model and of the best baselines."""
    drawn = [
        Series(
            name=name,
            kind=kind(name),
            points=list(zip(curve.false_positive.tolist(), curve.true_positive.tolist(), strict=True)),
            note=in_words(metrics["figures"][name]["auroc"]),
        )
        for name, curve in curves.items()
    ]
    says = (
        "How many suppressing findings are found against how many promoting ones are mistaken, over all thresholds, averaged"
        " over repeats."
    )
    told = "AUROC: " + "; ".join(f"{name} {metrics['figures'][name]['auroc']['mean']:.3f}" for name in curves) + "."
    return lines(
        "roc", "ROC curves on papers left out", says, told, drawn,
        ("share of promoting findings mistaken", 0.0, 1.0, TENTHS),
        ("share of suppressing findings found", 0.0, 1.0, TENTHS), diagonal=True, height=400.0,
    )  # fmt: skip


def best_baselines(metrics: Mapping[str, Any], count: int = BASELINES_DRAWN) -> list[str]:
    """The baselines with the highest AUROC, best first."""
    defined = [name for name in BASELINES if metrics["figures"][name]["auroc"]]
    return sorted(defined, key=lambda name: -metrics["figures"][name]["auroc"]["mean"])[:count]


def kind(name: str) -> str:
    """The class that a model or baseline is drawn in."""
    return "model" if name == MODEL else f"baseline-{list(BASELINES).index(name)}"


def reliability_figure(metrics: Mapping[str, Any]) -> Figure:
    """What was stated against what was observed."""
    bins = metrics["reliability"]
    points = [(one["stated"], one["observed"]["mean"]) for one in bins]
    intervals = [
        (one["stated"], *one["observed"]["interval"]) for one in bins if one["observed"]["interval"] is not None
    ]
    error = metrics["figures"][MODEL]["ece"]
    says = (
        "Share of findings that did suppress against the probability that was stated, in tenths, with 95 % intervals from the"
        f" bootstrap over papers. Calibration error {in_words(error)}; probabilities that are exactly right would show"
        f" {metrics['ece_if_calibrated']['mean']:.3f} on as few findings."
    )
    told = "; ".join(f"stated {stated:.2f}, observed {observed:.2f}" for stated, observed in points) + "."
    return lines(
        "reliability", "Reliability of the probabilities", says, told,
        [Series(MODEL, "model", points, intervals, f"calibration error {in_words(error)}", markers=True)],
        ("probability of suppressing that was stated", 0.0, 1.0, TENTHS),
        ("share that did suppress", 0.0, 1.0, TENTHS), diagonal=True, height=380.0,
    )  # fmt: skip


def coverage_figure(metrics: Mapping[str, Any]) -> Figure:
    """What the prediction sets promise against what they keep, by effect."""
    levels = metrics["coverage"]
    drawn = []
    for effect in ("suppressing", "promoting"):
        defined = [one for one in levels if one[effect]]
        at_90 = next((one[effect] for one in defined if one["level"] == 0.9), None)
        drawn.append(
            Series(
                name=effect,
                kind=effect,
                points=[(one["level"], one[effect]["mean"]) for one in defined],
                intervals=[(one["level"], *one[effect]["interval"]) for one in defined if one[effect]["interval"]],
                note=f"at 90 %: {in_words(at_90)}",
                markers=True,
            )
        )
    says = (
        "Share of findings of each effect whose prediction set holds that effect, against the level that the set promises,"
        " with 95 % intervals from the bootstrap over papers."
    )
    told = (
        f"At 90 %: suppressing {in_words(metrics['figures'][MODEL]['coverage_suppressing'])}, promoting"
        f" {in_words(metrics['figures'][MODEL]['coverage_promoting'])}."
    )
    ticks = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    return lines(
        "coverage", "Coverage of the prediction sets", says, told, drawn, ("level promised", 0.45, 1.0, ticks),
        ("share covered", 0.35, 1.0, (0.4, *ticks)), diagonal=True, height=340.0,
    )  # fmt: skip


def histogram_figure(counts: Mapping[str, Sequence[float]]) -> Figure:
    """The probabilities of both effects."""
    suppressing, promoting = counts["suppressing"], counts["promoting"]
    edges = [f"{place / len(suppressing):g}" for place in range(len(suppressing))]
    half = len(suppressing) // 2
    says = (
        f"Probabilities of findings on papers left out. {sum(suppressing[half:]):.0f} of {sum(suppressing):.0f} suppressing"
        f" findings are at 0.5 or above, {sum(promoting[:half]):.0f} of {sum(promoting):.0f} promoting ones below (mean over"
        " repeats)."
    )
    told = "; ".join(
        f"from {edge}: {above:g} suppressing, {below:g} promoting"
        for edge, above, below in zip(edges, suppressing, promoting, strict=True)
    )
    return bars(
        "histogram", "Probabilities by effect", says, told + ".", edges, suppressing, promoting,
        "probability of suppressing, from", "findings", every=4,
    )  # fmt: skip


def years_figure(years: Mapping[str, Mapping[str, int]]) -> Figure:
    """The findings of each year by effect."""
    dated = {year: counts for year, counts in years.items() if year.isdigit()}
    undated = sum(sum(counts.values()) for year, counts in years.items() if not year.isdigit())
    says = (
        f"Findings by year of their paper; {undated} more have no year."
        if undated
        else "Findings by year of their paper."
    )
    told = "; ".join(
        f"{year}: {one['suppressing']} suppressing, {one['promoting']} promoting" for year, one in dated.items()
    )
    return bars(
        "years", "Findings by year", says, told + ".", list(dated), [one["suppressing"] for one in dated.values()],
        [one["promoting"] for one in dated.values()], "year", "findings", every=max(1, len(dated) // 6),
    )  # fmt: skip


def strata_figure(strata: Sequence[Mapping[str, Any]], role: str) -> Figure:
    """The within-stratum AUROC of each stratum with enough pairs."""
    rows = [
        Row(stratum_name(one), one["auroc"], one["auroc_of_role"], f"{one['pairs']} pairs")
        for one in strata
        if one["auroc"]
    ]
    says = "Share of pairs ranked right within each stratum that has enough of them, those with most pairs first."
    told = "; ".join(f"{row.label} {row.figure['mean']:.3f} of {row.note}" for row in rows if row.figure)
    return forest(
        "strata",
        "Ranking within strata",
        says,
        told + ".",
        rows,
        ("share of pairs ranked right", 0.0, 1.0, TENTHS),
        role,
    )


def stratum_name(one: Mapping[str, Any]) -> str:
    """A stratum in words."""
    phenotype = f" {one['source_phenotype']}" if one["source_phenotype"] else ""
    return f"{one['source_cell'].replace('_', ' ')}{phenotype}, {one['cargo_state']}"


def shifts_figure(metrics: Mapping[str, Any], figure: str, title: str) -> Figure:
    """One figure of the model under every shift, beside the best baseline and the grouped folds."""
    best = best_baselines(metrics, 1)[0]
    rows = [Row("grouped by paper", metrics["figures"][MODEL][figure], metrics["figures"][best][figure], strong=True)]
    for one in (*metrics["shifts"]["cold"], *metrics["shifts"]["by_year"]):
        of = one.get("figures", {})
        rows.append(Row(one["name"], of.get(MODEL, {}).get(figure), of.get(best, {}).get(figure)))
    says = "Where no cargo, tumour, source or phenotype tested was learned from, and on papers later than those learned from."
    told = "; ".join(f"{row.label} {in_words(row.figure)}" for row in rows) + "."
    return forest(f"shifts-{figure.replace('_', '-')}", title, says, told, rows, ("", 0.0, 1.0, TENTHS), best)


def learning_figure(metrics: Mapping[str, Any]) -> Figure:
    """The figures over the number of papers learned from."""
    curve = [one for one in metrics["shifts"]["learning_curve"] if one.get("figures")]
    best = best_baselines(metrics, 1)[0]
    drawn = []
    for name, figure, of, look in (
        ("model, AUROC", "auroc", MODEL, "model"),
        ("model, AUROC within strata", "within_stratum_auroc", MODEL, "within"),
        (f"{best}, AUROC", "auroc", best, kind(best)),
    ):
        known = [
            (one["learned_from_papers"], one["figures"][of][figure]) for one in curve if one["figures"][of][figure]
        ]
        intervals = [(papers, *one["interval"]) for papers, one in known if one["interval"]] if of == MODEL else []
        points = [(papers, one["mean"]) for papers, one in known]
        note = f"{points[0][1]:.3f} to {points[-1][1]:.3f}" if points else "not defined"
        drawn.append(Series(name, look, points, intervals, note, markers=True))
    most = max((one["learned_from_papers"] for one in curve), default=1.0)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if most / step <= 6)
    ticks = tuple(float(tick) for tick in range(0, int(most) + 1, step))
    lowest = min((value for one in drawn for _, value in one.points), default=1.0)
    low = 0.4 if lowest >= 0.4 else 0.0
    marks = tuple(tick for tick in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0) if tick >= low)
    says = "Figures on the grouped folds, over the mean number of papers learned from."
    told = "; ".join(f"{one.name} {one.note}" for one in drawn) + "."
    return lines(
        "learning", "Learning curve", says, told, drawn, ("papers learned from", 0.0, most * 1.05, ticks),
        ("AUROC", low, 1.0, marks), height=330.0,
    )  # fmt: skip
