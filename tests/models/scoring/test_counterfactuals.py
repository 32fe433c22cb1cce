"""Flips: every one really turns the call, changes only what it says, and carries its own domain."""

from __future__ import annotations

import pytest

from benchmarks.candidates import Candidates
from models.scorer import Scorer

PROMOTING = {
    "source_phenotype": "M2",
    "cargo_type": "mirna",
    "cargo_name": "miR-21-5p",
    "cancer_type": "gastric cancer",
}
SUPPRESSING = {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "miR-145"}


@pytest.mark.parametrize("raw", [PROMOTING, SUPPRESSING])
def test_every_flip_scores_what_it_says_and_differs_only_where_it_says(scorer: Scorer, raw: dict[str, str]) -> None:
    reading = scorer.parser.parse(raw)
    score = scorer.score_reading(reading)
    found = scorer.counterfactuals(reading, score.label)
    assert found
    for flip in found:
        again = scorer.score(flip.candidate.to_dict())
        assert flip.label in ("suppressing", "promoting")
        assert flip.label != score.label
        assert again.probability_suppressing == flip.probability_suppressing
        assert again.domain.inside == flip.inside_domain
        changed = {
            name for name, value in flip.candidate.to_dict().items() if value != score.candidate.to_dict().get(name)
        }
        assert changed == {field for field, _, _ in flip.changes}


def test_fewer_changes_and_those_with_more_findings_behind_them_come_first(scorer: Scorer) -> None:
    reading = scorer.parser.parse(PROMOTING)
    found = scorer.counterfactuals(reading, scorer.score_reading(reading).label)
    ranks = [(len(flip.changes), -flip.support) for flip in found]
    assert ranks == sorted(ranks)


def test_no_flip_is_without_findings_behind_it_or_outside_the_domain(scorer: Scorer) -> None:
    for raw in Candidates(scorer.features, 5).draw(25):
        reading = scorer.parser.parse(raw)
        for flip in scorer.counterfactuals(reading, scorer.score_reading(reading).label):
            assert flip.inside_domain
            assert flip.support > 0


def test_an_m2_vesicle_with_an_oncogenic_cargo_can_be_turned_by_another_cargo_or_by_its_state(scorer: Scorer) -> None:
    reading = scorer.parser.parse(PROMOTING)
    fields = {field for flip in scorer.counterfactuals(reading, "promoting") for field, _, _ in flip.changes}
    assert fields & {"cargo_state", "cargo_name"}
