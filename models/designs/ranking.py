"""Ranks the variants of a space block by block, so that memory grows with the shortlist and not with the space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.columnar.scorer import LABELS, BatchScorer, BatchScores
from models.designs.request import DesignRequest
from models.designs.space import Block, DesignSpace
from models.estimator.applicability import Support
from models.rounding import steps_of
from models.scoring.predictions import UNDETERMINED_REASONS
from models.scoring.summary import UNDETERMINED

# Variants that are scored at once.
BLOCK = 1 << 17
# How many are looked at of all that might be proposed.
SPREAD = 400
Progress = Callable[[int, int], None]
Keys = NDArray[np.int64]

OUTSIDE, PUBLISHED = "Outside what the model knows", "Published already"
# Of papers, more than so many count as many.
_MOST_PAPERS = (1 << 12) - 1
_PAPERS = 12
_WORST = np.int64(-1)


@dataclass(frozen=True)
class Ranking:
    """The best variants, by their `places` in the space, best first, and `others` that might be proposed, evenly from the best
    to the worst.

    `scored` variants could be made and satisfy the constraints on them, `of_label` counts them by what is predicted, `left_out`
    counts the others by reason.
    """

    places: list[int]
    others: list[int]
    scored: int
    of_label: Counter[str]
    left_out: Counter[str]


def rank_variants(
    space: DesignSpace,
    request: DesignRequest,
    scorer: BatchScorer,
    support: Support,
    progress: Progress = lambda done, total: None,
) -> Ranking:
    """The best variants of a space for a goal.

    First those that are predicted to reach it, then undetermined ones; among them by the lower end of the 90 % band of the
    goal's probability, as documents round it, then by papers on the same source and state, then by papers on the cargo, then
    in the order of the space. Of one family of cargos, and from one source, only so many are taken as the request bounds.
    """
    pool = _Pool(space, request)
    of_cargo = np.array([_papers_on(support, cargo.cargo.keys) for cargo in space.axes.cargos], dtype=np.int64)
    of_label, left_out, scored = Counter[str](), Counter(space.axes.left_out), 0
    for start in range(0, len(space), BLOCK):
        block = space.block(start, start + BLOCK)
        left_out += block.left_out
        if len(block.places):
            scores = scorer.score(block.columns)
            keys = _keys(scores, request.goal, block.papers, of_cargo[block.cargos])
            kept = np.ones(len(keys), dtype=np.bool_)
            for reason, excluded in _unwanted(scores, request).items():
                if number := int((excluded & kept).sum()):
                    left_out[reason] += number
                    kept &= ~excluded
            scored += int(kept.sum())
            counts = np.bincount(scores.label[kept], minlength=len(LABELS)).tolist()
            of_label += Counter(dict(zip(LABELS, counts, strict=True)))
            pool.add(block, np.where(kept, keys, _WORST))
        progress(min(start + BLOCK, len(space)), len(space))
    return Ranking(pool.best(), pool.spread(SPREAD), scored, of_label, left_out)


def _unwanted(scores: BatchScores, request: DesignRequest) -> dict[str, NDArray[np.bool_]]:
    """The variants that constraints leave out once they are scored, by reason."""
    unwanted = {}
    if request.constraints.inside_domain:
        unwanted[OUTSIDE] = scores.because == UNDETERMINED_REASONS.index("domain")
    if request.constraints.exclude_published:
        unwanted[PUBLISHED] = scores.known != 0
    return unwanted


def _keys(scores: BatchScores, goal: str, papers: NDArray[np.intp], of_cargo: Keys) -> Keys:
    """A number for each variant by which they are ranked, greatest first; negative for one that is not proposed."""
    lower = scores.low if goal == LABELS[0] else 1.0 - scores.high
    reaches = scores.label == LABELS.index(goal)
    keys = (reaches.astype(np.int64) << 16) | steps_of(lower)
    for count in (papers, of_cargo):
        keys = (keys << _PAPERS) | np.minimum(count, _MOST_PAPERS)
    proposed = reaches | (scores.label == LABELS.index(UNDETERMINED))
    return np.where(proposed, keys, _WORST)


def _papers_on(support: Support, cargo_keys: tuple[str, ...]) -> int:
    """The papers on the best reported of co-loaded cargos."""
    return max((support.of("cargo_name", key).papers for key in cargo_keys), default=0)


class _Pool:
    """The variants that may still be of the shortlist.

    A shortlist takes the best variants one after another, passing by those of a family or source that is full. Of one family
    from one source it takes at most the lesser of the two bounds, so no other than the best so many of them need be kept.
    """

    def __init__(self, space: DesignSpace, request: DesignRequest) -> None:
        bounds, count = request.constraints, request.limit
        self._families = space.families
        self._count = count
        self._per_family = bounds.max_per_family or count
        # Where there is one source, there is nothing to spread over.
        self._per_source = (bounds.max_per_source if len(space.axes.sources) > 1 else 0) or count
        self._places: Rows = np.empty(0, dtype=np.intp)
        self._keys: Keys = np.empty(0, dtype=np.int64)
        self._family: Rows = np.empty(0, dtype=np.intp)
        self._source: Rows = np.empty(0, dtype=np.intp)

    def add(self, block: Block, keys: Keys) -> None:
        """Adds the variants of a block, which come after all before them in the space."""
        rows = np.flatnonzero(keys != _WORST)
        self._places = np.concatenate([self._places, block.places[rows]])
        self._keys = np.concatenate([self._keys, keys[rows]])
        self._family = np.concatenate([self._family, self._families[block.cargos[rows]]])
        self._source = np.concatenate([self._source, block.sources[rows]])
        self._keep(self._best_of_pairs())

    def best(self) -> list[int]:
        """The places of the shortlist, best first."""
        of_family, of_source = Counter[int](), Counter[int]()
        chosen: list[int] = []
        triples = zip(self._places.tolist(), self._family.tolist(), self._source.tolist(), strict=True)
        for place, family, source in triples:
            if len(chosen) == self._count:
                break
            if of_family[family] < self._per_family and of_source[source] < self._per_source:
                chosen.append(place)
                of_family[family] += 1
                of_source[source] += 1
        return chosen

    def spread(self, count: int) -> list[int]:
        """The places of at most `count` variants, evenly from the best to the worst."""
        rows = np.linspace(0, len(self._places) - 1, min(count, len(self._places))).astype(np.intp)
        return list(map(int, self._places[rows]))

    def _best_of_pairs(self) -> Rows:
        """The rows to keep, best first: of each family from each source the best."""
        order = np.argsort(-self._keys, kind="stable")
        pairs = self._family[order] * (int(self._source.max(initial=0)) + 1) + self._source[order]
        by_pair = np.argsort(pairs, kind="stable")
        grouped = pairs[by_pair]
        starts = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]])) if len(grouped) else by_pair
        sizes = np.diff([*starts, len(grouped)])
        rank = np.arange(len(grouped)) - np.repeat(starts, sizes)
        within = np.empty(len(order), dtype=np.bool_)
        within[by_pair] = rank < min(self._per_family, self._per_source, self._count)
        return order[within]

    def _keep(self, rows: Rows) -> None:
        self._places, self._keys = self._places[rows], self._keys[rows]
        self._family, self._source = self._family[rows], self._source[rows]
