"""Numbers of others: read where they count something, refused as long as they like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.numbers import MAX_DIGITS, parse_number


@given(st.integers(0, 10**MAX_DIGITS - 1))
def test_a_whole_number_is_read(number: int) -> None:
    assert parse_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1e3", " 1", "1_0", "፩", "²", "٣", "1" * 10, "1" * 5_000, "\0"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


@given(st.text(max_size=20))
def test_no_text_is_too_odd(text: str) -> None:
    number = parse_number(text)
    assert number is None or 0 <= number < 10**MAX_DIGITS
