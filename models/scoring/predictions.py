"""All that one model says of candidates, in columns of parts that candidates share: what scores and documents are made of."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat, starmap

from models.candidates.candidate import ParsedColumns, value_of
from models.estimator.applicability import ApplicabilityDomain, DomainResult, Reason
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.conformal import MondrianClassifier, PredictionSet, groups_of
from models.evidence.evidence import EvidenceBase, LiteratureSupport, Mechanism
from models.evidence.similarity import SimilarityPoints, max_points
from models.scoring.cargo_parts import CargoSet, explain_set
from models.scoring.compiled import CompiledModel, Prediction, SourceTerm
from models.scoring.percentiles import SHARED_FIELDS, Percentiles, ScorePercentiles
from models.scoring.score_ids import make_score_id
from models.scoring.summary import UNDETERMINED, summary

SUPPRESSING = EFFECTS[:1]
LABELS = (*EFFECTS, UNDETERMINED)
ONLY_THE_STATE = Reason(
    "cargo_state",
    "Source, cargo name and cancer type do not count here: every such cargo type in this state gets the same prediction",
    outside=False,
    decides=True,
)
UNDETERMINED_REASONS = ("", "domain", "conflict", "both_possible")
# How well a prediction is supported. One is strong where its effect is at least so probable: of those on papers left out, 99 %
# were right, and 88 % of the moderate ones. The report of each model has its own figures.
SUPPORT = NONE, WEAK, MODERATE, STRONG = ("none", "weak", "moderate", "strong")
STRONG_PROBABILITY = 0.95
# What each grade of support says of a prediction.
SUPPORT_RULE = {
    "strong": "the effect is at least 95\u202f% probable.",
    "moderate": "the other effect can be excluded, but this one is less than 95\u202f% probable.",
    "weak": "the candidate is like others in the training data, but no effect can be predicted.",
    "none": "nothing like this candidate is in the training data.",
}


@dataclass(frozen=True)
class PredictionBatch:
    """What is said of candidates that have been understood, in their order; each column is worked out when it is asked for."""

    columns: ParsedColumns
    compiled: CompiledModel
    domain: ApplicabilityDomain
    evidence: EvidenceBase
    classifier: MondrianClassifier
    ranks: ScorePercentiles
    model: str
    given: Sequence[Mapping[str, object]] = ()

    @cached_property
    def carriers(self) -> Sequence[SourceTerm]:
        """What each scores before its cargo's role is known."""
        return self.compiled.carriers(self.columns)

    @cached_property
    def called(self) -> Prediction[list[float]]:
        """The numbers of each score."""
        return self.compiled.call(self.carriers, self.compiled.roles(self.columns))

    @cached_property
    def sets(self) -> Sequence[PredictionSet]:
        """The labels of each that are not ruled out."""
        groups = map(groups_of, map(value_of, self.columns.source_cell), map(value_of, self.columns.cargo_state))
        return list(map(self.classifier.predict_set, self.called.log_odds, groups))

    @cached_property
    def percentiles(self) -> Sequence[Percentiles]:
        """Where each stands among the findings."""
        shared = (map(value_of, getattr(self.columns, name)) for name in SHARED_FIELDS)
        return list(map(self.ranks.percentiles_of, self.called.log_odds, *shared))

    @cached_property
    def outside(self) -> Sequence[tuple[str, ...]]:
        """The fields that put each outside the domain; none where it is inside."""
        return self.domain.outside(self.columns)

    @cached_property
    def domains(self) -> Sequence[DomainResult]:
        """Whether each is inside the domain, why not, and the support of its fields."""
        return [
            result if others else replace(result, reasons=(*result.reasons, ONLY_THE_STATE))
            for result, others in zip(self.domain.check(self.columns), self._rests_on_more, strict=True)
        ]

    @property
    def _rests_on_more(self) -> Iterable[bool]:
        """Whether each score rests on more than the state of the cargo."""
        for carrier, of_role in zip(self.carriers, self.called.of_role, strict=True):
            yield bool(of_role) or any(field != "cargo_state" for field in carrier.contributions)

    @cached_property
    def known(self) -> Sequence[LiteratureSupport]:
        """What was published of each very vesicle."""
        return self.evidence.known(self.columns)

    @cached_property
    def calls(self) -> Sequence[tuple[str, str]]:
        """The label of each, with the reason of those that are undetermined."""
        return list(
            map(
                decide_label,
                map(possible_effects, (each.labels for each in self.sets), self.called.low, self.called.high),
                map(operator.not_, self.outside),
                (each.says for each in self.known),
            )
        )

    @property
    def support(self) -> Iterable[str]:
        """How well each is supported."""
        return starmap(grade_support, zip(self.calls, self.called.probability, strict=True))

    @cached_property
    def agrees(self) -> Sequence[bool | None]:
        """Whether model and literature point the same way, None where the literature does not point."""
        return list(map(_agreement, self.called.probability, self.known))

    @cached_property
    def points(self) -> SimilarityPoints:
        """How alike each finding is to each candidate, shape (candidates, findings)."""
        return self.evidence.likeness.of(self.columns)

    @cached_property
    def distances(self) -> Sequence[float]:
        """How far the nearest finding is from each: from 0, alike in all that is stated, to 1."""
        nearest = zip(self.points.max(axis=1, initial=0).tolist(), max_points(self.columns), strict=True)
        return [1.0 - points / most for points, most in nearest]

    @cached_property
    def mechanisms(self) -> Sequence[Mechanism]:
        """What findings of the same or the nearest cargo saw in the recipient."""
        return self.evidence.mechanisms(self.columns, lambda: self.points)

    @property
    def score_ids(self) -> list[str]:
        """The id of each score."""
        labels = (label for label, _ in self.calls)
        return list(map(make_score_id, repeat(self.model), labels, self.called.probability, self.given))

    @cached_property
    def cargo_sets(self) -> Sequence[CargoSet | None]:
        """How the cargos of each were scored together; None where it carries one, or none."""
        columns, weight = self.columns, self.compiled.role_weight
        return [
            explain_set(cargo.cargo, state.value, tumour.value, carrier.turn * weight, self.compiled.features)
            if len(cargo.cargo.names) > 1
            else None
            for cargo, state, tumour, carrier in zip(
                columns.cargo_name, columns.cargo_state, columns.cancer_type, self.carriers, strict=True
            )
        ]

    @cached_property
    def summaries(self) -> Sequence[str]:
        """What each score means in plain words."""
        return [
            summary(label, because, chance, domain.reasons, known, cargo.cargo, state.value)
            for (label, because), chance, known, domain, cargo, state in zip(
                self.calls,
                self.called.probability,
                self.known,
                self.domains,
                self.columns.cargo_name,
                self.columns.cargo_state,
                strict=True,
            )
        ]


def possible_effects(labels: tuple[str, ...], low: float, high: float) -> tuple[str, ...]:
    """The effects that neither the prediction set nor the 90 % band of the probability of suppressing rules out."""
    if len(labels) == 1 and (low > 0.5 if labels == SUPPRESSING else high < 0.5):
        return labels
    return EFFECTS if labels else ()


def decide_label(possible: Sequence[str], inside: bool, says: str) -> tuple[str, str]:
    """The label of a candidate by the effects that are `possible` and what the literature says of the very vesicle, and why it is
    undetermined where it is."""
    if not inside:
        return UNDETERMINED, "domain"
    if says == "contradictory":
        return UNDETERMINED, "conflict"
    if len(possible) != 1:
        return UNDETERMINED, "both_possible" if possible else "domain"
    if says in EFFECTS and says != possible[0]:
        return UNDETERMINED, "conflict"
    return possible[0], ""


def grade_support(call: tuple[str, str], chance: float) -> str:
    """How well a label, with the reason where it is undetermined, is supported at a probability of suppressing: strong or
    moderate where it is determined, weak inside the domain, none outside of it."""
    label, because = call
    if label == UNDETERMINED:
        return NONE if because == "domain" else WEAK
    return STRONG if max(chance, 1.0 - chance) >= STRONG_PROBABILITY else MODERATE


def _agreement(chance: float, known: LiteratureSupport) -> bool | None:
    if known.says not in EFFECTS:
        return None
    return (chance > 0.5) == (known.says == "suppressing")
