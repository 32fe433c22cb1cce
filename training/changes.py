"""What newly added findings changed: a model beside the one before it, traced to the findings that only one of them learned from.

A change is traced by leaving it out: a paper whose findings changed is put back as it was, and the model is trained again on the
rest. That is exact, since the same findings, words and seed give the same model, which is checked on the model before: it
must come out again where all changes are left out. Effects of several papers need not add up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import Floats
from models.candidates.candidate import ParsedCandidate, columns_of
from models.candidates.wording import describe_cargo, describe_source, percent, pluralize
from models.estimator.features import Features
from models.estimator.linear_model import FittedModel, probabilities
from models.rounding import round_number, round_probability
from models.scorer import Scorer
from training.classifier import fit_model
from training.data.findings import Finding
from training.evaluation.metrics import stratum
from training.fit import canonical_order
from training.gate import findings_of

# How many papers are traced, those with most changed findings first; each takes a training without its folds.
MAX_TRACED = 20
# How many papers, candidates, weights and strata are listed.
MAX_PAPERS, MAX_CHANGED, MOST = 50, 20, 10
# Strata of fewer curated candidates than this are not listed.
MIN_CANDIDATES = 3
# Weights that differ by less than this are the same: only the last digits depend on the machine.
_SAME = 1e-6


@dataclass(frozen=True)
class PredictionPair:
    """What two models predict of one curated candidate."""

    candidate: Mapping[str, str | list[str]]
    reading: ParsedCandidate
    label: str
    other_label: str
    probability: float
    other_probability: float

    @property
    def change(self) -> float:
        """How much higher the probability of suppressing is than by the other."""
        return self.probability - self.other_probability

    def as_dict(self) -> dict[str, Any]:
        """The pair ready for JSON."""
        return {
            "candidate": dict(self.candidate),
            "label": self.label,
            "other_label": self.other_label,
            "probability_suppressing": round_probability(self.probability),
            "other_probability_suppressing": round_probability(self.other_probability),
        }


def compare_predictions(model: Scorer, other: Scorer) -> list[PredictionPair]:
    """What two models predict of the curated candidates of both."""
    evidence = (*other.bundle.model.evidence, *model.bundle.model.evidence)
    candidates = list({repr(known.candidate): known.candidate for known in evidence}.values())
    readings = [model.parser.parse(candidate, require_cargo_name=False) for candidate in candidates]
    own, others = (
        [
            (label, float(probability))
            for (label, _), probability in zip(predictions.calls, predictions.called.probability, strict=True)
        ]
        for predictions in (scorer.predict(columns_of(readings)) for scorer in (model, other))
    )
    return [
        PredictionPair(candidate, reading, label, other_label, probability, other_probability)
        for candidate, reading, (label, probability), (other_label, other_probability) in zip(
            candidates, readings, own, others, strict=True
        )
    ]


@dataclass(frozen=True)
class _Changes:
    """The findings that only one of two models learned from: those that were `added`, `corrected` (as they are now), and those
    `before` that are gone or were corrected."""

    added: tuple[Finding, ...]
    corrected: tuple[Finding, ...]
    before: tuple[Finding, ...]

    @classmethod
    def between(cls, findings: Sequence[Finding], known: Sequence[Finding]) -> "_Changes":
        now, then = ({finding.content for finding in each} for each in (findings, known))
        before = tuple(finding for finding in known if finding.content not in now)
        ids = {finding.finding_id for finding in before}
        new = [finding for finding in findings if finding.content not in then]
        return cls(
            tuple(finding for finding in new if finding.finding_id not in ids),
            tuple(finding for finding in new if finding.finding_id in ids),
            before,
        )

    @property
    def gone(self) -> list[Finding]:
        """Those that are in no form among the findings now."""
        corrected = {finding.finding_id for finding in self.corrected}
        return [finding for finding in self.before if finding.finding_id not in corrected]

    def by_paper(self) -> "Iterator[tuple[str, _Changes]]":
        """The changes of each paper, those with most first."""
        everything = (*self.added, *self.corrected, *self.before)
        papers = Counter(finding.paper for finding in everything)
        for paper, _ in sorted(papers.items(), key=lambda entry: (-entry[1], entry[0])):
            added, corrected, before = (
                tuple(finding for finding in part if finding.paper == paper)
                for part in (self.added, self.corrected, self.before)
            )
            yield paper, _Changes(added, corrected, before)

    def undo(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings without these changes."""
        new = {finding.content for finding in (*self.added, *self.corrected)}
        return [*(finding for finding in findings if finding.content not in new), *self.before]


def describe_changes(model: Scorer, previous: Scorer, findings: Sequence[Finding], seed: int) -> dict[str, Any]:
    """What the findings that are new in `model`, which learned from `findings` by `seed`, changed, ready for JSON: how many they
    are, what their papers changed, and the predictions, weights and strata that moved most."""
    features, before = model.features, previous.bundle.model
    known = findings_of(before, features)
    changes = _Changes.between(canonical_order(findings), known)
    retracted = sum(finding.finding_id in previous.retracted for finding in changes.gone)
    pairs = compare_predictions(model, previous)
    table = [features.of(pair.reading) for pair in pairs]
    now = _probabilities(model.bundle.model, table)
    effects = _trace(changes, findings, features, seed, table, now)
    changed = sorted((pair for pair in pairs if pair.label != pair.other_label), key=lambda pair: -abs(pair.change))
    places = {id(pair): place for place, pair in enumerate(pairs)}
    document = {
        "previous": previous.bundle.id,
        "added": len(changes.added),
        "corrected": len(changes.corrected),
        "retracted": retracted,
        "removed": len(changes.gone) - retracted,
        "reproduced": _is_same(_fit(known, features, seed), before),
        "candidates": len(pairs),
        "changed": len(changed),
        "largest_change": round_number(max((abs(pair.change) for pair in pairs), default=0.0)),
        "papers": _papers(changes, effects, pairs),
        "predictions": [
            {**pair.as_dict(), "traced_to": _traced(effects, places[id(pair)], pair.change)}
            for pair in changed[:MAX_CHANGED]
        ],
        "weights": _weights(model.bundle.model, before, changes, features),
        "strata": _strata(pairs),
    }
    return {**document, "says": _summarize(document, changes)}


def _fit(findings: Sequence[Finding], features: Features, seed: int) -> FittedModel | None:
    """The model of findings; None where they cannot be learned from."""
    try:
        return fit_model(findings, features, seed)
    except ValueError:
        return None


def _is_same(model: FittedModel | None, other: FittedModel) -> bool:
    return (
        model is not None
        and model.weights.keys() == other.weights.keys()
        and abs(model.baseline - other.baseline) < _SAME
        and all(abs(weight - other.weights[name]) < _SAME for name, weight in model.weights.items())
    )


def _probabilities(model: FittedModel, table: Sequence[Mapping[str, float]]) -> Floats:
    return probabilities(np.array([model.log_odds(row).total for row in table]))


def _trace(
    changes: _Changes,
    findings: Sequence[Finding],
    features: Features,
    seed: int,
    table: Sequence[Mapping[str, float]],
    now: Floats,
) -> dict[str, Floats]:
    """For the papers with most changed findings: what their changes add to the probability of every candidate."""
    effects = {}
    for paper, of_paper in list(changes.by_paper())[:MAX_TRACED]:
        if without := _fit(of_paper.undo(findings), features, seed):
            effects[paper] = now - _probabilities(without, table)
    return effects


def _traced(effects: Mapping[str, Floats], place: int, change: float) -> dict[str, Any] | None:
    """The paper whose changes moved a candidate furthest in the direction in which it moved; None where none did."""
    moved = {paper: float(effect[place]) for paper, effect in effects.items() if effect[place] * change > 0.0}
    if not moved:
        return None
    paper = max(moved, key=lambda paper: abs(moved[paper]))
    return {"paper": paper, "change": round_number(moved[paper])}


def _papers(changes: _Changes, effects: Mapping[str, Floats], pairs: Sequence[PredictionPair]) -> list[dict[str, Any]]:
    listed = []
    for paper, of_paper in list(changes.by_paper())[:MAX_PAPERS]:
        effect = effects.get(paper)
        most = None if effect is None else int(np.argmax(np.abs(effect)))
        listed.append(
            {
                "paper": paper,
                "added": [finding.finding_id for finding in of_paper.added],
                "corrected": [finding.finding_id for finding in of_paper.corrected],
                "gone": [finding.finding_id for finding in of_paper.gone],
                "largest_effect": None if effect is None or most is None else round_number(float(effect[most])),
                "candidate": None if most is None else dict(pairs[most].candidate),
            }
        )
    return listed


def _weights(model: FittedModel, previous: FittedModel, changes: _Changes, features: Features) -> list[dict[str, Any]]:
    """The weights that moved most, in log-odds, and how many of the changed findings have each."""
    having: Counter[str] = Counter()
    for finding in (*changes.added, *changes.corrected, *changes.before):
        having.update(features.of(finding.reading).keys())
    names = {*model.weights, *previous.weights}
    moved = {name: model.weights.get(name, 0.0) - previous.weights.get(name, 0.0) for name in names}
    return [
        {
            "field": name.partition(":")[0],
            "level": name.partition(":")[2],
            "before": round_number(previous.weights.get(name, 0.0)),
            "after": round_number(model.weights.get(name, 0.0)),
            "findings": having[name],
        }
        for name in sorted(names, key=lambda name: (-abs(moved[name]), name))[:MOST]
        if abs(moved[name]) >= _SAME
    ]


def _strata(pairs: Sequence[PredictionPair]) -> list[dict[str, Any]]:
    """The strata of curated candidates whose probabilities moved most on average."""
    moved: dict[tuple[str, str, str], list[float]] = {}
    for pair in pairs:
        moved.setdefault(stratum(pair.reading.candidate), []).append(pair.change)
    means = {key: float(np.mean(of_one)) for key, of_one in moved.items() if len(of_one) >= MIN_CANDIDATES}
    return [
        {
            "source_cell": key[0],
            "source_phenotype": key[1],
            "cargo_state": key[2],
            "candidates": len(moved[key]),
            "mean_change": round_number(means[key]),
        }
        for key in sorted(means, key=lambda key: (-abs(means[key]), key))[:MOST]
    ]


def _summarize(document: Mapping[str, Any], changes: _Changes) -> list[str]:
    """The changes in sentences."""
    everything = (*changes.added, *changes.corrected, *changes.before)
    if not everything:
        return [f"{document['previous']} was trained on the same findings."]
    papers = pluralize(len({finding.paper for finding in everything}), "paper")
    counts = ", ".join(f"{document[kind]} {kind}" for kind in ("added", "corrected", "retracted", "removed"))
    lines = [f"Findings since {document['previous']}: {counts} (of {papers})."]
    if document["reproduced"]:
        lines.append(
            "Without these changes the training gives the model before exactly, so all else follows from them."
        )
    else:
        lines.append(
            "Without these changes the training does not give the model before: the seed, the words, the roles or the program "
            "differ too, so not all that changed follows from the findings."
        )
    lines.append(
        f"The prediction changes for {document['changed']} of {document['candidates']} curated candidates, the probability by at "
        f"most {percent(document['largest_change'])}."
    )
    traced = [each for each in document["papers"] if each["largest_effect"]]
    if traced:
        most = max(traced, key=lambda each: abs(each["largest_effect"]))
        candidate = ", ".join((describe_cargo(most["candidate"]), describe_source(most["candidate"])))
        lines.append(
            f"The largest effect of one paper is that of {most['paper']}: {percent(abs(most['largest_effect']))} for {candidate}."
        )
    return lines
