"""Whether designs propose what works: the product trained on papers up to a year, asked what later papers tested.

    python benchmarks/designs.py            measures (takes minutes), and writes the figures and their tables
    python benchmarks/designs.py --years 2018 2020 --resamples 200    some years, fewer resamples: a first look, printed only

The figures are kept in `benchmarks/measured/designs.json`, the tables stand in docs/explanation/designs.md.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.designs_figures import CARGO_WORDS, CHANCE, FIGURES, METHODS, SHARES, document, of_later_papers
from benchmarks.later_papers import (
    CARGO,
    MODEL,
    NO_ROLES,
    ROLE,
    Answer,
    Cut,
    Place,
    all_cuts,
    answer,
    can_be_ranked,
    year_of,
)
from benchmarks.machine import machine
from models.arrays import Floats
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.features import KIND_OF_CARGO_TYPE, Features
from models.scoring.summary import UNDETERMINED
from training.data.findings import Finding, fingerprint, paper_weights, read_findings
from training.evaluation.bootstrap import RESAMPLES, Estimate, cluster_weights

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "measured" / "designs.json"
DOCUMENT = ROOT / "docs" / "explanation" / "designs.md"
SUPPRESSING, PROMOTING = EFFECTS
# The effect that later papers reported, and the goal of the design.
AIMS = ((SUPPRESSING, SUPPRESSING), (PROMOTING, SUPPRESSING), (PROMOTING, PROMOTING))
# The newest role table (models/knowledge/README.md) was made in this year.
NEWEST_TABLE = 2021
SEED = 0


def main() -> None:
    """Measures, and writes or prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--years", type=int, nargs="+", default=[], help="the last years to learn from")
    arguments.add_argument("--resamples", type=int, default=RESAMPLES, help="of the papers, for the intervals")
    chosen = arguments.parse_args()
    about_machine, features = machine(), Features.load()
    findings = read_findings(reader=features.parser)
    cuts = all_cuts(findings, chosen.years)
    if missing := sorted(set(chosen.years) - {cut.year for cut in cuts}):
        arguments.error(f"too few papers up to or after {', '.join(map(str, missing))}")
    answers = {cut.year: list(answer(cut)) for cut in cuts}
    measured = {
        "machine": about_machine,
        **measure(findings, features, cuts, answers, chosen.resamples),
    }
    if chosen.years or chosen.resamples != RESAMPLES:
        print(of_later_papers(measured), end="")
    else:
        KEPT.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8"), measured), encoding="utf-8")


def measure(
    findings: Sequence[Finding],
    features: Features,
    cuts: Sequence[Cut],
    answers: Mapping[int, Sequence[Answer]],
    resamples: int,
) -> dict[str, Any]:
    """All figures, ready for JSON. Where cuts are not told apart, each finding counts once: at the last cut before it."""
    once = [each for cut in cuts for each in answers[cut.year] if each.finding.finding_id in cut.following]
    return {
        "data": fingerprint(findings),
        "words": features.fingerprint,
        "findings": len(findings),
        "without_year": sum(year_of(finding) is None for finding in findings),
        "resamples": resamples,
        "cuts": [_sizes(cut, answers[cut.year]) for cut in cuts],
        "left_out": _left_out(cuts, once),
        "rankings": [
            ranking for varied in METHODS for aim in AIMS for ranking in _rankings(once, varied, *aim, resamples)
        ],
        "effects": [
            _effects([each for each in once if each.finding.effect == effect], resamples) for effect in EFFECTS
        ],
        "slices": [
            {"name": name, **{effect: _slice(of, effect, resamples) for effect in EFFECTS}}
            for name, of in _slices(once, answers)
        ],
        "reports": [_reports(kind, once, features) for kind in sorted(set(KIND_OF_CARGO_TYPE.values()))],
    }


class Sample:
    """Answers, papers weighing equal and drawn anew for the intervals."""

    def __init__(self, answers: Sequence[Answer], resamples: int) -> None:
        findings = [each.finding for each in answers]
        self.size = {"findings": len(findings), "papers": len({finding.paper for finding in findings})}
        drawn = cluster_weights([finding.paper for finding in findings], SEED, resamples)
        self._weights = drawn * np.array(paper_weights([finding.paper for finding in findings]))

    def share(self, values: Sequence[float], of: Sequence[bool] | None = None) -> Floats:
        """The mean of values, of those answers that `of` names: of the papers as they are, then of each resample."""
        weights = self._weights if of is None else self._weights * np.array(of)
        with np.errstate(invalid="ignore"):
            mean: Floats = weights @ np.array(values) / weights.sum(axis=1)
        return mean


def _estimate(values: Floats) -> dict[str, object] | None:
    return Estimate.from_resamples(values, (0.0, 1.0)).as_dict()


def _difference(values: Floats, others: Floats) -> dict[str, object] | None:
    return Estimate.from_resamples(values - others, (-1.0, 1.0)).as_dict()


def _rankings(
    answers: Sequence[Answer], varied: str, effect: str, goal: str, resamples: int
) -> Iterator[dict[str, Any]]:
    """The figures of each method, and the model's less each other's, on the later findings of an effect."""
    chosen = [each for each in answers if each.finding.effect == effect]
    sample = Sample(chosen, resamples)
    figures = {
        method: {
            name: sample.share([_figure(name, method)(each.places, varied, goal) for each in chosen])
            for name in FIGURES
        }
        for method in METHODS[varied]
    }
    for method, of_method in figures.items():
        yield {
            "varied": varied,
            "effect": effect,
            "goal": goal,
            "method": method,
            **sample.size,
            "figures": {name: _estimate(values) for name, values in of_method.items()},
            "model_less_this": {
                name: _difference(figures[MODEL][name], values) for name, values in of_method.items() if method != MODEL
            },
        }


def _figure(name: str, method: str) -> Callable[[Mapping[tuple[str, str, str], Place], str, str], float]:
    """One figure of where a candidate stands; by chance that of the same number of variants in any order."""

    def of_place(places: Mapping[tuple[str, str, str], Place], varied: str, goal: str) -> float:
        place = places[varied, goal, MODEL if method == CHANCE else method]
        if name == "percentile":
            return 0.5 if method == CHANCE else place.percentile
        return place.by_chance(SHARES[name]) if method == CHANCE else place.in_top(SHARES[name])

    return of_place


def _effects(answers: Sequence[Answer], resamples: int) -> dict[str, Any]:
    """Whether the effect of findings of one effect is predicted: where determined, and by each method at even odds."""
    sample, effect = Sample(answers, resamples), answers[0].finding.effect
    determined = [each.label != UNDETERMINED for each in answers]
    sign = 1 if effect == SUPPRESSING else -1
    by_method = {
        MODEL: [sign * (each.probability - 0.5) > 0 for each in answers],
        ROLE: [sign * each.role > 0 for each in answers],
        NO_ROLES: [sign * (each.without_roles - 0.5) > 0 for each in answers],
    }
    return {
        "effect": effect,
        **sample.size,
        "determined": _estimate(sample.share(determined)),
        "right_of_determined": _estimate(sample.share([each.label == effect for each in answers], determined)),
        "right_at_even_odds": {method: _estimate(sample.share(right)) for method, right in by_method.items()},
    }


def _slices(once: Sequence[Answer], answers: Mapping[int, Sequence[Answer]]) -> Iterator[tuple[str, Sequence[Answer]]]:
    """Parts of the later findings, each with its name."""
    types = Counter(each.finding.candidate.cargo_type for each in once)
    for cargo_type, _ in types.most_common():
        name = CARGO_WORDS.get(cargo_type, cargo_type)
        yield f"cargo type: {name}", [each for each in once if each.finding.candidate.cargo_type == cargo_type]
    yield "cargos with no finding up to the cut", [each for each in once if each.cargo_is_new]
    newer = [each for each in once if each.year > NEWEST_TABLE]
    yield f"papers after {NEWEST_TABLE}, newer than every role table", newer
    for year, of_cut in answers.items():
        yield f"all papers after {year}", of_cut


def _slice(answers: Sequence[Answer], effect: str, resamples: int) -> dict[str, Any]:
    chosen = [each for each in answers if each.finding.effect == effect]
    if not chosen:
        return {"findings": 0, "papers": 0}
    sample, places = Sample(chosen, resamples), [each.places[CARGO, SUPPRESSING, MODEL] for each in chosen]
    return {
        **sample.size,
        "percentile": _estimate(sample.share([place.percentile for place in places])),
        "top_10": _estimate(sample.share([place.in_top(SHARES["top_10"]) for place in places])),
        "top_10_by_chance": float(sample.share([place.by_chance(SHARES["top_10"]) for place in places])[0]),
    }


def _reports(kind: str, answers: Sequence[Answer], features: Features) -> dict[str, Any]:
    """How many reports there are on the known cargos of a kind, and on those that later papers tested."""
    known = [features.roles.of(kind, stem).total for stem in features.roles.stems(kind)]
    of_kind: dict[str, Any] = {"kind": kind, "known": {"cargos": len(known), "median": float(np.median(known))}}
    for effect in EFFECTS:
        counts = [
            max(features.reports(name, stated.cargo_type).total for name in each.reading.cargo)
            for each in (of.finding for of in answers)
            if each.effect == effect and KIND_OF_CARGO_TYPE[(stated := each.candidate).cargo_type] == kind
        ]
        of_kind[effect] = {
            "findings": len(counts),
            "median": float(np.median(counts)) if counts else None,
            "without": sum(count == 0 for count in counts),
        }
    return of_kind


def _sizes(cut: Cut, answers: Sequence[Answer]) -> dict[str, int]:
    return {
        "year": cut.year,
        "training_findings": len(cut.training),
        "training_papers": len({finding.paper for finding in cut.training}),
        "later_findings": len(cut.later),
        "ranked_findings": len(answers),
        "ranked_papers": len({each.finding.paper for each in answers}),
    }


def _left_out(cuts: Sequence[Cut], once: Sequence[Answer]) -> dict[str, int]:
    """How many later findings were not ranked, by why, each counted once."""
    later = {each.finding_id: each for cut in cuts for each in cut.later if each.finding_id in cut.following}
    unranked = [each for each in later.values() if not can_be_ranked(each)]
    no_cargo = sum(not each.reading.cargo for each in unranked)
    return {
        "later": len(later),
        "no_cargo": no_cargo,
        "no_reports": len(unranked) - no_cargo,
        "not_feasible": len(later) - len(unranked) - len(once),
    }


if __name__ == "__main__":
    main()
