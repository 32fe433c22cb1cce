"""The percentile of a score alone and in an array is the same, at, beside and between all that it is counted over."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorer import Scorer


def edges(scorer: Scorer) -> list[float]:
    """Scores on every edge and just beside it."""
    on = np.unique(scorer.evidence.left_out).tolist()
    return [score for edge in on for score in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))]


def check(scorer: Scorer, scores: list[float]) -> None:
    alone = [scorer.ranks.percentiles_of(score, "mirna") for score in scores]
    for place, cargo_type in enumerate(("", "mirna")):
        expected = [percentiles[place] for percentiles in alone]
        assert scorer.ranks.percentiles(np.array(scores), cargo_type) == pytest.approx(expected, abs=1e-12)


def test_on_every_edge_and_beside_it(scorer: Scorer) -> None:
    check(scorer, edges(scorer))


@given(scores=st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_between_the_edges(scorer: Scorer, scores: list[float]) -> None:
    check(scorer, scores)


def test_a_percentile_is_the_share_of_findings_that_score_lower(scorer: Scorer) -> None:
    lowest, highest = scorer.evidence.left_out[0], scorer.evidence.left_out[-1]
    assert scorer.ranks.percentiles_of(lowest - 1, "mirna") == (0.0, 0.0)
    assert scorer.ranks.percentiles_of(highest + 1, "mirna") == (100.0, 100.0)


def test_a_cargo_type_without_findings_has_no_percentile(scorer: Scorer) -> None:
    assert scorer.ranks.percentiles_of(0.0, "lipid")[1] is None
    assert np.isnan(scorer.ranks.percentiles(np.zeros(2), "lipid")).all()
