"""No cell that a spreadsheet would run leaves a table, and nothing is changed by a way out and in again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formulas import mark_formulas, unmark_formulas

SIGNS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
TEXTS = st.text(st.sampled_from(SIGNS + "';\n1.e a"), max_size=12) | st.text(max_size=20)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_that_begins_as_a_formula_is_marked(sign: str) -> None:
    assert mark_formulas(f'{sign}HYPERLINK("http://evil")') == f'\'{sign}HYPERLINK("http://evil")'


@pytest.mark.parametrize("text", ["PTEN-;=1+1", "a\n=1+1", "a\r@SUM(1)", "-1;=1+1"])
def test_what_is_a_cell_of_its_own_in_other_countries_is_marked(text: str) -> None:
    at = re.search("[=@]", text)
    assert at
    assert mark_formulas(text) == f"{text[: at.start()]}'{text[at.start() :]}"


@pytest.mark.parametrize("number", ["-0.53", "+1", "-1e-05", "-.5", "-1;-2;+3.", "0.1"])
def test_numbers_stay_numbers(number: str) -> None:
    assert mark_formulas(number) == number


@pytest.mark.parametrize("name", ["-log10", "+1-800", "-1+cmd|' /C calc'!A0", "-1,5", "--1"])
def test_what_only_begins_as_a_number_is_marked(name: str) -> None:
    assert mark_formulas(name) == f"'{name}"


@given(TEXTS)
def test_a_text_that_was_marked_is_read_as_it_was(text: str) -> None:
    assert unmark_formulas(mark_formulas(text)) == text


@given(TEXTS)
def test_no_marked_text_begins_as_a_formula(text: str) -> None:
    for part in re.split("[;\r\n]", mark_formulas(text)):
        assert not part.startswith(tuple("=+-@\t\uff1d\uff0b\uff0d\uff20")) or re.fullmatch(
            r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", part
        )
