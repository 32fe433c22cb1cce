"""Numbers in documents have four decimals by one rule, alone and in columns, and a probability is never 0 or 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rounding import round_number, round_probability

NUMBERS = st.floats(-1e6, 1e6)
PROBABILITIES = st.floats(0.0, 1.0)


@given(st.lists(NUMBERS, min_size=1))
def test_a_number_alone_and_in_a_column_has_the_same_digits(numbers: list[float]) -> None:
    assert [round_number(number) for number in numbers] == round_number(np.array(numbers)).tolist()


@given(st.lists(PROBABILITIES, min_size=1))
def test_a_probability_alone_and_in_a_column_has_the_same_digits(numbers: list[float]) -> None:
    assert [round_probability(number) for number in numbers] == round_probability(np.array(numbers)).tolist()


@given(NUMBERS)
def test_a_rounded_number_is_written_with_at_most_four_decimals_and_stays_what_it_is(number: float) -> None:
    rounded = round_number(number)
    assert rounded == float(f"{rounded:.4f}")
    assert round_number(rounded) == rounded
    assert abs(rounded - number) <= 0.5001e-4


@given(PROBABILITIES)
def test_no_probability_is_certain(probability: float) -> None:
    assert 0.0001 <= round_probability(probability) <= 0.9999


@pytest.mark.parametrize(("exact", "shown"), [(1e-12, "0.0001"), (1.0, "0.9999"), (0.5, "0.5"), (0.123449, "0.1234")])
def test_probabilities_are_shown_with_what_can_be_meant(exact: float, shown: str) -> None:
    assert repr(round_probability(exact)) == shown


def test_there_is_no_negative_zero() -> None:
    assert repr(round_number(-1e-9)) == "0.0"
    assert repr(round_number(np.array([-1e-9])).tolist()) == "[0.0]"
