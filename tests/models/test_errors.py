"""What is wrong is said in a sentence, and what may have been meant in another."""

from __future__ import annotations

import pytest

from models.errors import FieldError


@pytest.mark.parametrize("says", ["'glioblastomma' is not known", "'glioblastomma' is not known."])
def test_a_remedy_is_made_of_whole_sentences(says: str) -> None:
    remedy = FieldError("cancer_type", "unknown_term", says, suggest=lambda: ("glioma", "glioblastoma")).remedy
    assert remedy == "'glioblastomma' is not known. Did you mean glioma or glioblastoma?"
    assert FieldError("cancer_type", "unknown_term", says).remedy == "'glioblastomma' is not known."
