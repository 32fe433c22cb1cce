"""A vesicle may carry a set of cargos of several types, each with a weight: as a text, and as a list in JSON."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import ParsedCandidate
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError

MIR21: dict[str, Any] = {"type": "mirna", "name": "miR-21"}
DOXORUBICIN: dict[str, Any] = {"type": "small_molecule", "name": "doxorubicin"}
NAMES = {
    "mirna": ["miR-21", "let-7a", "miR-155-5p", "anti-miR-221", "miR-9999", "MIMAT0000062"],
    "small_molecule": ["doxorubicin", "CHEBI:45863", "curcumin"],
    "protein": ["PTEN", "HGNC:6871", "CD274", "blorb:x"],
    "sirna": ["STAT3", "KRAS"],
    "lipid": ["PC 34:1", "cholesterol"],
}
cargos = st.sampled_from([(kind, name) for kind, names in NAMES.items() for name in names])
weights = st.floats(min_value=0.0, exclude_min=True, allow_infinity=False, allow_subnormal=False)
sets = st.lists(cargos, min_size=2, max_size=6, unique=True)


@pytest.fixture(scope="module")
def parser() -> CandidateParser:
    return CandidateParser.load()


def parse(
    parser: CandidateParser, name: str = "", cargo_type: str = "", state: str = "", **others: Any
) -> ParsedCandidate:
    given = {"source_phenotype": "M1", "cargo_type": cargo_type, "cargo_name": name, "cargo_state": state}
    return parser.parse({**{field: text for field, text in given.items() if text}, **others})


def refusals(parser: CandidateParser, *texts: str, **others: Any) -> list[FieldError]:
    with pytest.raises(CandidateError) as refused:
        parse(parser, *texts, **others)
    return list(refused.value.faults)


@pytest.mark.parametrize("stated", ["", "mirna+small_molecule", "drug + miRNA", "small_molecule+mirna", "+drug"])
def test_types_follow_from_the_names_or_are_stated_in_any_order(parser: CandidateParser, stated: str) -> None:
    reading = parse(parser, "miR-21:0.9+doxorubicin:0.1", stated)
    candidate = reading.candidate
    assert (candidate.cargo_type, candidate.cargo_name) == ("mirna+small_molecule", "miR-21:0.9+doxorubicin:0.1")
    assert reading.carried.type_of_each == ("mirna", "small_molecule")
    assert reading.carried.shares == (0.9, 0.1)


@pytest.mark.parametrize(
    "text", ["miR-21:9+DOX:1", "miR-21 : 90% + DOX : 10 %", "miR-21:1.8e-5+DOX:2e-6", "miR-21:.9+DOX:.1"]
)
def test_weights_are_of_any_scale(parser: CandidateParser, text: str) -> None:
    reading = parse(parser, text)
    assert reading.carried.shares == (0.9, 0.1)
    assert reading.cargo[1].name == "doxorubicin"


@pytest.mark.parametrize(
    ("name", "cargo_type", "field", "code"),
    [
        ("miR-21:0+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:-0.5+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:−0.5+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:nan+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:Infinity+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:1e400+doxorubicin:1", "", "cargo_name", "invalid_weight"),
        ("miR-21:0,9+doxorubicin:0,1", "", "cargo_name", "invalid_weight"),
        ("miR-21:0%", "mirna", "cargo_name", "invalid_weight"),
        ("miR-21:0.9+doxorubicin", "", "cargo_name", "missing"),
        ("hsa-miR-21:+miR-34a:0.5", "mirna", "cargo_name", "missing"),
        (":0.5+miR-21:0.5", "mirna", "cargo_name", "missing"),
        ("miR-21:1+hsa-miR-21:2", "mirna", "cargo_name", "repeated"),
        ("miR-21:1+miR-21:1", "mirna", "cargo_name", "repeated"),
        ("miR-221/222:0.5+miR-21:0.5", "mirna", "cargo_name", "ambiguous"),
        ("miR-21:0.9+doxorubicin:0.1", "mirna", "cargo_type", "ambiguous"),
        ("miR-21:0.9+PTEN:0.1", "", "cargo_type", "ambiguous"),
        ("miR-21+blorb", "", "cargo_type", "ambiguous"),
        ("PTEN+KRAS+miR-21", "protein+mrna", "cargo_type", "ambiguous"),
        ("miR-21", "mirna+drug", "cargo_type", "ambiguous"),
        ("miR-21", "", "cargo_type", "missing"),
        ("+", "", "cargo_type", "missing"),
        ("miR-21+STAT3", "mirna+whole_vesicle", "cargo_name", "not_applicable"),
        ("+".join(f"miR-{number}:1" for number in range(11)), "mirna", "cargo_name", "too_many"),
    ],
)
def test_what_is_no_set_is_refused_at_its_field(
    parser: CandidateParser, name: str, cargo_type: str, field: str, code: str
) -> None:
    assert [(fault.field, fault.code) for fault in refusals(parser, name, cargo_type)] == [(field, code)]


def test_a_type_that_does_not_follow_is_refused_with_what_would_be_right(parser: CandidateParser) -> None:
    (fault,) = refusals(parser, "miR-21:0.9+doxorubicin:0.1", "mirna")
    assert "such as mirna+small_molecule" in str(fault)
    (fault,) = refusals(parser, "miR-21+PTEN")
    assert "protein or mrna or sirna" in str(fault)


@pytest.mark.parametrize(
    ("text", "cargo_type", "names"),
    [
        ("CHEBI:28748+HGNC:6871", "drug+protein", ["doxorubicin", "MAPK1"]),
        ("CHEBI:28748:0.1+HGNC:6871:0.9", "drug+protein", ["doxorubicin", "MAPK1"]),
        ("NCBIGene:5728:1+mirbase.mature:MIMAT0000062:1", "protein+mirna", ["PTEN", "let-7a-5p"]),
        ("CHEBI:99999999+doxorubicin", "drug+drug", ["CHEBI:99999999", "doxorubicin"]),
        ("hsa-miR-21:+miR-34a", "mirna", ["miR-21", "miR-34a"]),
        ("hsa-miR-21:", "mirna", ["miR-21"]),
        ("HGNC:6871", "protein", ["MAPK1"]),
        ("PC 34:1+doxorubicin", "lipid+drug", ["PC 34:1", "doxorubicin"]),
        ("PC 34:1:0.5+doxorubicin:0.5", "lipid+drug", ["PC 34:1", "doxorubicin"]),
        ("PC 34:1", "lipid", ["PC 34:1"]),
        ("miR-21:abc+miR-34a", "mirna", ["miR-21:abc", "miR-34a"]),
    ],
)
def test_a_colon_in_a_name_makes_no_weight(
    parser: CandidateParser, text: str, cargo_type: str, names: list[str]
) -> None:
    assert [name.name for name in parse(parser, text, cargo_type).cargo] == names


def test_the_weight_of_the_only_cargo_does_not_count_and_that_is_said(parser: CandidateParser) -> None:
    reading = parse(parser, "CD8:1", "protein")
    assert reading.candidate == parse(parser, "CD8", "protein").candidate
    (warning,) = parser.warnings.find(reading.notes)
    assert "does not count" in str(warning)


def test_a_set_is_warned_of_as_an_assumption_and_not_refused_where_strict(parser: CandidateParser) -> None:
    raw = {"source_phenotype": "M1", "cargo_name": "miR-21:0.9+doxorubicin:0.1"}
    (warning,) = parser.warnings.find(parser.parse(raw, strict=True).notes)
    assert warning.is_assumption
    assert "miR-21 90" in warning.done
    assert "assumption" in warning.done
    plain = parse(parser, "miR-21+miR-34a", "mirna")
    assert not parser.warnings.find(plain.notes)
    with pytest.raises(CandidateError):
        parser.parse({**raw, "cargo_type": "mirna+drug", "cargo_name": "miR-9999:1+doxorubicin:1"}, strict=True)


def test_each_cargo_may_have_its_own_state(parser: CandidateParser) -> None:
    reading = parse(parser, "miR-21:0.9+doxorubicin:0.1", state="native + loaded")
    assert (reading.candidate.cargo_state, reading.carried.states) == ("native+loaded", ("native", "loaded"))
    assert parse(parser, "miR-21:0.9+doxorubicin:0.1", state="+loaded").candidate.cargo_state == "native+loaded"
    assert parse(parser, "miR-21+miR-34a", "mirna", "loaded+loaded").candidate.cargo_state == "loaded"
    assert parse(parser, "miR-21+miR-34a", "mirna", "depleted+loaded").carried.signs == (-1, 1)
    (fault,) = refusals(parser, "miR-21:0.9+doxorubicin:0.1", "", "native")
    assert "native+loaded" in str(fault)
    assert refusals(parser, "miR-21+miR-34a", "mirna", "native+loaded+native")[0].code == "ambiguous"
    assert refusals(parser, "miR-21+doxorubicin", "", "loaded+native")[0].code == "not_applicable"


def test_a_list_in_json_is_the_set_that_its_text_is(parser: CandidateParser) -> None:
    listed = [{**MIR21, "weight": 0.9, "state": "native"}, {**DOXORUBICIN, "weight": 0.1, "state": "loaded"}]
    text = parse(parser, "miR-21:0.9+doxorubicin:0.1", "mirna+small_molecule", "native+loaded")
    assert parse(parser, cargo=listed) == text
    assert parse(parser, cargo=[MIR21], cargo_name=None) == parse(parser, "miR-21", "mirna")
    assert parse(
        parser, cargo=[{"name": "miR-21", "weight": 2}, {"name": "let-7a", "weight": 1e16}]
    ).carried.weights == (2, 1e16)
    assert parse(parser, cargo=None, cargo_type="mirna", cargo_name="miR-21") == parse(parser, "miR-21", "mirna")


@pytest.mark.parametrize(
    ("cargo", "faults"),
    [
        ([], [("cargo", "missing")]),
        ({}, [("cargo", "wrong_type")]),
        ("miR-21", [("cargo", "wrong_type")]),
        ([MIR21] * 11, [("cargo", "too_many")]),
        ([{**MIR21, "name": "x" * 200}, {**MIR21, "name": "y" * 200}], [("cargo", "too_large")]),
        (["miR-21", None], [("cargo.0", "wrong_type"), ("cargo.1", "wrong_type")]),
        ([{"type": "mirna"}], [("cargo.0.name", "missing")]),
        ([MIR21, {**DOXORUBICIN, "weight": 1}], [("cargo", "missing")]),
        ([{**MIR21, "wieght": 1}], [("cargo.0", "unknown_field")]),
        ([{**MIR21, "weight": True}], [("cargo.0.weight", "wrong_type")]),
        ([{**MIR21, "weight": "0.9"}], [("cargo.0.weight", "wrong_type")]),
        ([{**MIR21, "weight": 0}], [("cargo.0.weight", "invalid_weight")]),
        ([{**MIR21, "weight": -1}], [("cargo.0.weight", "invalid_weight")]),
        ([{**MIR21, "weight": math.nan}], [("cargo.0.weight", "invalid_weight")]),
        ([{**MIR21, "weight": 10**400}], [("cargo.0.weight", "invalid_weight")]),
        ([{"type": "mirna", "name": "miR-21+let-7a"}], [("cargo.0.name", "not_applicable")]),
        ([{"type": "mirna", "name": "miR-21:0.9"}, DOXORUBICIN], [("cargo.0.name", "not_applicable")]),
        ([{"type": 1, "name": 2}], [("cargo.0.type", "wrong_type"), ("cargo.0.name", "wrong_type")]),
    ],
)
def test_a_list_that_is_no_set_is_refused_where_it_is_wrong(
    parser: CandidateParser, cargo: object, faults: list[tuple[str, str]]
) -> None:
    assert [(fault.field, fault.code) for fault in refusals(parser, cargo=cargo)] == faults


def test_what_is_carried_is_given_once(parser: CandidateParser) -> None:
    (fault,) = refusals(parser, "miR-21", "mirna", cargo=[MIR21])
    assert (fault.field, fault.code) == ("cargo", "conflict")
    assert "leave out cargo_type and cargo_name" in str(fault)


@given(sets, st.data())
def test_a_set_is_read_back_as_itself(
    parser: CandidateParser, named: list[tuple[str, str]], data: st.DataObject
) -> None:
    stated = data.draw(st.none() | st.lists(weights, min_size=len(named), max_size=len(named)))
    listed = [{"type": kind, "name": name} for kind, name in named]
    if stated:
        listed = [{**cargo, "weight": weight} for cargo, weight in zip(listed, stated, strict=True)]  # type: ignore[dict-item]
    reading = parse(parser, cargo=listed)
    again = parser.parse(reading.candidate.to_dict())
    assert again.candidate == reading.candidate
    assert again.carried.shares == reading.carried.shares
    assert math.isclose(sum(reading.carried.shares), 1.0)
    assert again.carried.type_of_each == reading.carried.type_of_each
