"""Folds that keep each paper whole, independent of the order of the rows: dealt at random, cold, subsampled and by year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Rows

# A training part is subsampled in steps of this many equal parts.
PARTS = 5


@dataclass(frozen=True, slots=True)
class Split:
    """The rows to learn from, the rows left out, and the seed of whatever is dealt out within the former."""

    train: Rows
    test: Rows
    seed: tuple[int, ...]


def paper_folds(papers: Sequence[str], suppressing: Sequence[bool], folds: int, seed: Sequence[int]) -> Rows:
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
    for is_suppressing in (True, False):
        of_effect = sorted(paper for paper, vote in votes.items() if (vote > 0) is is_suppressing)
        for position in shuffler.permutation(len(of_effect)):
            fold_of[of_effect[position]] = len(fold_of) % folds
    return np.array([fold_of[paper] for paper in papers], dtype=np.intp)


def train_and_test(fold_of_row: Rows) -> Iterator[tuple[Rows, Rows]]:
    """The rows to learn from and the rows left out, fold by fold."""
    for fold in np.unique(fold_of_row):
        yield np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)


def paper_splits(papers: Sequence[str], suppressing: Sequence[bool], folds: int, seed: tuple[int, ...]) -> list[Split]:
    """One repeat of the folds of `paper_folds`, which leave out every row once."""
    fold_of = paper_folds(papers, suppressing, folds, seed)
    return [Split(train, test, (*seed, fold)) for fold, (train, test) in enumerate(train_and_test(fold_of))]


def cold_splits(
    values: Sequence[tuple[str, ...]], papers: Sequence[str], folds: int | None, seed: tuple[int, ...]
) -> list[Split]:
    """Folds whose test rows have nothing of one kind (cargo, tumour, source …) in common with what was learned from.

    `values` holds, for each row, its own value and then any other that would give it away (co-loaded cargos, broader
    terms); a row without values is never tested. The own values are dealt to the folds, or with `folds` None each is a
    fold. From the training part of a fold every paper goes that has a row left out, or shares any value with one.
    """
    own = [of_row[0] if of_row else None for of_row in values]
    every = sorted({value for value in own if value is not None})
    order = np.random.default_rng(list(seed)).permutation(len(every))
    fold_of = {every[position]: dealt % (folds or len(every)) for dealt, position in enumerate(order)}
    splits = []
    for fold in sorted(set(fold_of.values())):
        test = [row for row, value in enumerate(own) if value is not None and fold_of[value] == fold]
        barred = {value for row in test for value in values[row]}
        gone = {papers[row] for row in test}
        gone |= {paper for paper, of_row in zip(papers, values, strict=True) if not barred.isdisjoint(of_row)}
        train = [row for row, paper in enumerate(papers) if paper not in gone]
        splits.append(Split(np.array(train, dtype=np.intp), np.array(test, dtype=np.intp), (*seed, fold)))
    return splits


def subsample_training(split: Split, papers: Sequence[str], suppressing: Sequence[bool], parts: int) -> Split:
    """The same split with `parts` of the `PARTS` equal parts of its training papers, a larger one holding the smaller."""
    own = [papers[row] for row in split.train]
    part_of = paper_folds(own, [suppressing[row] for row in split.train], PARTS, (*split.seed, PARTS))
    return Split(split.train[part_of < parts], split.test, split.seed)


def temporal_split(years: Sequence[int | None], papers: Sequence[str], year: int, seed: tuple[int, ...]) -> Split:
    """Learning from papers up to and with `year`, tested on later ones; a paper without a year is on neither side."""
    of_paper: dict[str, int] = {}
    for paper, of_row in zip(papers, years, strict=True):
        if of_row is not None:
            of_paper[paper] = min(of_row, of_paper.get(paper, of_row))
    dated = np.array([of_paper.get(paper, 0) for paper in papers])
    return Split(np.flatnonzero((dated > 0) & (dated <= year)), np.flatnonzero(dated > year), (*seed, year))


def has_both_effects(papers: Sequence[str], suppressing: Sequence[bool], folds: int) -> bool:
    """Whether both effects are in at least `folds` papers, so that a fit can be calibrated on left-out papers."""
    pairs = set(zip(papers, map(bool, suppressing), strict=True))
    return all(sum(effect is either for _, effect in pairs) >= folds for either in (True, False))
