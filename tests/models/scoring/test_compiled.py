"""A compiled model says what its fitted model says, to 1e-12, for one candidate and for columns of them."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import Candidates
from models.candidates.candidate import ParsedCandidate, columns_of
from models.estimator.linear_model import MAX_ABS_LOG_ODDS, probabilities, probability
from models.scorer import Scorer

TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def readings(scorer: Scorer) -> list[ParsedCandidate]:
    return [scorer.parser.parse(raw) for raw in Candidates(scorer.features, seed=11).draw(1_000)]


def test_a_compiled_score_is_that_of_the_fitted_model(scorer: Scorer, readings: list[ParsedCandidate]) -> None:
    for reading in readings:
        features = scorer.features.of(reading)
        model = scorer.bundle.model
        score = scorer.score_reading(reading)
        assert score.log_odds == pytest.approx(model.log_odds(features).total, abs=TOLERANCE)
        assert score.interval == pytest.approx(model.interval(features, score.log_odds), abs=TOLERANCE)
        assert score.contributions == pytest.approx(model.log_odds(features).contributions, abs=TOLERANCE)


def test_columns_say_what_each_candidate_is_told_alone_in_any_order(
    scorer: Scorer, readings: list[ParsedCandidate]
) -> None:
    alone = {id(reading): scorer.score_reading(reading) for reading in readings}
    shuffled = random.Random(5).sample(readings, len(readings))
    found = scorer.predict(columns_of(shuffled))
    for place, reading in enumerate(shuffled):
        score = alone[id(reading)]
        called = found.called
        assert (score.log_odds, score.probability_suppressing, *score.interval) == pytest.approx(
            (called.log_odds[place], called.probability[place], called.low[place], called.high[place]), abs=TOLERANCE
        )
        assert (score.label, score.undetermined_because) == found.calls[place]
        assert (score.distance, score.known, score.agrees) == (
            found.distances[place],
            found.known[place],
            found.agrees[place],
        )
        assert (score.mechanism, score.summary) == (found.mechanisms[place], found.summaries[place])


def test_what_was_met_before_never_changes_a_score(scorer: Scorer, readings: list[ParsedCandidate]) -> None:
    fresh = Scorer(scorer.bundle, scorer.features)
    for reading in reversed(readings[:100]):
        assert fresh.score_reading(reading) == scorer.score_reading(reading)


@given(st.lists(st.floats(-2 * MAX_ABS_LOG_ODDS, 2 * MAX_ABS_LOG_ODDS), min_size=1))
def test_probabilities_of_an_array_are_those_of_each_and_stay_within_0_and_1(scores: list[float]) -> None:
    found = probabilities(np.array(scores)).tolist()
    assert found == pytest.approx([probability(score) for score in scores], abs=TOLERANCE)
    assert all(0.0 <= each <= 1.0 for each in found)


def test_a_candidate_without_a_role_has_no_contribution_of_its_cargo(scorer: Scorer) -> None:
    score = scorer.score({"source_phenotype": "M2", "cargo_type": "whole_vesicle"})
    assert "cargo_name" not in score.contributions
    assert math.isclose(score.baseline + math.fsum(score.contributions.values()), score.log_odds, abs_tol=1e-12)


def test_a_reading_that_differs_in_one_word_is_not_taken_for_another(
    scorer: Scorer, readings: list[ParsedCandidate]
) -> None:
    for reading in readings[:50]:
        native = ParsedCandidate(reading.reads._replace(cargo_state=replace(reading.reads.cargo_state, value="native")))
        loaded = ParsedCandidate(reading.reads._replace(cargo_state=replace(reading.reads.cargo_state, value="loaded")))
        assert scorer.score_reading(native).contributions != scorer.score_reading(loaded).contributions
