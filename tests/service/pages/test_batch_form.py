"""The form of a batch makes the request that its fields show again, and takes nothing that it does not offer."""

from __future__ import annotations

import pytest

from service.batch.formats import Format
from service.errors import ParametersError
from service.pages.batch.form import BAD_ROWS, SAME, make_fields, read


@pytest.mark.parametrize("source", list(Format))
@pytest.mark.parametrize("bad_rows", [value for value, _ in BAD_ROWS])
def test_what_was_chosen_stays_chosen(source: Format, bad_rows: str) -> None:
    for target in (SAME, *(str(form) for form in Format if form is not source)):
        request = read(source, {"bad_rows": bad_rows, "format": target, "keep": "true", "evidence": "true"})
        assert {field.name: field.value for field in make_fields(request)} == {"bad_rows": bad_rows, "format": target}
        assert (request.keep, request.include, request.model) == (True, ("evidence",), "")
        assert request.target == (source if target == SAME else target)
        assert request.partial == (bad_rows != "refuse")


def test_every_choice_that_is_not_offered_is_named() -> None:
    with pytest.raises(ParametersError) as refused:
        read(Format.CSV, {"bad_rows": "hide", "format": "xlsx"})
    assert [(fault.field, fault.given) for fault in refused.value.faults] == [("bad_rows", "hide"), ("format", "xlsx")]
