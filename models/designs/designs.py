"""Proposes candidates for a goal: the shortlist of a space, what is known of each, and what to test first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.candidates.candidate import Normalization, ParsedCandidate, columns_of
from models.candidates.warnings import ReadingWarning, warned_of
from models.columnar.scorer import BatchScorer
from models.designs.axes import read_axes
from models.designs.families import family_of
from models.designs.ranking import Progress, rank_variants
from models.designs.reasons import explain
from models.designs.request import DesignRequest
from models.designs.space import DesignSpace
from models.designs.test_first import REPLICATES, choose_tests, controls_of
from models.errors import MAX_FAULTS
from models.estimator.applicability import NOTHING
from models.estimator.conformal import LABELS as EFFECTS

if TYPE_CHECKING:
    from models.scorer import Score, Scorer, Versions

# How far a candidate is from what was published, the nearest first.
NOVELTY = HERE, ELSEWHERE, OTHER_SOURCE, NEW = (
    "published_in_this_cancer",
    "published_elsewhere",
    "cargo_published_in_another_source",
    "new",
)


@dataclass(frozen=True, slots=True)
class Design:
    """One proposal: its `score`, `lower` the lower end of the 90 % band of the goal's probability, by which it is ranked,
    `papers` with findings of the same source and state, the `family` of its cargo, its `novelty`, and the `reason` in a line."""

    rank: int
    score: Score
    lower: float
    papers: int
    family: str
    novelty: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposedTest:
    """An experiment that would teach the model much for the goal, with its `controls`; see `ChosenTest` for the figures."""

    score: Score
    novelty: str
    reduction: float
    information: float
    controls: tuple[str, ...]


@dataclass(frozen=True)
class Designs:
    """The shortlist of a space for a goal, best first.

    `variants` are all combinations; `scored` of them can be made and satisfy the constraints, `of_label` counts those by what is
    predicted and `left_out` the others by reason. `warnings` say what could not be understood as it was written.
    """

    request: DesignRequest
    variants: int
    scored: int
    of_label: Mapping[str, int]
    left_out: Mapping[str, int]
    designs: tuple[Design, ...]
    test_first: tuple[ProposedTest, ...]
    replicates: str
    warnings: tuple[ReadingWarning, ...]
    versions: Versions

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from models.scoring.notebook import designs_html

        return designs_html(self)

    def __len__(self) -> int:
        return len(self.designs)


def make_space(scorer: Scorer, request: DesignRequest) -> DesignSpace:
    """The space of a request. Raises DesignError."""
    axes = read_axes(request, scorer.parser, scorer.known_terms, scorer.targets)
    return DesignSpace(axes, scorer.bundle.model.support, request.constraints.min_papers)


def propose(
    scorer: Scorer, request: DesignRequest, space: DesignSpace, progress: Progress = lambda done, total: None
) -> Designs:
    """The designs for a request from its space. `progress` is called with how many variants of how many are done."""
    ranking = rank_variants(space, request, BatchScorer(scorer), scorer.bundle.model.support, progress)
    best, others = (
        [scorer.parser.parse(space.candidate(place)) for place in places]
        for places in (ranking.places, ranking.others if request.test_first else ())
    )
    return Designs(
        request=request,
        variants=len(space),
        scored=ranking.scored,
        of_label=ranking.of_label,
        left_out=ranking.left_out,
        designs=tuple(_design(rank, scorer, reading, request.goal) for rank, reading in enumerate(best, 1)),
        test_first=_tests(scorer, request.test_first, others),
        replicates=REPLICATES,
        warnings=_warnings(scorer, space.axes.notes),
        versions=scorer.versions,
    )


def _warnings(scorer: Scorer, notes: Sequence[Normalization]) -> tuple[ReadingWarning, ...]:
    """What could not be understood. To find what may have been meant takes up to a millisecond, so it is done for the first."""
    unclear = warned_of(notes)
    find = scorer.parser.warnings.find
    return (*find(unclear[:MAX_FAULTS]), *find(unclear[MAX_FAULTS:], suggest=False))


def _design(rank: int, scorer: Scorer, reading: ParsedCandidate, goal: str) -> Design:
    score = scorer.score_reading(reading)
    low, high = score.interval
    return Design(
        rank=rank,
        score=score,
        lower=low if goal == EFFECTS[0] else 1.0 - high,
        papers=score.domain.support["stratum"].papers,
        family=family_of(reading.carried),
        novelty=novelty_of(score),
        reason=explain(score, reading, scorer.features, scorer.classifier.counts, goal),
    )


def _tests(scorer: Scorer, count: int, readings: Sequence[ParsedCandidate]) -> tuple[ProposedTest, ...]:
    """The tests of vesicles of which nothing was published."""
    if not count:
        return ()
    known = scorer.predict(columns_of(readings)).known
    untested = [reading for reading, published in zip(readings, known, strict=True) if published.says == "nothing"]
    tests = []
    for chosen in choose_tests(scorer.bundle.model, scorer.features, untested, count):
        reading = untested[chosen.variant]
        score = scorer.score_reading(reading)
        tests.append(ProposedTest(score, novelty_of(score), chosen.reduction, chosen.information, controls_of(reading)))
    return tuple(tests)


def novelty_of(score: Score) -> str:
    """How far a candidate is from what was published."""
    known = score.known
    if known.in_this_cancer and known.in_this_cancer.says != "nothing":
        return HERE
    if known.anywhere.says != "nothing":
        return ELSEWHERE
    return OTHER_SOURCE if score.domain.support.get("cargo_name", NOTHING).findings else NEW
