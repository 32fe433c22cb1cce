"""A candidate as a query: what is written reads the same, and every fault of every parameter is told at once."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELD_BY_NAME, FIELDS
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from service.errors import ParametersError
from service.scoring import query_string

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
FREE = {"id": WORDS, "cancer_type": WORDS}
LISTS = {
    "polarisation": st.lists(WORDS | st.sampled_from(["IL4", "LPS", "1,25-D3"]), max_size=4),
    "species": st.lists(st.sampled_from(["human", "Mus musculus", "rat"]), max_size=3),
    "engineering": st.lists(st.sampled_from(["drug_loading", "RGD", "PTT"]), max_size=3),
    "recipient_cell": st.lists(st.sampled_from(["HUVEC", "t_cell", "cancer_cell"]), max_size=3),
}
CANDIDATES = st.fixed_dictionaries(
    {
        "source_phenotype": st.sampled_from(["M2", "m1 macrophage", "TAM"]),
        "cargo_type": st.sampled_from(["mirna", "siRNA", "protein"]),
        "cargo_name": WORDS.filter(lambda name: name.strip("+")),
    },
    optional={
        "source_cell": st.just("THP1 macrophage"),
        "cargo_state": st.sampled_from(["loaded", "knockdown"]),
        **FREE,
        **LISTS,
    },
)


@given(raw=CANDIDATES)
def test_a_query_reads_as_the_candidate_that_was_written(
    reader: CandidateParser, raw: dict[str, str | list[str]]
) -> None:
    lists = {name: [part for part in raw[name] if ";" not in part] for name in LISTS if name in raw}
    raw |= lists
    try:
        expected = reader.parse(raw)
    except CandidateError:
        return
    asked = query_string.read(query_string.write(raw).encode(), reader)
    assert asked.reading == expected
    assert query_string.stated(asked.given) == query_string.stated(raw)


@pytest.mark.parametrize(
    "query",
    [
        "polarisation=IL-4&polarisation=IL-13",
        "polarisation=IL-4;IL-13",
        "polarisation=IL-4%2C+IL-13",
        "polarisation=IL-4,,IL-13",
    ],
)
def test_several_terms_are_repeated_or_joined(reader: CandidateParser, query: str) -> None:
    asked = query_string.read(f"source_phenotype=M2&cargo_type=whole_vesicle&{query}".encode(), reader)
    assert asked.reading.candidate.polarisation == ("IL-4", "IL-13")


def test_a_term_with_a_comma_is_one_where_it_ends_in_a_semicolon(reader: CandidateParser) -> None:
    query = b"source_phenotype=M2&cargo_type=whole_vesicle&polarisation=1,25-D3;"
    assert query_string.read(query, reader).reading.candidate.polarisation == ("1,25-D3",)


def test_what_is_left_blank_is_not_given(reader: CandidateParser) -> None:
    names = [one.name for one in FIELDS if one.name not in ("source_phenotype", "cargo_type")]
    blank = urlencode({**dict.fromkeys(names, ""), "model": "", "format": ""})
    asked = query_string.read(f"source_phenotype=M2&cargo_type=whole_vesicle&{blank}".encode(), reader)
    assert query_string.stated(asked.given) == {"source_phenotype": "M2", "cargo_type": "whole_vesicle"}
    assert (asked.model, asked.format) == (None, None)


def test_every_fault_of_every_parameter_is_reported_together(reader: CandidateParser) -> None:
    query = b"source_phenotype=M9&cargo_type=mirn&modle=3&format=pdf&cargo_name=a&cargo_name=b&species=%FF&model=other"
    with pytest.raises(ParametersError) as caught:
        query_string.read(query, reader, ["exo-000000000000"])
    assert {fault.field: fault.code for fault in caught.value.faults} == {
        "modle": "unknown_parameter",
        "cargo_name": "repeated",
        "format": "unknown_term",
        "species": "control_character",
        "cargo_type": "unknown_term",
        "source_phenotype": "unknown_term",
        "model": "unknown_model",
    }
    unknown = caught.value.faults[0]
    assert (unknown.nearest[0], set(FIELD_BY_NAME) < set(unknown.allowed)) == ("model", True)


def test_a_query_of_raw_utf8_and_of_escapes_reads_the_same(reader: CandidateParser) -> None:
    asked = "source_phenotype=M2&cargo_type=mirna&cargo_name=分子"
    escaped = query_string.write({"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "分子"})
    assert query_string.read(asked.encode(), reader).reading == query_string.read(escaped.encode(), reader).reading
