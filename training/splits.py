"""Folds that keep each paper whole, independent of the order of the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


def paper_folds(
    papers: Sequence[str], suppressing: Sequence[bool], folds: int, seed: Sequence[int]
) -> NDArray[np.intp]:
    """The fold (0 to `folds` - 1) of every row, papers kept whole and both effects spread evenly.

    The papers of each effect (the majority of their rows) are shuffled by `seed` and dealt out in turn. Raises ValueError
    where there are fewer papers than folds.
    """
    votes: dict[str, int] = {}
    for paper, is_suppressing in zip(papers, suppressing, strict=True):
        votes[paper] = votes.get(paper, 0) + (1 if is_suppressing else -1)
    if len(votes) < folds:
        raise ValueError(f"{folds} folds need at least {folds} papers; there are {len(votes)}")
    shuffler = np.random.default_rng(list(seed))
    fold_of: dict[str, int] = {}
    for of_effect in (
        sorted(paper for paper, vote in votes.items() if vote > 0),
        sorted(paper for paper, vote in votes.items() if vote <= 0),
    ):
        for position in shuffler.permutation(len(of_effect)):
            fold_of[of_effect[position]] = len(fold_of) % folds
    return np.array([fold_of[paper] for paper in papers], dtype=np.intp)


def train_and_test(fold_of_row: NDArray[np.intp]) -> Iterator[tuple[Rows, Rows]]:
    """The rows to learn from and the rows left out, fold by fold."""
    for fold in np.unique(fold_of_row):
        yield np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)
