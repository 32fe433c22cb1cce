"""The decision costs least in expectation, whatever the costs are, and says what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.rounding import STEPS, round_probability
from models.scoring.decisions import COST_FIELDS, Costs, CostsError, decide

COST = st.one_of(
    st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0, 1e-300, 1e300]), st.floats(0, allow_infinity=False, width=32)
)
COSTS = st.builds(Costs, COST.filter(bool), COST.filter(bool), st.none() | COST)
CHANCE = st.integers(1, STEPS - 1).map(lambda step: step / STEPS)
BAND = st.tuples(CHANCE, CHANCE, CHANCE).map(sorted)


def expected(costs: Costs, chance: float) -> dict[str, Fraction]:
    """The costs of each choice without any rounding, by the definition."""
    share = Fraction(str(chance))
    exact = {
        "suppressing": (1 - share) * Fraction(str(costs.wrong_suppressing)),
        "promoting": share * Fraction(str(costs.wrong_promoting)),
    }
    return exact if costs.undetermined is None else exact | {"undetermined": Fraction(str(costs.undetermined))}


@given(COSTS, BAND)
def test_no_other_choice_costs_less(costs: Costs, band: list[float]) -> None:
    low, chance, high = band
    decision = decide(costs, chance, (low, high), outside=False)
    exact = expected(costs, chance)
    least = min(exact.values())
    if decision.because == "tie":
        assert (decision.choice, decision.cost) == ("undetermined", exact.get("undetermined"))
        assert exact["suppressing"] == exact["promoting"] == least
    else:
        assert exact[decision.choice] == least
        assert decision.cost == float(least)
        assert decision.choice == "undetermined" or list(exact.values()).count(least) == 1
    assert decision.expected == {choice: float(cost) for choice, cost in exact.items()}


@given(COSTS, CHANCE)
def test_the_thresholds_are_where_the_choice_changes(costs: Costs, chance: float) -> None:
    above, below = costs.suppressing_above, costs.promoting_below
    assert 0 <= below <= above <= 1
    # The nearest number of 64 bits to a threshold may be a probability that is not quite it.
    assume(abs(chance - above) > 1e-12 and abs(chance - below) > 1e-12)
    choice, _ = costs.choose(chance)
    assert choice == ("suppressing" if chance > above else "promoting" if chance < below else "undetermined")


@given(COSTS, BAND)
def test_a_decision_is_sure_where_every_probability_of_the_band_leads_to_it(costs: Costs, band: list[float]) -> None:
    low, chance, high = band
    decision = decide(costs, chance, (low, high), outside=False)
    steps = range(round(low * STEPS), round(high * STEPS) + 1, max(1, round((high - low) * STEPS) // 50))
    choices = {costs.choose(step / STEPS)[0] for step in (*steps, round(high * STEPS))}
    assert decision.is_sure == (choices == {decision.choice}) or decision.because == "tie"
    assert any("could change" in sentence for sentence in decision.rests_on) is not decision.is_sure


@given(COSTS, BAND)
def test_outside_the_domain_the_probability_decides_nothing(costs: Costs, band: list[float]) -> None:
    low, chance, high = band
    decision = decide(costs, chance, (low, high), outside=True)
    assert (decision.choice, decision.because, decision.is_sure) == ("undetermined", "domain", None)
    assert (decision.cost, decision.expected) == (costs.undetermined, {})
    (sentence,) = decision.rests_on
    assert "outside the domain" in sentence


@given(COSTS, st.floats(0, 1), st.floats(0, 1))
def test_a_decision_rests_on_the_figures_that_documents_show(costs: Costs, chance: float, end: float) -> None:
    band = min(chance, end), max(chance, end)
    shown = round_probability(chance), (round_probability(band[0]), round_probability(band[1]))
    assert decide(costs, chance, band, outside=False) == decide(costs, *shown, outside=False)


@given(COSTS)
def test_costs_are_read_back_from_the_address_that_they_make(costs: Costs) -> None:
    assert Costs.parse(costs.as_query()) == costs


def test_costs_that_are_equal_on_paper_are_a_tie() -> None:
    # 0.75 times 0.1 and 0.25 times 0.3 differ in their last bits as floats.
    decision = decide(Costs(0.1, 0.3), 0.25, (0.2, 0.3), outside=False)
    assert (decision.choice, decision.because, decision.cost, decision.is_sure) == ("undetermined", "tie", None, False)


def test_undetermined_is_chosen_where_it_costs_as_little() -> None:
    decision = decide(Costs(1, 1, 0.5), 0.5, (0.5, 0.5), outside=False)
    assert (decision.choice, decision.because, decision.cost) == ("undetermined", "least_cost", 0.5)
    assert decide(Costs(1, 1, 0), 0.5, (0.5, 0.5), outside=False).choice == "undetermined"


def test_nothing_stated_is_no_decision() -> None:
    assert Costs.parse({}) is None
    assert Costs.parse(dict.fromkeys(COST_FIELDS, " ")) is None
    assert Costs.parse(dict.fromkeys(COST_FIELDS)) is None


WRONG = ("-1", -1, "nan", "inf", "1e400", 10**400, "five", "1_000", True, [1], "1,5", "5 6")
RIGHT = (1e-9, 0.5, "5", " 1e3 ", "+2")


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_what_is_no_cost_is_refused_by_name(value: object) -> None:
    for wrong in COST_FIELDS:
        assert _wrong({**dict.fromkeys(COST_FIELDS, 1), wrong: value}) == [wrong]


@pytest.mark.parametrize("value", RIGHT, ids=repr)
def test_any_spelling_of_a_number_is_a_cost(value: object) -> None:
    assert Costs.parse({COST_FIELDS[0]: value, COST_FIELDS[1]: 1}) == Costs(float(str(value)), 1)


def test_every_wrong_and_every_missing_cost_is_named_at_once() -> None:
    for stated in product((None, "x", "1"), repeat=len(COST_FIELDS)):
        raw = {name: value for name, value in zip(COST_FIELDS, stated, strict=True) if value is not None}
        wrong = [name for name, value in zip(COST_FIELDS, stated, strict=True) if value == "x"]
        missing = [name for name in COST_FIELDS[:2] if raw and name not in raw]
        assert _wrong(raw) == sorted({*wrong, *missing}, key=COST_FIELDS.index)


def test_a_wrong_decision_that_costs_nothing_is_refused() -> None:
    free = {"cost_wrong_suppressing": 0, "cost_wrong_promoting": "0", "cost_undetermined": 0}
    assert _wrong(free) == ["cost_wrong_suppressing", "cost_wrong_promoting"]


def _wrong(raw: Mapping[str, object]) -> list[str]:
    """The costs that have an error."""
    try:
        Costs.parse(raw)
    except CostsError as error:
        return [fault.field for fault in error.faults]
    return []
