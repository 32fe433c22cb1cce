"""A state is read with its cargo: what Cells do not make is loaded, never secreted and never taken out."""

import pytest

from models.candidates.candidate import ParsedCandidate
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from models.naming.resolver import NameResolver
from models.vocabulary.vocabulary import Vocabulary

MADE_OUTSIDE = [
    ("small_molecule", "DOX"),
    ("drug", "paclitaxel + curcumin"),
    ("nanoparticle", "Fe3O4"),
    ("sirna", "STAT3"),
    ("shRNA", "KRAS"),
    ("oncolytic_virus", "Ad5-delta24"),
    ("mirna", "anti-miR-21"),
    ("mirna", "miR-155 antagomir"),
    ("mirna", "miR-34a + doxorubicin"),
    ("protein", "anti-PD-L1 antibody"),
]
MADE_BY_CELLS = [
    ("mirna", "miR-21-5p"),
    ("lncrna", "MALAT1"),
    ("protein", "PD-L1"),
    ("metabolite", "ATP"),
    ("lipid", "cholesterol"),
    ("whole_vesicle", ""),
]


@pytest.fixture(scope="module")
def parser() -> CandidateParser:
    vocabulary = Vocabulary.load()
    return CandidateParser(vocabulary, NameResolver.load(vocabulary))


def parse(parser: CandidateParser, cargo_type: str, name: str, state: str = "", cell: str = "MSC") -> ParsedCandidate:
    fields = {"source_cell": cell, "cargo_type": cargo_type, "cargo_name": name, "cargo_state": state}
    return parser.parse({field: text for field, text in fields.items() if text})


@pytest.mark.parametrize(("cargo_type", "name"), MADE_OUTSIDE)
def test_what_cells_do_not_make_is_loaded_where_no_state_is_stated_and_that_is_said(
    parser: CandidateParser, cargo_type: str, name: str
) -> None:
    reading = parse(parser, cargo_type, name)
    (note,) = (note for note in reading.notes if note.field == "cargo_state")
    assert (reading.candidate.cargo_state, note.used, note.how) == ("loaded", "loaded", "implied")
    assert "Cells do not make" in note.remark
    # It was understood, so there is nothing to warn of.
    assert not [warning for warning in parser.warnings.find(reading.notes) if warning.field == "cargo_state"]
    stated = parse(parser, cargo_type, name, "loaded").candidate
    assert reading.candidate == stated


@pytest.mark.parametrize(("cargo_type", "name"), MADE_BY_CELLS)
@pytest.mark.parametrize("state", ["", "native"])
def test_what_cells_make_is_native_where_no_state_is_stated(
    parser: CandidateParser, cargo_type: str, name: str, state: str
) -> None:
    assert parse(parser, cargo_type, name, state).candidate.cargo_state == "native"


@pytest.mark.parametrize(("cargo_type", "name"), MADE_OUTSIDE)
@pytest.mark.parametrize("state", ["native", "endogenous", "as secreted"])
def test_what_cells_do_not_make_is_refused_as_secreted(
    parser: CandidateParser, cargo_type: str, name: str, state: str
) -> None:
    with pytest.raises(CandidateError) as refused:
        parse(parser, cargo_type, name, state)
    (fault,) = refused.value.faults
    assert (fault.field, fault.code) == ("cargo_state", "not_applicable")
    assert "Cells do not make" in fault.remedy
    assert "Use loaded" in fault.remedy


@pytest.mark.parametrize("cell", ["plant", "milk"])
def test_natural_drugs_are_secreted_by_plants_and_with_milk_alone(parser: CandidateParser, cell: str) -> None:
    assert parse(parser, "drug", "curcumin", "native", cell).candidate.cargo_state == "native"
    assert parse(parser, "drug", "curcumin", "", cell).candidate.cargo_state == "loaded"
    with pytest.raises(CandidateError, match="siRNA against KRAS"):
        parse(parser, "sirna", "KRAS", "native", cell)


@pytest.mark.parametrize(
    ("cargo_type", "name", "lacking"),
    [
        ("mirna", "miR-21 inhibitor", "miR-21"),
        ("mirna", "antagomir-155-5p", "miR-155-5p"),
        ("mirna", "anti-miR-21 + anti-miR-155", "miR-21+miR-155"),
        ("protein", "anti-PD-L1 antibody", "CD274"),
    ],
)
@pytest.mark.parametrize("state", ["knockdown", "depleted", "inhibitor"])
def test_an_inhibitor_in_a_depleted_vesicle_is_one_negation_and_said(
    parser: CandidateParser, cargo_type: str, name: str, lacking: str, state: str
) -> None:
    reading = parse(parser, cargo_type, name, state)
    assert (reading.candidate.cargo_name, reading.candidate.cargo_state) == (lacking, "depleted")
    assert all("same change" in note.remark for note in reading.notes if note.field == "cargo_name")
    assert reading.carried.signs == (1,) * len(reading.cargo)


def test_what_was_never_made_cannot_be_taken_out_and_the_remedy_says_what_is_meant(parser: CandidateParser) -> None:
    with pytest.raises(CandidateError, match="give the cargo_type of what the vesicle lacks"):
        parse(parser, "sirna", "STAT3", "knockdown")
    with pytest.raises(CandidateError, match="cannot be depleted"):
        parse(parser, "drug", "DOX", "depleted")
