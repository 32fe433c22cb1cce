"""A score's standing is what its label set and its percentiles are, at, beside and between all that they are counted over."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring.scorer import Scorer


def edges(scorer: Scorer) -> list[float]:
    """Scores on every edge and just beside it."""
    sets, evidence = scorer.bundle.model.sets, scorer.evidence
    on = np.unique(np.concatenate([evidence.left_out, *(each.ravel() for each in sets.scores.values())])).tolist()
    return [score for edge in on for score in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))]


def check(scorer: Scorer, scores: list[float]) -> None:
    standings = scorer.standings.of(scores, ["mirna"] * len(scores))
    p_values = scorer.bundle.model.sets.p_values(np.array(scores))
    for standing, of_score in zip(standings, p_values, strict=True):
        assert (standing.sets.p_suppressing, standing.sets.p_promoting) == pytest.approx(tuple(of_score), abs=1e-12)
    for cargo_type in ("", "mirna"):
        expected = [each.percentile_of_type if cargo_type else each.percentile for each in standings]
        assert scorer.standings.percentiles(np.array(scores), cargo_type) == pytest.approx(expected, abs=1e-12)


def test_on_every_edge_and_beside_it(scorer: Scorer) -> None:
    check(scorer, edges(scorer))


@given(scores=st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_between_the_edges(scorer: Scorer, scores: list[float]) -> None:
    check(scorer, scores)


def test_a_percentile_is_the_share_of_findings_that_score_lower(scorer: Scorer) -> None:
    lowest, highest = scorer.evidence.left_out[0], scorer.evidence.left_out[-1]
    below, above = scorer.standings.of([lowest - 1, highest + 1], ["mirna", "mirna"])
    assert (below.percentile, below.percentile_of_type) == (0.0, 0.0)
    assert (above.percentile, above.percentile_of_type) == (100.0, 100.0)


def test_a_cargo_type_without_findings_has_no_percentile(scorer: Scorer) -> None:
    (standing,) = scorer.standings.of([0.0], ["lipid"])
    assert standing.percentile_of_type is None
    assert np.isnan(scorer.standings.percentiles(np.zeros(2), "lipid")).all()
