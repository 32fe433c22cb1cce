"""One key for all spellings of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary.normalize import fold, plain


@given(st.text())
def test_folding_and_plain_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    "spellings",
    [
        ("IFN-γ", "ifn gamma", "IFN-GAMMA", "IFN‑γ", "IFNγ"),
        ("PD-L1", "pd l1", "PDL1", "PD–L1"),
        ("M(IL-4)", "m (il4)", "M(IL−4)"),
    ],
)
def test_case_hyphens_spaces_dashes_and_greek_letters_do_not_matter(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1
