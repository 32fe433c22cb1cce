"""What becomes of the figures where new findings are less like those learned from: fewer papers, kinds never seen, later
years. The same fold function, the same baselines, the same figures as on the grouped folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.features import Features
from training.bootstrap import RESAMPLES
from training.evaluation import FOLDS, REPEATS, Comparison, compare, grouped_splits
from training.findings import Finding
from training.fit import INNER_FOLDS
from training.left_out import LeftOut, leave_out
from training.splits import PARTS, Split, cold_splits, learnable, shortened, split_at

# A year is tried where so many papers are before it, and so many after.
PAPERS_BEFORE, PAPERS_AFTER = 50, 15
TOO_FEW = "not defined: too few papers to learn from"


@dataclass(frozen=True)
class Shift:
    """A comparison under one change of what is left out: its name, what was done in a sentence, the figures, the mean
    number of papers learned from, and the figures of the same findings on folds grouped by paper alone (where they are
    the same findings). `undefined` says why there are no figures."""

    name: str
    says: str
    comparison: Comparison | None
    learned_from: float
    same_findings: Comparison | None = None

    @property
    def undefined(self) -> str:
        """Why there are no figures; empty where there are."""
        return "" if self.comparison else TOO_FEW

    def as_dict(self) -> dict[str, object]:
        """The shift ready for JSON."""
        return {
            "name": self.name,
            "says": self.says,
            "learned_from_papers": self.learned_from,
            **_figures(self.comparison),
            "same_findings": self.same_findings.of_model() if self.same_findings else None,
            "undefined": self.undefined,
        }


def _figures(comparison: Comparison | None) -> dict[str, object]:
    if comparison is None:
        return {}
    return {name: value for name, value in comparison.as_dict().items() if name != "differences"}


Values = Callable[[Finding, Features], tuple[str, ...]]


def _cargo(finding: Finding, features: Features) -> tuple[str, ...]:
    return tuple(sorted({f"{name.kind}:{name.stem or name.name}" for name in finding.reading.cargo}))


def _tumour(finding: Finding, features: Features) -> tuple[str, ...]:
    cancer_type = finding.candidate.cancer_type
    line = features.vocabulary.lineage("cancer_type", cancer_type) if cancer_type else ()
    return tuple(term for term in line if term == cancer_type or term != "cancer")


def _source(finding: Finding, features: Features) -> tuple[str, ...]:
    return (finding.candidate.source_cell,)


def _phenotype(finding: Finding, features: Features) -> tuple[str, ...]:
    phenotype = finding.candidate.source_phenotype
    return () if phenotype == "unspecified" else features.vocabulary.lineage("source_phenotype", phenotype)


@dataclass(frozen=True)
class Cold:
    """One kind that is left out whole: its values of a finding, and the folds they are dealt to (None: one at a time)."""

    name: str
    says: str
    values: Values
    folds: int | None


COLD = (
    Cold("cold cargo", "no cargo tested was learned from; named cargos, dealt to folds", _cargo, FOLDS),
    Cold("cold tumour", "no tumour tested, nor a broader or narrower one, was learned from", _tumour, FOLDS),
    Cold("cold source cell", "each source cell in turn was never learned from", _source, None),
    Cold(
        "cold phenotype",
        "each phenotype in turn was never learned from, nor a broader or narrower one",
        _phenotype,
        None,
    ),
)


def cold(
    one: Cold,
    ordered: Sequence[Finding],
    features: Features,
    grouped: LeftOut,
    seed: int,
    repeats: int = REPEATS,
    resamples: int = RESAMPLES,
    jobs: int = -1,
) -> Shift:
    """The figures where a kind is never learned from, beside those of the same findings in `grouped`, the folds by paper.

    Where the values are left out one at a time there is nothing to deal, so one repeat is enough.
    """
    values = [one.values(finding, features) for finding in ordered]
    papers = [finding.paper for finding in ordered]
    rounds = [cold_splits(values, papers, one.folds, (seed, repeat)) for repeat in range(repeats if one.folds else 1)]
    found, learned_from = _leave_out(ordered, features, rounds, jobs)
    if found is None:
        return Shift(one.name, one.says, None, learned_from)
    tested = {finding.finding_id for finding in found.findings}
    same = grouped.of(np.array([finding.finding_id in tested for finding in grouped.findings]))
    return Shift(one.name, one.says, compare(found, seed, resamples), learned_from, compare(same, seed, resamples))


def by_year(
    ordered: Sequence[Finding], features: Features, seed: int, resamples: int = RESAMPLES, jobs: int = -1
) -> list[Shift]:
    """The figures on papers later than a year of a model of the papers up to it, for every year with enough on both sides."""
    years = [int(finding.citation["year"]) if finding.citation["year"] else None for finding in ordered]
    papers = [finding.paper for finding in ordered]
    found = []
    for year in sorted({year for year in years if year is not None}):
        split = split_at(years, papers, year, (seed,))
        before, after = (len({papers[row] for row in rows}) for rows in (split.train, split.test))
        if before < PAPERS_BEFORE or after < PAPERS_AFTER:
            continue
        left_out, learned_from = _leave_out(ordered, features, [[split]], jobs)
        says = f"learned from papers up to {year}, tested on later ones"
        comparison = compare(left_out, seed, resamples) if left_out else None
        found.append(Shift(f"after {year}", says, comparison, learned_from))
    return found


def learning_curve(
    ordered: Sequence[Finding],
    features: Features,
    whole: Comparison,
    seed: int,
    repeats: int = REPEATS,
    folds: int = FOLDS,
    resamples: int = RESAMPLES,
    jobs: int = -1,
) -> list[Shift]:
    """The figures on the grouped folds where only a share of the training papers was learned from; `whole` are those of
    all of them."""
    papers, truth = [finding.paper for finding in ordered], [finding.suppressing for finding in ordered]
    grouped = grouped_splits(ordered, seed, repeats, folds)
    found = []
    for parts in range(1, PARTS):
        says = "learned from this share of the training papers of each fold"
        rounds = [[shortened(split, papers, truth, parts) for split in splits] for splits in grouped]
        left_out, learned_from = _leave_out(ordered, features, rounds, jobs)
        comparison = compare(left_out, seed, resamples) if left_out else None
        found.append(Shift(f"{100 * parts // PARTS} %", says, comparison, learned_from))
    learned_from = _papers_learned_from(ordered, grouped)
    return [*found, Shift("100 %", "learned from all training papers of each fold", whole, learned_from)]


def _leave_out(
    ordered: Sequence[Finding], features: Features, rounds: Sequence[Sequence[Split]], jobs: int
) -> tuple[LeftOut | None, float]:
    """The predictions of the splits whose training part can be learned from; None where they test too little."""
    rounds = [[split for split in splits if _learnable(ordered, split)] for splits in rounds]
    learned_from = _papers_learned_from(ordered, rounds)
    found = leave_out(ordered, features, rounds, jobs=jobs)
    return (found if len(set(found.truth.tolist())) == 2 else None), learned_from


def _learnable(ordered: Sequence[Finding], split: Split) -> bool:
    known = [ordered[row] for row in split.train]
    return learnable([one.paper for one in known], [one.suppressing for one in known], INNER_FOLDS)


def _papers_learned_from(ordered: Sequence[Finding], rounds: Sequence[Sequence[Split]]) -> float:
    numbers = [len({ordered[row].paper for row in split.train}) for splits in rounds for split in splits]
    return float(np.mean(numbers)) if numbers else 0.0
