"""What a page says of a fault has the titles of the form and the words of a reader, and what was typed as it was typed."""

from __future__ import annotations

import re

import pytest

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError
from service.pages.template_filters import fault_message
from training.report.formatting import percent

FAULTY: list[dict[str, object]] = [
    {},
    {"source_phenotype": "M7", "cargo_type": "mirna"},
    {"source_phenotype": "CAF", "cargo_type": "micro", "cargo_state": "loadd", "source_cell": "t_sell"},
    {"source_phenotype": "M1", "cargo_type": "whole_vesicle", "cargo_name": "cargo_name"},
    {"source_phenotype": "M1", "cargo_type": "mirna", "cargo_name": "x" * 301},
    {"source_phenotype": "\x00", "cargo_type": "mirna", "cargo_name": "a", "species": "martian"},
]


@pytest.mark.parametrize("raw", FAULTY)
def test_no_fault_speaks_of_a_field_by_the_name_that_programs_use(
    reader: CandidateParser, raw: dict[str, object]
) -> None:
    with pytest.raises(CandidateError) as caught:
        reader.parse(raw)
    for fault in caught.value.faults:
        says = fault_message(fault)
        assert says
        for typed in raw.values():
            says = says.replace(repr(typed), "")
        assert not re.search("|".join(name for name in FIELD_BY_NAME if "_" in name), says), says


def test_what_was_typed_is_quoted_as_it_was() -> None:
    fault = FieldError(
        "cargo_name", "ambiguous", "'cargo_name' can mean cargo_name or whole_vesicle: say which", "cargo_name"
    )
    assert fault_message(fault) == "'cargo_name' can mean cargo name or whole vesicle: say which."


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0\u202f%"),
        (0.0001, "< 1\u202f%"),
        (0.0099, "< 1\u202f%"),
        (0.01, "1\u202f%"),
        (0.5, "50\u202f%"),
        (0.99, "99\u202f%"),
        (0.9901, "> 99\u202f%"),
        (0.9999, "> 99\u202f%"),
        (1.0, "100\u202f%"),
    ],
)
def test_percentages_beyond_one_and_99_have_no_false_precision(share: float, shown: str) -> None:
    assert percent(share) == shown
