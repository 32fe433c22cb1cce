"""A number that comes as text is read or is none; no text makes reading fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.numbers import read_count


@given(number=st.integers(0, 999_999_999))
def test_a_number_is_read(number: int) -> None:
    assert read_count(str(number)) == number


@given(text=st.text(st.characters(categories=["Nd", "No", "Nl", "P"])) | st.none())
def test_no_text_fails(text: str | None) -> None:
    assert read_count(text) is None or (text and text.isascii())


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1_0", "1.0", "²", "٣", "፩", "1" * 10, "9" * 5_000])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_count(text) is None
