"""How good a model is on papers that it never saw: repeated grouped folds beside baselines, and figures on a given file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from models.errors import SeenPapersError
from models.features import Features
from models.scorer import Scorer
from models.summary import UNDETERMINED
from training import metrics
from training.baselines import BASELINES
from training.bootstrap import LIMITS, MIN_PAPERS, RESAMPLES, SHARE, Measured, interval, paper_counts, resampled
from training.findings import Finding, paper_weights
from training.fit import canonical_order
from training.left_out import MODEL, LeftOut, leave_out
from training.splits import Split, paper_splits

Floats = NDArray[np.float64]

REPEATS = 10
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of merit of one set of predictions. Papers weigh equal, except in the within-stratum figures, which count
    pairs. NaN where a figure is not defined or was not measured."""

    auroc: float
    within_stratum_auroc: float
    within_stratum_auroc_named: float
    mcc: float
    brier: float
    log_loss: float
    ece: float
    coverage_suppressing: float = float("nan")
    coverage_promoting: float = float("nan")
    singletons: float = float("nan")

    def as_dict(self) -> dict[str, float | None]:
        """The figures by name, None for those that are not defined: ready for JSON."""
        return {name: None if np.isnan(value) else value for name, value in asdict(self).items()}


FIGURES = tuple(one.name for one in fields(Figures))


@dataclass(frozen=True)
class Comparison:
    """Figures of the model and of every baseline on the same left-out findings, and what the model has more than each
    (`differences`; from the same resamples, so that what is hard for both does not widen the interval). `pairs` are those
    within strata; where they are fewer than `MIN_PAIRS`, no figure is made of them."""

    findings: int
    papers: int
    pairs: int
    of: dict[str, dict[str, Measured]]
    differences: dict[str, dict[str, Measured]]

    def of_model(self) -> dict[str, object]:
        """The figures of the model, ready for JSON."""
        return _table(self.of)[MODEL]

    def as_dict(self) -> dict[str, object]:
        """Both tables, ready for JSON."""
        return {
            "findings": self.findings,
            "papers": self.papers,
            "pairs": self.pairs,
            "figures": _table(self.of),
            "differences": _table(self.differences),
        }


@dataclass(frozen=True)
class CrossValidation(Comparison):
    """The comparison over repeated folds, grouped by paper; `left_out` has the predictions that it was made from."""

    repeats: int
    folds: int
    resamples: int
    left_out: LeftOut

    @property
    def protocol(self) -> str:
        """How the papers were left out."""
        return f"{self.repeats} x {self.folds} folds grouped by paper"

    def as_dict(self) -> dict[str, object]:
        """The whole table, ready for JSON."""
        return {"protocol": self.protocol, "resamples": self.resamples, **Comparison.as_dict(self)}


def _table(of: dict[str, dict[str, Measured]]) -> dict[str, dict[str, object]]:
    return {name: {figure: one.as_dict() for figure, one in of_one.items()} for name, of_one in of.items()}


def cross_validate(
    findings: Sequence[Finding],
    features: Features,
    seed: int = 0,
    repeats: int = REPEATS,
    folds: int = FOLDS,
    resamples: int = RESAMPLES,
    jobs: int = -1,
    progress: Callable[[int], None] = lambda done: None,
) -> CrossValidation:
    """The model and all baselines on the same folds. Slope and conformal sets of a fold are found inside its training part.

    `progress` is called with the number of repeats done. Raises ValueError where there are fewer papers than folds.
    """
    ordered = canonical_order(findings)
    splits = grouped_splits(ordered, seed, repeats, folds)
    left_out = leave_out(ordered, features, splits, explained=True, jobs=jobs, progress=progress)
    table = compare(left_out, seed, resamples)
    return CrossValidation(**vars(table), repeats=repeats, folds=folds, resamples=resamples, left_out=left_out)


def grouped_splits(
    ordered: Sequence[Finding], seed: int, repeats: int = REPEATS, folds: int = FOLDS
) -> list[list[Split]]:
    """The folds of every reported figure: papers whole, dealt anew in each repeat."""
    papers, truth = [one.paper for one in ordered], [one.suppressing for one in ordered]
    return [paper_splits(papers, truth, folds, (seed, repeat)) for repeat in range(repeats)]


def compare(left_out: LeftOut, seed: int, resamples: int = RESAMPLES) -> Comparison:
    """The figures of the model and of every baseline on the same findings, with intervals from the same resamples."""
    papers = len(set(left_out.papers))
    _, pairs = metrics.within_stratum_pairs(left_out.truth, left_out.chance[MODEL][0], left_out.strata)
    counts = paper_counts(left_out.papers, seed, resamples if papers >= MIN_PAPERS else 0)
    drawn = {name: resampled(left_out, name, counts) for name in (*BASELINES, MODEL)}
    of = {name: measure(left_out, name, drawn[name]) for name in (*BASELINES, MODEL)}
    differences: dict[str, dict[str, Measured]] = {}
    for name in BASELINES:
        differences[name] = {}
        for figure in FIGURES:
            more = of[MODEL][figure].mean - of[name][figure].mean
            between = interval(more, drawn[MODEL][figure] - drawn[name][figure])
            differences[name][figure] = Measured(more, interval=between)
    return Comparison(len(left_out.findings), papers, pairs, of, differences)


def measure(left_out: LeftOut, name: str, drawn: dict[str, Floats]) -> dict[str, Measured]:
    """The figures of the model or of one baseline; `drawn` has them under each resample."""
    once = np.ones((1, len(left_out.findings)))
    whole = resampled(left_out, name, once)
    of_repeats = [resampled(left_out.repeat(repeat), name, once) for repeat in range(len(left_out.log_odds))]
    found = {}
    for figure in FIGURES:
        mean = float(whole[figure][0])
        low, high = np.percentile([of_one[figure][0] for of_one in of_repeats], [5, 95])
        found[figure] = Measured(
            mean, float(low), float(high), interval(mean, drawn[figure], LIMITS.get(figure, SHARE))
        )
    return found


def figures(
    findings: Sequence[Finding], chance: Floats, in_set: NDArray[np.bool_] | None = None, weights: Floats | None = None
) -> Figures:
    """The figures of `chance`, the probability of suppressing of each finding.

    `in_set`, shape (findings, 2), tells which labels each prediction set holds, suppressing first.
    """
    truth = np.array([finding.suppressing for finding in findings])
    weights = np.array(paper_weights(findings)) if weights is None else weights
    named = np.array([bool(finding.candidate.cargo_name) for finding in findings])
    strata = [metrics.stratum(finding.candidate) for finding in findings]
    named_strata = [key for key, is_named in zip(strata, named, strict=True) if is_named]
    coverage = _coverage(truth, in_set, weights) if in_set is not None else {}
    return Figures(
        auroc=metrics.auroc(truth, chance, weights),
        within_stratum_auroc=metrics.within_stratum_auroc(truth, chance, strata),
        within_stratum_auroc_named=metrics.within_stratum_auroc(truth[named], chance[named], named_strata),
        mcc=metrics.mcc(truth, chance, weights),
        brier=metrics.brier(truth, chance, weights),
        log_loss=metrics.logarithmic_loss(truth, chance, weights),
        ece=metrics.expected_calibration_error(truth, chance, weights),
        **coverage,
    )


def _coverage(truth: NDArray[np.bool_], in_set: NDArray[np.bool_], weights: Floats) -> dict[str, float]:
    def share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
        return float(np.average(of[among], weights=weights[among])) if among.any() else float("nan")

    return {
        "coverage_suppressing": share(in_set[:, 0], truth),
        "coverage_promoting": share(in_set[:, 1], ~truth),
        "singletons": share(in_set.sum(axis=1) == 1, np.ones(len(truth), dtype=bool)),
    }


@dataclass(frozen=True)
class Evaluation:
    """Figures of one model on findings of papers that it never saw."""

    n: int
    papers: int
    figures: Figures
    undetermined: float
    seen_rows: int

    def as_dict(self) -> dict[str, object]:
        """All of it by name, ready for JSON."""
        return {
            "n": self.n,
            "papers": self.papers,
            **self.figures.as_dict(),
            "undetermined": self.undetermined,
            "seen_rows": self.seen_rows,
        }


def evaluate(scorer: Scorer, findings: Sequence[Finding], allow_seen: bool = False) -> Evaluation:
    """The figures of `scorer` on labelled findings.

    Raises SeenPapersError where a finding's paper, by any of its identifiers, is in the model's training data, unless
    `allow_seen`.
    """
    seen = [finding for finding in findings if finding.paper_names & scorer.bundle.model.papers]
    if seen and not allow_seen:
        raise SeenPapersError(sorted({finding.paper for finding in seen}), len(seen))
    scores = [scorer.score_reading(finding.reading) for finding in findings]
    weights = np.array(paper_weights(findings))
    in_set = np.array([[label in score.prediction_set for label in ("suppressing", "promoting")] for score in scores])
    return Evaluation(
        n=len(findings),
        papers=len({finding.paper for finding in findings}),
        figures=figures(findings, np.array([score.probability_suppressing for score in scores]), in_set, weights),
        undetermined=float(np.average([score.label == UNDETERMINED for score in scores], weights=weights)),
        seen_rows=len(seen),
    )
