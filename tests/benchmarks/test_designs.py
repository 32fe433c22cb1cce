"""The benchmark of designs says what it claims to: nothing learned is later than the cut, and ranks are those of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.designs import Sample, measure
from benchmarks.designs_figures import METHODS
from benchmarks.later_papers import (
    CARGO,
    MODEL,
    SOURCE_AND_CARGO,
    Answer,
    Cut,
    FeaturesWithoutRoles,
    Place,
    RankedSpace,
    all_cuts,
    can_be_ranked,
    cut_at,
    year_of,
)
from models.columnar.scorer import BatchScorer
from models.estimator.conformal import LABELS as EFFECTS
from models.estimator.features import ROLE, Features
from models.rounding import round_probability
from models.scorer import Scorer
from training.data.findings import Finding, index_papers

SHARES = (0.01, 0.05, 0.1, 0.5, 1.0)
UNBOUNDED = {"inside_domain": False, "max_per_family": 0, "max_per_source": 0}


@pytest.mark.parametrize("year", range(2006, 2024))
def test_no_paper_after_the_cut_is_learned_from_and_no_paper_is_on_both_sides(
    corpus: tuple[Finding, ...], year: int
) -> None:
    cut = cut_at(corpus, year)
    assert all(year_of(finding) for finding in (*cut.training, *cut.later))
    assert max(year_of(finding) or 0 for finding in cut.training) <= year
    assert all((year_of(finding) or 0) > year for finding in cut.later)
    papers = index_papers(corpus)
    learned, later = ({papers.key(finding.paper) for finding in side} for side in (cut.training, cut.later))
    assert learned.isdisjoint(later)


def test_a_later_paper_that_was_cited_otherwise_before_is_not_asked_about(corpus: tuple[Finding, ...]) -> None:
    dated = [finding for finding in corpus if finding.citation["doi"] and year_of(finding) == 2018]
    again = replace(dated[0], paper="lab:again", finding_id="again", citation={**dated[0].citation, "year": "2022"})
    assert "again" not in {finding.finding_id for finding in cut_at((*corpus, again), 2019).later}


def test_every_ranked_finding_follows_one_cut_and_the_cuts_are_in_order(corpus: tuple[Finding, ...]) -> None:
    cuts = all_cuts(corpus)
    assert all(before.year < after.year for before, after in pairwise(cuts))
    following = [finding_id for cut in cuts for finding_id in cut.following]
    assert len(following) == len(set(following))
    assert set(following) == {finding.finding_id for finding in cuts[0].later}
    assert all(cut.following <= {finding.finding_id for finding in cut.later} for cut in cuts)


def test_an_oracle_is_at_the_top_its_reverse_at_the_bottom_and_ties_are_chance() -> None:
    ranks = np.arange(200)
    oracle, reverse, ties = Place.among(ranks, 199), Place.among(-ranks, 199), Place.among(np.zeros(200), 199)
    assert (oracle.percentile, reverse.percentile, ties.percentile) == (1.0, 0.0, 0.5)
    assert [oracle.in_top(share) for share in SHARES] == [1.0] * 5
    assert [reverse.in_top(share) for share in SHARES] == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert [ties.in_top(share) for share in SHARES] == pytest.approx([ties.by_chance(share) for share in SHARES])


@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.sampled_from(SHARES))
def test_over_all_variants_every_ranking_is_as_good_as_chance(keys: list[int], share: float) -> None:
    places = [Place.among(np.array(keys), own) for own in range(len(keys))]
    assert np.mean([place.percentile for place in places]) == pytest.approx(0.5)
    assert np.mean([place.in_top(share) for place in places]) == pytest.approx(places[0].by_chance(share))


@pytest.mark.parametrize("goal", EFFECTS)
@pytest.mark.parametrize(
    ("cargo_type", "cargo_state", "varied"),
    [
        ("mirna", "native", CARGO),
        ("mirna", "enriched", SOURCE_AND_CARGO),
        ("mirna", "depleted", CARGO),
        ("circrna", "native", SOURCE_AND_CARGO),
        ("sirna", "loaded", CARGO),
    ],
)
def test_the_ranking_is_that_of_the_product_without_bounds(
    scorer: Scorer, corpus: tuple[Finding, ...], cargo_type: str, cargo_state: str, varied: str, goal: str
) -> None:
    stated = {"cargo_type": cargo_type, "cargo_state": cargo_state}
    (finding, *_) = (
        finding
        for finding in corpus
        if stated.items() <= finding.candidate.to_dict().items() and finding.candidate.cancer_type
    )
    space = RankedSpace.of(BatchScorer(scorer), [finding], with_sources=varied == SOURCE_AND_CARGO)
    assert space is not None
    rows, axes = space.rows_for(finding, varied), space.space.axes
    row_of = {
        (axes.sources[space.sources[row]].cell, axes.sources[space.sources[row]].phenotype, cargo.name): place
        for place, row in enumerate(rows.tolist())
        for cargo in [axes.cargos[space.cargos[row]]]
    }
    own = {"source_cell": finding.candidate.source_cell, "source_phenotype": finding.candidate.source_phenotype}
    vary, fixed = {"cargo_name": "known"}, {**stated, "cancer_type": finding.candidate.cancer_type, **own}
    if varied == SOURCE_AND_CARGO:
        vary |= dict.fromkeys(own, "known")
        fixed = {name: value for name, value in fixed.items() if name not in own}
    designs = scorer.design(vary, fixed, goal, UNBOUNDED, limit=30, test_first=0)
    assert designs.variants - sum(count for reason, count in designs.left_out.items()) == len(rows)
    keys = space.keys(goal)[rows]
    for rank, design in enumerate(designs.designs):
        candidate = design.score.candidate
        row = row_of[candidate.source_cell, candidate.source_phenotype, candidate.cargo_name]
        place = Place.among(keys, row)
        assert place.better <= rank < place.better + place.equal
        low, high = (space.scores.low[rows[row]], space.scores.high[rows[row]])
        assert round_probability(design.lower) == round_probability(float(low if goal == EFFECTS[0] else 1.0 - high))


def test_a_model_without_roles_has_no_feature_of_a_cargo(corpus: tuple[Finding, ...], features: Features) -> None:
    blind = FeaturesWithoutRoles(features.parser, features.roles)
    assert any(ROLE in features.of(finding.reading) for finding in corpus)
    assert not any(ROLE in blind.of(finding.reading) for finding in corpus)
    assert not any(blind.role_of_all(finding.reading.carried, "glioma") for finding in corpus)


def answer_at(finding: Finding, places: Mapping[str, Place], label: str) -> Answer:
    """An answer of which every method says the same, by goal."""
    of_all = {
        (varied, goal, method): places[goal]
        for varied, methods in METHODS.items()
        for goal in EFFECTS
        for method in methods
    }
    return Answer(2000, finding, 2001, label, 0.9, 0.4, 1.0, True, of_all)


def measured_at(findings: list[Finding], features: Features, places: Mapping[str, Place], label: str) -> dict[str, Any]:
    """The figures where every later finding has these answers."""
    cut = Cut(2000, [], findings, frozenset(finding.finding_id for finding in findings))
    return measure(
        findings, features, [cut], {2000: [answer_at(finding, places, label) for finding in findings]}, resamples=50
    )


@pytest.fixture
def rankable(corpus: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in corpus if can_be_ranked(finding)][:80]


def test_papers_weigh_equal_however_many_findings_they_have(rankable: list[Finding]) -> None:
    first = [replace(finding, paper="first", effect="suppressing") for finding in rankable[:3]]
    other = replace(rankable[3], paper="other", effect="suppressing")
    top, bottom = Place(0, 1, 500), Place(499, 1, 500)
    places = {finding.finding_id: top for finding in first} | {other.finding_id: bottom}
    answers = [
        answer_at(finding, dict.fromkeys(EFFECTS, places[finding.finding_id]), "") for finding in (*first, other)
    ]
    assert Sample(answers, 0).share([each.places[CARGO, EFFECTS[0], MODEL].percentile for each in answers]) == [0.5]


def test_figures_are_of_the_places_and_labels(rankable: list[Finding], features: Features) -> None:
    top, bottom = Place(0, 1, 500), Place(499, 1, 500)
    measured = measured_at(rankable, features, dict(zip(EFFECTS, (top, bottom), strict=True)), "suppressing")
    for ranking in measured["rankings"]:
        expected = 0.5 if ranking["method"] == "chance" else float(ranking["goal"] == "suppressing")
        assert ranking["figures"]["percentile"]["mean"] == expected
        assert ranking["figures"]["percentile"]["interval"] == [expected, expected]
    suppressing, promoting = measured["effects"]
    assert suppressing["right_of_determined"]["mean"] == 1.0
    assert promoting["right_of_determined"]["mean"] == 0.0
    assert [of["right_at_even_odds"]["the model without roles"]["mean"] for of in measured["effects"]] == [0.0, 1.0]
    undetermined = measured_at(rankable, features, dict.fromkeys(EFFECTS, top), "undetermined")
    assert [of["determined"]["mean"] for of in undetermined["effects"]] == [0.0, 0.0]
    assert [of["right_of_determined"] for of in undetermined["effects"]] == [None, None]
