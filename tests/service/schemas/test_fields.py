"""Values of JSON are taken for what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from service.schemas.fields import StrictBoolean, StrictInteger

SHAPE = Schema.from_dict({"force": StrictBoolean(), "seed": StrictInteger()})()


@pytest.mark.parametrize("value", [0, 1, "true", "false", "", 1.0, [], {}])
def test_nothing_but_true_and_false_is_one_of_them(value: object) -> None:
    with pytest.raises(ValidationError):
        SHAPE.load({"force": value})
    assert [SHAPE.load({"force": given})["force"] for given in (True, False)] == [True, False]


@pytest.mark.parametrize("value", [True, False, "1", 1.5, float("inf"), [], {}])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        SHAPE.load({"seed": value})


@given(st.integers(-(2**53), 2**53))
def test_a_whole_number_is_one_with_or_without_a_point(number: int) -> None:
    for written in (number, float(number)):
        loaded = SHAPE.load({"seed": written})["seed"]
        assert loaded == number
        assert isinstance(loaded, int)
