"""The cargos of a set are scored together: what each adds, by its share of the weights, sums to what the cargo adds."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorer import Score, Scorer

NAMES = ["miR-21", "miR-34a", "let-7a", "miR-155-5p", "anti-miR-221", "miR-9999"]
TYPED = [
    *(("mirna", name) for name in NAMES),
    ("protein", "PTEN"),
    ("sirna", "STAT3"),
    ("small_molecule", "doxorubicin"),
]
weights = st.floats(min_value=1e-3, max_value=1e3)
CANDIDATE: dict[str, Any] = {"source_cell": "MSC", "cancer_type": "gastric cancer"}


def score(scorer: Scorer, names: list[str], weighing: list[float] | None = None, **others: str) -> Score:
    stated = [f"{name}:{weight!r}" for name, weight in zip(names, weighing, strict=True)] if weighing else names
    return scorer.score({**CANDIDATE, "cargo_type": "mirna", "cargo_name": "+".join(stated), **others})


@given(st.lists(st.tuples(st.sampled_from(TYPED), weights), min_size=2, max_size=6, unique_by=lambda each: each[0]))
def test_what_the_cargos_add_sums_to_the_log_odds(scorer: Scorer, cargos: list[tuple[tuple[str, str], float]]) -> None:
    listed = [{"type": kind, "name": name, "weight": weight, "state": "loaded"} for (kind, name), weight in cargos]
    whole = scorer.score({**CANDIDATE, "cargo": listed})
    assert whole.cargo_set
    added = sum(part.contribution for part in whole.cargo_set.parts)
    assert math.isclose(added, whole.contributions.get("cargo_name", 0.0), abs_tol=1e-9)
    assert math.isclose(whole.baseline + sum(whole.contributions.values()), whole.log_odds, abs_tol=1e-9)
    assert math.isclose(sum(part.share for part in whole.cargo_set.parts), 1.0)
    for part, cargo in zip(whole.cargo_set.parts, listed, strict=True):
        alone = scorer.score({**CANDIDATE, "cargo": [{**cargo, "weight": 1}]}).contributions.get("cargo_name", 0.0)
        assert math.isclose(part.contribution, part.share * alone, abs_tol=1e-9)


@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True), weights, st.sampled_from(["", "loaded"]))
def test_equal_weights_have_the_very_digits_of_none(
    scorer: Scorer, names: list[str], weight: float, state: str
) -> None:
    plain, weighted = (
        score(scorer, names, cargo_state=state),
        score(scorer, names, [weight] * len(names), cargo_state=state),
    )
    assert weighted.log_odds == plain.log_odds
    assert (weighted.interval, weighted.percentiles, weighted.label) == (plain.interval, plain.percentiles, plain.label)
    assert not any(warning.is_assumption for warning in plain.warnings)
    assert [warning.is_assumption for warning in weighted.warnings if "assumption" in warning.done] == [True]


@given(st.lists(st.tuples(st.sampled_from(NAMES), weights), min_size=2, max_size=4, unique_by=lambda each: each[0]))
def test_a_set_in_several_states_is_the_weighted_mean_of_its_cargos(
    scorer: Scorer, cargos: list[tuple[str, float]]
) -> None:
    states = ["loaded", *("enriched" for _ in cargos[1:])]
    names, weighing = [name for name, _ in cargos], [weight for _, weight in cargos]
    mixed = score(scorer, names, weighing, cargo_state="+".join(states))
    alone = [score(scorer, [name], cargo_state=state).log_odds for name, state in zip(names, states, strict=True)]
    mean = sum(weight * each for weight, each in zip(weighing, alone, strict=True)) / sum(weighing)
    assert math.isclose(mixed.log_odds, mean, abs_tol=1e-9)
    assert mixed.candidate.cargo_state == "+".join(states)


def test_a_depleted_set_counts_the_other_way_round(scorer: Scorer) -> None:
    brought, lacking = (
        score(scorer, ["miR-21", "let-7a"], [3, 1], cargo_state=state) for state in ("enriched", "depleted")
    )
    assert brought.cargo_set
    assert lacking.cargo_set
    for one, other in zip(brought.cargo_set.parts, lacking.cargo_set.parts, strict=True):
        assert one.contribution == -other.contribution != 0.0


def test_the_rule_is_said_in_words_and_what_adds_nothing(scorer: Scorer) -> None:
    mixed = scorer.score({**CANDIDATE, "cargo_name": "miR-21:0.9+doxorubicin:0.1"}).cargo_set
    assert mixed
    for said in ("miR-21 90", "doxorubicin 10", "assumption", "did not learn", "Nothing is added for doxorubicin"):
        assert said in mixed.rule
    plain = score(scorer, ["miR-21", "let-7a"]).cargo_set
    assert plain
    assert "as they did in training" in plain.rule
    assert score(scorer, ["miR-21"]).cargo_set is None


def test_a_finding_with_only_one_of_the_cargos_is_not_the_same_vesicle(scorer: Scorer) -> None:
    native = {"source_cell": "macrophage", "source_phenotype": "M2", "cancer_type": "gastric cancer"}
    alone = scorer.score({**native, "cargo_type": "mirna", "cargo_name": "miR-21"})
    mixed = scorer.score({**native, "cargo_name": "miR-21:0.9+doxorubicin:0.1", "cargo_state": "native+loaded"})
    assert alone.known.says != "nothing"
    assert mixed.known.says == "nothing"
    assert mixed.distance > alone.distance


@pytest.mark.parametrize("state", ["", "native+loaded"])
def test_flips_and_missing_fields_are_found_of_sets(scorer: Scorer, state: str) -> None:
    raw = {"source_phenotype": "M2", "cargo_name": "miR-21:0.9+doxorubicin:0.1", "cargo_state": state}
    reading = scorer.parser.parse({name: text for name, text in raw.items() if text})
    whole = scorer.score_reading(reading)
    missing = scorer.missing(reading)
    assert {"cancer_type", "recipient_cell"} <= {each.field for each in missing}
    for field in missing:
        for likely in (field.lowest, field.highest):
            changed = scorer.score({**reading.candidate.to_dict(), field.field: likely.value})
            assert changed.probability_suppressing == likely.probability_suppressing
    for flip in scorer.counterfactuals(reading, whole.label):
        assert scorer.score(flip.candidate.to_dict()).label == flip.label
