"""The product taken back in time: what designs of a year say of the cargos that later papers tested.

A model learns from the papers up to a year. Each later finding then is a request: every known cargo of the same type, in the
same source, state and tumour. The cargo that the paper tested stands somewhere in that ranking, and a good ranking has it near
the top where the paper found the goal, and near the bottom where it found the opposite.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats, Rows
from models.candidates.candidate import RawValue
from models.candidates.cargo import Cargo, state_sign
from models.columnar.scorer import LABELS, BatchScorer, BatchScores
from models.designs.axes import Axes
from models.designs.known import NamedCargo, Source
from models.designs.request import DesignError
from models.designs.space import DesignSpace
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.features import KIND_OF_CARGO_TYPE, Features
from models.rounding import DECIMALS, round_probability
from models.scorer import Scorer
from models.scoring.summary import UNDETERMINED
from training.data.findings import Finding, cells_of, seen_findings
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.shifts import PAPERS_AFTER, PAPERS_BEFORE
from training.fit import INNER_FOLDS
from training.pipeline import train_model
from training.splits import has_both_effects, temporal_split

MODEL, ROLE, NO_ROLES = "the model", "role alone", "the model without roles"
# What may vary: the cargo alone, or also the source among those that findings up to the year have.
CARGO, SOURCE_AND_CARGO = "cargo", "source and cargo"
# Nothing of what is assessed here is shown, so that a short assessment is enough; the fit is the product's.
PLAN = EvaluationPlan(repeats=1, resamples=20, jobs=1)
Flags = NDArray[np.bool_]


class FeaturesWithoutRoles(Features):
    """Features of a model that knows nothing of cargos."""

    def roles_of_all(self, cargo: Cargo) -> Floats:
        """No role of any cargo in any tumour."""
        return self._no_role


class Place(NamedTuple):
    """Where a variant stands: how many are better, how many equal (itself among them), of how many in all."""

    better: int
    equal: int
    variants: int

    @classmethod
    def among(cls, keys: NDArray[np.generic], own: int) -> Place:
        """The place of the variant in row `own`; the greatest key is the best."""
        return cls(int((keys > keys[own]).sum()), int((keys == keys[own]).sum()), len(keys))

    @property
    def percentile(self) -> float:
        """1 for the best of all, 0 for the worst; those that are equal get their mean rank."""
        return 1.0 - (self.better + 0.5 * (self.equal - 1)) / (self.variants - 1)

    def in_top(self, share: float) -> float:
        """Whether it is in this share of all, at least one variant; of those that are equal across the border a part is."""
        top = _top(share, self.variants)
        return min(max(top - self.better, 0), self.equal) / self.equal

    def by_chance(self, share: float) -> float:
        """How often a variant drawn at random is in this share."""
        return _top(share, self.variants) / self.variants


def _top(share: float, variants: int) -> int:
    # A share such as 0.1 is a little more than a tenth.
    return max(int(np.ceil(round(share * variants, 6))), 1)


@dataclass(frozen=True)
class Answer:
    """What the model of a `cut` year says of a later finding.

    `label` and `probability` of suppressing are those of the candidate that was tested, `without_roles` the probability by the
    model without roles, `role` the role of its cargo with its sign. `cargo_is_new` says that no finding up to the cut is of it.
    `places` are where it stands, by what varied, the goal and the method.
    """

    cut: int
    finding: Finding
    year: int
    label: str
    probability: float
    without_roles: float
    role: float
    cargo_is_new: bool
    places: Mapping[tuple[str, str, str], Place]


@dataclass(frozen=True)
class Cut:
    """The findings of papers up to a `year`, and the `later` ones; of those, `following` are from papers before the next cut."""

    year: int
    training: list[Finding]
    later: list[Finding]
    following: frozenset[str] = frozenset()

    @cached_property
    def scorers(self) -> dict[str, BatchScorer]:
        """The product as trained on what was published up to the year, with roles and without."""
        features = Features.load()
        blind = FeaturesWithoutRoles(features.parser, features.roles)
        return {
            name: BatchScorer(Scorer(train_model(self.training, each, PLAN)[0], each))
            for name, each in ((MODEL, features), (NO_ROLES, blind))
        }


def cut_at(findings: Sequence[Finding], year: int) -> Cut:
    """The findings of papers up to and with a year, and those of later papers; a paper without a year is in neither."""
    split = temporal_split(list(map(year_of, findings)), [finding.paper for finding in findings], year, (0,))
    training, later = ([findings[row] for row in rows] for rows in (split.train, split.test))
    known = frozenset().union(*(finding.paper_names for finding in training))
    # A paper that is cited otherwise is no later one.
    seen = {finding.finding_id for finding in seen_findings(later, known)}
    return Cut(year, training, [finding for finding in later if finding.finding_id not in seen])


def year_of(finding: Finding) -> int | None:
    """The year of a finding's paper, if it is stated."""
    return int(finding.citation["year"]) if finding.citation["year"] else None


def all_cuts(findings: Sequence[Finding], years: Sequence[int] = ()) -> list[Cut]:
    """A cut for each year with enough papers before and after, by default of all years."""
    dated = {year for finding in findings if (year := year_of(finding))}
    cuts = [cut for year in sorted(years or dated) if _is_enough(cut := cut_at(findings, year))]
    ends = [cut.year for cut in cuts[1:]] + [max(dated)]
    return [
        replace(cut, following=frozenset(each.finding_id for each in cut.later if (year_of(each) or 0) <= end))
        for cut, end in zip(cuts, ends, strict=True)
    ]


def _is_enough(cut: Cut) -> bool:
    papers = [finding.paper for finding in cut.training]
    return (
        len(set(papers)) >= PAPERS_BEFORE
        and len({finding.paper for finding in cut.later}) >= PAPERS_AFTER
        and has_both_effects(papers, [finding.suppressing for finding in cut.training], INNER_FOLDS)
    )


def can_be_ranked(finding: Finding) -> bool:
    """Whether there is a choice among cargos of its type: it names a cargo, of a type on which there are reports."""
    return bool(finding.reading.cargo) and finding.candidate.cargo_type in KIND_OF_CARGO_TYPE


def answer(cut: Cut) -> Iterator[Answer]:
    """What the designs of a cut say of each later finding that can be ranked; one that no design may propose is left out.

    Sources vary only for the findings that follow the cut.
    """
    groups: dict[tuple[str, str, str, bool], list[Finding]] = defaultdict(list)
    for finding in filter(can_be_ranked, cut.later):
        stated, follows = finding.candidate, finding.finding_id in cut.following
        groups[stated.cargo_type, stated.cargo_state, stated.cancer_type, follows].append(finding)
    for (*_, follows), findings in groups.items():
        model, blind = (RankedSpace.of(cut.scorers[name], findings, follows) for name in (MODEL, NO_ROLES))
        if model and blind:
            yield from (
                _answer(cut, finding, model, blind, follows) for finding in findings if model.row_of(finding) >= 0
            )


def _answer(cut: Cut, finding: Finding, model: RankedSpace, blind: RankedSpace, follows: bool) -> Answer:
    own, places = model.row_of(finding), dict[tuple[str, str, str], Place]()
    for varied in (CARGO, SOURCE_AND_CARGO)[: 1 + follows]:
        rows = model.rows_for(finding, varied)
        place = int(np.flatnonzero(rows == own)[0])
        for goal in EFFECTS:
            role = model.role if goal == EFFECTS[0] else -model.role
            keys = {MODEL: model.keys(goal), ROLE: role, NO_ROLES: blind.keys(goal)}
            places |= {(varied, goal, method): Place.among(of[rows], place) for method, of in keys.items()}
    support = cut.scorers[MODEL].scorer.bundle.model.support
    return Answer(
        cut.year,
        finding,
        year_of(finding) or 0,
        LABELS[model.scores.label[own]],
        float(model.scores.probability[own]),
        float(blind.scores.probability[own]),
        float(model.role[own]),
        not any(support.of("cargo_name", key).findings for key in finding.reading.carried.keys),
        places,
    )


@dataclass(frozen=True)
class RankedSpace:
    """All variants of a design that can be made, with their scores and the role of the cargo of each (`role`). Some findings'
    own source or cargo may stand on the axes without being known: behind `known_sources` and `known_cargos`. `identities` are
    those of the cargos."""

    space: DesignSpace
    identities: list[object]
    known_sources: int
    known_cargos: int
    sources: Rows
    cargos: Rows
    scores: BatchScores
    role: Floats

    @classmethod
    def of(cls, batch: BatchScorer, findings: Sequence[Finding], with_sources: bool) -> RankedSpace | None:
        """The space around findings of one cargo type, state and tumour; None where nothing of it can be made."""
        scorer, stated = batch.scorer, findings[0].candidate
        cargos = {cargo_identity(cargo.cargo): cargo for cargo in scorer.known_terms.cargos_of(stated.cargo_type)}
        sources = known_sources(scorer) if with_sources else []
        sizes = len(sources), len(cargos)
        for finding in findings:
            if source_of(finding) not in sources:
                sources.append(source_of(finding))
            if (identity := cargo_identity(finding.reading.carried)) not in cargos:
                name = cells_of(finding, scorer.parser)["cargo_name"]
                cargos[identity] = NamedCargo.parse(scorer.parser, stated.cargo_type, name)
        others: dict[str, list[RawValue]] = {"cargo_state": [stated.cargo_state]}
        if stated.cancer_type:
            others["cancer_type"] = [stated.cancer_type]
        try:
            space = DesignSpace(
                Axes(sources, list(cargos.values()), others, (), Counter()), scorer.bundle.model.support
            )
        except DesignError:
            return None
        block = space.block(0, len(space))
        role_of_all, sign = scorer.features.role_of_all, state_sign(stated.cargo_state)
        role = np.array([sign * role_of_all(cargo.cargo, stated.cancer_type) for cargo in cargos.values()])
        scores = batch.score(block.columns)
        return cls(space, list(cargos), *sizes, block.sources, block.cargos, scores, role[block.cargos])

    def row_of(self, finding: Finding) -> int:
        """The row of the candidate that a finding is of; -1 where no design may propose it."""
        rows = np.flatnonzero((self.sources == self._source(finding)) & (self.cargos == self._cargo(finding)))
        return int(rows[0]) if len(rows) else -1

    def rows_for(self, finding: Finding, varied: str) -> Rows:
        """The variants that a request about a finding ranks: all that were known, and its own source and cargo."""
        source = self._source(finding)
        of_cargo = (self.cargos < self.known_cargos) | (self.cargos == self._cargo(finding))
        of_source: Flags = self.sources == source
        if varied == SOURCE_AND_CARGO:
            of_source |= self.sources < self.known_sources
        return np.flatnonzero(of_cargo & of_source)

    def keys(self, goal: str) -> NDArray[np.int64]:
        """A number for each variant by which designs are ranked, the greatest first.

        What is predicted to reach the goal comes before what is undetermined, and that before the rest; then the lower end of
        the 90 % band of the goal's probability counts, as documents round it.
        """
        lower = self.scores.low if goal == EFFECTS[0] else 1.0 - self.scores.high
        standing = np.where(self.scores.label == LABELS.index(UNDETERMINED), 1, 0)
        standing[self.scores.label == LABELS.index(goal)] = 2
        scale = 10**DECIMALS
        keys: NDArray[np.int64] = (2 * scale) * standing + np.rint(round_probability(lower) * scale).astype(np.int64)
        return keys

    def _source(self, finding: Finding) -> int:
        return self.space.axes.sources.index(source_of(finding))

    def _cargo(self, finding: Finding) -> int:
        return self.identities.index(cargo_identity(finding.reading.carried))


def source_of(finding: Finding) -> Source:
    """The cell and phenotype of a finding."""
    return Source(finding.candidate.source_cell, finding.candidate.source_phenotype)


def known_sources(scorer: Scorer) -> list[Source]:
    """The sources that designs propose where they are to be `known` ones."""
    known = scorer.known_terms
    return [Source(cell, name) for cell in known.of_field("source_cell") for name in known.phenotypes_of(cell)]


def cargo_identity(cargo: Cargo) -> object:
    """What makes two cargos the same one, and with the same sign."""
    return frozenset(zip(cargo.keys, cargo.signs, strict=True))
