"""A score's standing is what its label set and its percentiles are, at, beside and between all that they are counted over."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.scorer import Scorer


def edges(scorer: Scorer) -> list[float]:
    """Scores on every edge and just beside it."""
    sets, evidence = scorer.bundle.model.sets, scorer.evidence
    on = np.unique(np.concatenate([evidence.left_out, *(each.ravel() for each in sets.scores.values())])).tolist()
    return [score for edge in on for score in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))]


def check(scorer: Scorer, scores: list[float]) -> None:
    found = scorer.standings.of(scores, ["mirna"] * len(scores))
    for score, standing in zip(scores, found, strict=True):
        assert standing.sets == scorer.bundle.model.sets.of(score)
        assert (standing.percentile, standing.percentile_of_type) == scorer.evidence.percentiles(score, "mirna")
    segments = scorer.standings.segments(np.array(scores))
    assert (scorer.standings.p_values[segments] == scorer.bundle.model.sets.p_values(np.array(scores))).all()
    for cargo_type in ("", "mirna"):
        percentiles = scorer.standings.percentiles(cargo_type)[segments].tolist()
        assert percentiles == [each.percentile_of_type if cargo_type else each.percentile for each in found]


def test_on_every_edge_and_beside_it(scorer: Scorer) -> None:
    check(scorer, edges(scorer))


@given(scores=st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_between_the_edges(scorer: Scorer, scores: list[float]) -> None:
    check(scorer, scores)


def test_a_cargo_type_without_findings_has_no_percentile(scorer: Scorer) -> None:
    (standing,) = scorer.standings.of([0.0], ["lipid"])
    assert standing.percentile_of_type is None
    assert np.isnan(scorer.standings.percentiles("lipid")).all()
