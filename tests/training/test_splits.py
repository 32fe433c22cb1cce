"""Folds keep papers whole, hold both effects, and do not depend on the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.findings import Finding
from training.splits import paper_folds, train_and_test

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
