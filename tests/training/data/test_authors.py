"""A last author is read into a family name and initials, or refused; never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.authors import read_author


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(
            (written, "Zhang Y")
            for written in ("Zhang Y", "Zhang, Y.", "Zhang, Yan", "Y. Zhang", "Y Zhang", " Zhang  Y. ")
        ),
        *(
            (written, "Zhang YM")
            for written in ("Zhang YM", "Zhang Y.M.", "Y.-M. Zhang", "Y. M. Zhang", "Zhang, Yan-Ming")
        ),
        ("van der Berg JP", "van der Berg JP"),
        ("J P van der Berg", "van der Berg JP"),
        ("LI XY", "LI XY"),
        ("Müller-Schmidt A", "Müller-Schmidt A"),
        ("Smith J Jr", "Smith J"),
        *(
            (written, "")
            for written in ("", "Zhang", "Zhang Yan", "Zhang Y; Li X", "Li, X; Wang Y", "Genome Atlas Network", "Y M")
        ),
    ],
)
def test_a_name_is_read_as_it_is_written(written: str, read: str) -> None:
    assert read_author(written) == read


@given(st.text())
def test_a_name_that_was_read_is_read_as_itself(written: str) -> None:
    read = read_author(written)
    assert read_author(read) == read
