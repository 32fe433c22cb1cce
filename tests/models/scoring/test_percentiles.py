"""The percentile of a score alone and in an array is the same, at, beside and between all that it is counted over."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorer import Scorer
from models.scoring.percentiles import SHARED_FIELDS
from training.data.findings import Finding


def edges(scorer: Scorer) -> list[float]:
    """Scores on every edge and just beside it."""
    on = np.unique(scorer.evidence.left_out).tolist()
    return [score for edge in on for score in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))]


VALUES = ("mirna", "glioblastoma", "macrophage")


def check(scorer: Scorer, scores: list[float]) -> None:
    alone = [scorer.ranks.percentiles_of(score, *VALUES) for score in scores]
    assert scorer.ranks.of_all(np.array(scores)) == pytest.approx([each.of_all for each in alone], abs=1e-12)
    for place, (field, value) in enumerate(zip(SHARED_FIELDS, VALUES, strict=True), 1):
        in_array = scorer.ranks.of_value(field, value, np.array(scores))
        assert in_array == pytest.approx([each[place] for each in alone], abs=1e-12), field


def test_on_every_edge_and_beside_it(scorer: Scorer) -> None:
    check(scorer, edges(scorer))


@given(scores=st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_between_the_edges(scorer: Scorer, scores: list[float]) -> None:
    check(scorer, scores)


def test_a_percentile_is_the_share_of_findings_that_score_lower(scorer: Scorer) -> None:
    lowest, highest = scorer.evidence.left_out[0], scorer.evidence.left_out[-1]
    assert scorer.ranks.percentiles_of(lowest - 1, *VALUES) == (0.0, 0.0, 0.0, 0.0)
    assert scorer.ranks.percentiles_of(highest + 1, *VALUES) == (100.0, 100.0, 100.0, 100.0)


def test_findings_that_share_a_field_are_counted_by_hand(scorer: Scorer, corpus: tuple[Finding, ...]) -> None:
    of_finding = {finding.finding_id: finding.left_out for finding in scorer.evidence.evidence}
    for place, (field, value) in enumerate(zip(SHARED_FIELDS, VALUES, strict=True), 1):
        sharing = [
            of_finding[finding.finding_id] for finding in corpus if getattr(finding.reading.candidate, field) == value
        ]
        assert len(sharing) > 5
        lower = sum(log_odds < 0.1 for log_odds in sharing)
        assert scorer.ranks.percentiles_of(0.1, *VALUES)[place] == pytest.approx(100 * lower / len(sharing))


@pytest.mark.parametrize("field", SHARED_FIELDS)
def test_what_no_finding_shares_has_no_percentile(scorer: Scorer, field: str) -> None:
    place = SHARED_FIELDS.index(field)
    values = ["blorb" if name == field else value for name, value in zip(SHARED_FIELDS, VALUES, strict=True)]
    assert scorer.ranks.percentiles_of(0.0, *values)[place + 1] is None
    assert np.isnan(scorer.ranks.of_value(field, "blorb", np.zeros(2))).all()
