"""Where the model is good and where it is not: within each stratum, and by source, phenotype, cargo, tumour and year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.vocabulary import MACROPHAGE_LINEAGE
from training.baselines import ROLE_ALONE
from training.bootstrap import LIMITS, MIN_PAPERS, SHARE, Measured, interval, paper_counts, resampled
from training.findings import Finding
from training.left_out import MODEL, LeftOut
from training.metrics import MIN_PAIRS

Floats = NDArray[np.float64]

TOP_TUMOURS = 12
ROLE = ROLE_ALONE
ONE_EFFECT = "not defined: one effect only"
TOO_FEW_PAIRS = f"not shown: fewer than {MIN_PAIRS} pairs"
NOTHING = Measured(float("nan"))
SLICE_FIGURES = ("auroc", "mcc", "brier", "coverage_suppressing", "coverage_promoting")


@dataclass(frozen=True)
class Stratum:
    """One stratum: how many findings there are each way, the pairs they make, and how many of those are ranked right."""

    source_cell: str
    source_phenotype: str
    cargo_state: str
    suppressing: int
    promoting: int
    papers: int
    auroc: Measured
    auroc_of_role: Measured
    undefined: str

    @property
    def pairs(self) -> int:
        """Pairs of one suppressing and one promoting finding."""
        return self.suppressing * self.promoting

    @property
    def name(self) -> str:
        """The stratum in words."""
        phenotype = f" {self.source_phenotype}" if self.source_phenotype else ""
        return f"{self.source_cell}{phenotype}, {self.cargo_state}"

    def as_dict(self) -> dict[str, object]:
        """The stratum ready for JSON."""
        return {
            "source_cell": self.source_cell,
            "source_phenotype": self.source_phenotype,
            "cargo_state": self.cargo_state,
            "suppressing": self.suppressing,
            "promoting": self.promoting,
            "papers": self.papers,
            "pairs": self.pairs,
            "auroc": self.auroc.as_dict(),
            "auroc_of_role": self.auroc_of_role.as_dict(),
            "undefined": self.undefined,
        }


def strata(left_out: LeftOut, seed: int, resamples: int) -> list[Stratum]:
    """Every stratum, those with most pairs first, then those with most findings."""
    found = []
    keys = np.array([repr(key) for key in left_out.strata])
    for key in sorted(set(left_out.strata)):
        part = left_out.of(keys == repr(key))
        suppressing = int(part.truth.sum())
        promoting = len(part.truth) - suppressing
        undefined = _undefined(suppressing, promoting)
        of_model, of_role = (
            NOTHING if undefined else _measured(part, name, seed, resamples)["within_stratum_auroc"]
            for name in (MODEL, ROLE)
        )
        papers = len(set(part.papers))
        found.append(Stratum(*key, suppressing, promoting, papers, of_model, of_role, undefined))
    return sorted(found, key=lambda one: (-one.pairs, -one.suppressing - one.promoting, one.name))


@dataclass(frozen=True)
class Slice:
    """The figures on the findings that share one value of a field; `undefined` says why a ranking cannot be judged."""

    value: str
    findings: int
    papers: int
    suppressing: int
    figures: dict[str, Measured]
    undefined: str

    def as_dict(self) -> dict[str, object]:
        """The slice ready for JSON."""
        return {
            "value": self.value,
            "findings": self.findings,
            "papers": self.papers,
            "suppressing": self.suppressing,
            "promoting": self.findings - self.suppressing,
            "figures": {name: one.as_dict() for name, one in self.figures.items()},
            "undefined": self.undefined,
        }


def _macrophage_phenotype(finding: Finding) -> str:
    one = finding.candidate
    return one.source_phenotype if one.source_cell in MACROPHAGE_LINEAGE else ""


SLICED: dict[str, Callable[[Finding], str]] = {
    "source_cell": lambda finding: finding.candidate.source_cell,
    "macrophage_phenotype": _macrophage_phenotype,
    "cargo_type": lambda finding: finding.candidate.cargo_type,
    "cargo_state": lambda finding: finding.candidate.cargo_state,
    "cancer_type": lambda finding: finding.candidate.cancer_type,
    "year": lambda finding: finding.citation["year"],
}


def slices(left_out: LeftOut, seed: int, resamples: int) -> dict[str, list[Slice]]:
    """The slices of every field of `SLICED`, largest first (years in order), of the tumours only the most frequent.

    Findings that do not state a field are in none of its slices.
    """
    return {field: _of_field(left_out, field, seed, resamples) for field in SLICED}


def _of_field(left_out: LeftOut, field: str, seed: int, resamples: int) -> list[Slice]:
    values = np.array([SLICED[field](finding) for finding in left_out.findings], dtype=object)
    tally = Counter(value for value in values.tolist() if value)
    order = sorted(tally) if field == "year" else sorted(tally, key=lambda value: (-tally[value], value))
    if field == "cancer_type":
        order = order[:TOP_TUMOURS]
    return [_slice(value, left_out.of(values == value), seed, resamples) for value in order]


def _slice(value: str, part: LeftOut, seed: int, resamples: int) -> Slice:
    suppressing = int(part.truth.sum())
    undefined = _undefined(suppressing, len(part.truth) - suppressing)
    measured = _measured(part, MODEL, seed, resamples)
    if undefined:
        measured |= dict.fromkeys(("auroc", "mcc"), NOTHING)
    return Slice(
        value=value,
        findings=len(part.findings),
        papers=len(set(part.papers)),
        suppressing=suppressing,
        figures={name: measured[name] for name in SLICE_FIGURES},
        undefined=undefined,
    )


def _undefined(suppressing: int, promoting: int) -> str:
    """Why findings of so many of each effect cannot be ranked; empty where they can."""
    if not suppressing or not promoting:
        return ONE_EFFECT
    return TOO_FEW_PAIRS if suppressing * promoting < MIN_PAIRS else ""


def _measured(part: LeftOut, name: str, seed: int, resamples: int) -> dict[str, Measured]:
    """Figures with intervals, the papers drawn from within the part; no interval where they are few."""
    drawn = resampled(part, name, paper_counts(part.papers, seed, resamples if _enough(part.papers) else 0))
    whole = resampled(part, name, np.ones((1, len(part.findings))))
    return {
        figure: Measured(
            float(values[0]), interval=interval(float(values[0]), drawn[figure], LIMITS.get(figure, SHARE))
        )
        for figure, values in whole.items()
    }


def _enough(papers: Sequence[str]) -> bool:
    return len(set(papers)) >= MIN_PAPERS
