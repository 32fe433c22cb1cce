"""What may have been meant is said behind what is wrong, whether that is a whole sentence or not."""

from __future__ import annotations

import pytest

from models.errors import FieldError


@pytest.mark.parametrize(
    ("says", "remedy"),
    [
        ("'glioblastomma' is not known.", "'glioblastomma' is not known. Did you mean glioma or glioblastoma?"),
        ("'glioblastomma' is not known", "'glioblastomma' is not known; did you mean glioma or glioblastoma?"),
    ],
)
def test_a_remedy_is_one_text_that_can_be_read_aloud(says: str, remedy: str) -> None:
    assert FieldError("cancer_type", "unknown_term", says, suggest=lambda: ("glioma", "glioblastoma")).remedy == remedy
    assert FieldError("cancer_type", "unknown_term", says).remedy == says
