"""Folds keep papers whole, hold both effects, and do not depend on the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.findings import Finding
from training.splits import (
    PARTS,
    cold_splits,
    has_both_effects,
    paper_folds,
    paper_splits,
    subsample_training,
    temporal_split,
    train_and_test,
)

papers_and_effects = st.lists(st.tuples(st.integers(0, 25).map(str), st.booleans()), min_size=30, max_size=80).filter(
    lambda rows: len({paper for paper, _ in rows}) >= 5
)


@given(papers_and_effects, st.integers(0, 5))
def test_no_paper_is_split_and_every_row_is_left_out_once(rows: list[tuple[str, bool]], seed: int) -> None:
    papers, effects = (list(column) for column in zip(*rows, strict=True))
    left_out: list[int] = []
    for train, test in train_and_test(paper_folds(papers, effects, 5, (seed,))):
        assert {papers[row] for row in train}.isdisjoint(papers[row] for row in test)
        left_out += test.tolist()
    assert sorted(left_out) == list(range(len(rows)))


@given(papers_and_effects, st.randoms())
def test_a_paper_is_in_the_same_fold_however_the_rows_are_sorted(rows: list[tuple[str, bool]], random: object) -> None:
    def fold_of(of: list[tuple[str, bool]]) -> dict[str, int]:
        papers, effects = (list(column) for column in zip(*of, strict=True))
        return dict(zip(papers, paper_folds(papers, effects, 5, (0,)).tolist(), strict=True))

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold_of(shuffled) == fold_of(rows)


def test_repeats_deal_the_papers_anew_and_folds_of_the_corpus_are_even(corpus: tuple[Finding, ...]) -> None:
    papers = [finding.paper for finding in corpus]
    effects = [finding.suppressing for finding in corpus]
    first, second = (paper_folds(papers, effects, 5, (0, repeat)) for repeat in (0, 1))
    assert (first != second).any()
    shares = [np.mean(np.array(effects)[first == fold]) for fold in range(5)]
    assert max(shares) - min(shares) < 0.1


def test_too_few_papers_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least 5 papers"):
        paper_folds(["a", "b"], [True, False], 5, (0,))


values_and_papers = st.lists(
    st.tuples(st.lists(st.sampled_from("abcdefgh"), max_size=3, unique=True), st.integers(0, 12)),
    min_size=1,
    max_size=40,
)


@given(values_and_papers, st.sampled_from([None, 2, 5]), st.integers(0, 3))
def test_cold_folds_share_no_value_and_no_paper_and_leave_out_every_valued_row_once(
    rows: list[tuple[list[str], int]], folds: int | None, seed: int
) -> None:
    values = [tuple(of_row) for of_row, _ in rows]
    papers = [str(paper) for _, paper in rows]
    left_out: list[int] = []
    for split in cold_splits(values, papers, folds, (seed,)):
        seen = {value for row in split.train for value in values[row]}
        assert seen.isdisjoint(value for row in split.test for value in values[row])
        assert {papers[row] for row in split.train}.isdisjoint(papers[row] for row in split.test)
        left_out += split.test.tolist()
    assert sorted(left_out) == [row for row, of_row in enumerate(values) if of_row]


@given(values_and_papers, st.integers(0, 3))
def test_a_paper_is_learned_from_whole_or_not_at_all_in_cold_folds(
    rows: list[tuple[list[str], int]], seed: int
) -> None:
    papers = [str(paper) for _, paper in rows]
    for split in cold_splits([tuple(of_row) for of_row, _ in rows], papers, 3, (seed,)):
        whole = {row for row, paper in enumerate(papers) if paper in {papers[one] for one in split.train}}
        assert whole == set(split.train.tolist())


@given(papers_and_effects, st.integers(0, 5))
def test_subsampled_training_parts_hold_one_another_and_test_on_the_same(
    rows: list[tuple[str, bool]], seed: int
) -> None:
    papers, effects = (list(column) for column in zip(*rows, strict=True))
    for split in paper_splits(papers, effects, 2, (seed,)):
        if len({papers[row] for row in split.train}) < PARTS:
            continue
        larger: set[int] = set(split.train.tolist())
        for parts in range(PARTS, 0, -1):
            short = subsample_training(split, papers, effects, parts)
            kept = set(short.train.tolist())
            assert kept <= larger
            assert (short.test == split.test).all()
            larger = kept
        assert set(subsample_training(split, papers, effects, PARTS).train.tolist()) == set(split.train.tolist())


@given(
    st.lists(st.tuples(st.integers(0, 20), st.none() | st.integers(2010, 2024)), min_size=1), st.integers(2010, 2024)
)
def test_years_learn_from_the_past_only_and_split_no_paper(rows: list[tuple[int, int | None]], year: int) -> None:
    papers, years = [str(paper) for paper, _ in rows], [of_row for _, of_row in rows]
    split = temporal_split(years, papers, year, (0,))
    assert {papers[row] for row in split.train}.isdisjoint(papers[row] for row in split.test)
    first = {
        paper: min((y for p, y in zip(papers, years, strict=True) if p == paper and y is not None), default=None)
        for paper in papers
    }
    assert all((first[papers[row]] or year + 1) <= year for row in split.train)
    assert all((first[papers[row]] or year) > year for row in split.test)


def test_learning_needs_both_effects_in_enough_papers() -> None:
    assert has_both_effects(["a", "b", "c", "d"], [True, True, False, False], 2)
    assert not has_both_effects(["a", "b", "c", "c"], [True, True, False, False], 2)
    assert not has_both_effects([], [], 1)
