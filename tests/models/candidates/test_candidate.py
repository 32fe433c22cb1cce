"""A raw mapping is understood as a candidate, or refused with every fault at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELDS
from models.candidates.parser import CandidateParser
from models.errors import CandidateError, FieldError

MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
SHARED = CandidateParser.load()


def faults_of(reader: CandidateParser, **raw: object) -> dict[str, str]:
    with pytest.raises(CandidateError) as caught:
        reader.parse(raw)
    return {fault.field: fault.code for fault in caught.value.faults}


def test_defaults_are_filled_in_and_said(reader: CandidateParser) -> None:
    reading = reader.parse(MIR21)
    assert (reading.candidate.source_cell, reading.candidate.cargo_state) == ("macrophage", "native")
    assert {note.field for note in reading.notes if note.how == "default"} == {"source_cell", "cargo_state"}


def test_free_spellings_of_every_controlled_field_become_terms(reader: CandidateParser) -> None:
    reading = reader.parse(
        {
            "source_cell": "MSC",
            "source_phenotype": "bone marrow",
            "polarisation": "IFNγ; hypoxia",
            "species": "Homo sapiens",
            "cargo_type": "microRNA",
            "cargo_name": "miR-21-5p",
            "cargo_state": "overexpressed",
            "engineering": ["genetic"],
            "cancer_type": "TNBC",
            "recipient_cell": "NK cell",
        }
    )
    assert reading.candidate.to_dict() == {
        "source_cell": "mesenchymal_stem_cell",
        "source_phenotype": "bone_marrow",
        "polarisation": ["IFN-gamma", "hypoxia"],
        "species": ["human"],
        "cargo_type": "mirna",
        "cargo_name": "miR-21-5p",
        "cargo_state": "enriched",
        "engineering": ["genetic"],
        "cancer_type": "triple-negative breast cancer",
        "recipient_cell": ["nk_cell"],
    }


@pytest.mark.parametrize(
    "typed",
    ["classically activated", "M(LPS)", "M1-like", "M(IFN-γ)", "m1 macrophages"],
)
def test_what_people_type_for_m1(reader: CandidateParser, typed: str) -> None:
    assert reader.parse(MIR21 | {"source_phenotype": typed}).candidate.source_phenotype == "M1"


@pytest.mark.parametrize("typed", ["alternatively activated", "M(IL-4)", "M2a", "M2a macrophage", "M2c"])
def test_what_people_type_for_m2(reader: CandidateParser, typed: str) -> None:
    assert reader.parse(MIR21 | {"source_phenotype": typed}).candidate.source_phenotype == "M2"


@pytest.mark.parametrize("typed", ["tumour-associated", "tumor-associated", "tumour-educated", "TAMs"])
def test_what_people_type_for_tam(reader: CandidateParser, typed: str) -> None:
    assert reader.parse(MIR21 | {"source_phenotype": typed}).candidate.source_phenotype == "TAM"


def test_every_fault_is_named_together(reader: CandidateParser) -> None:
    found = faults_of(
        reader, source_cell="macrofage", cargo_type="mirnaa", cargo_state=3, species="unicorn", colour="red"
    )
    assert found == {
        "colour": "unknown_field",
        "source_cell": "unknown_term",
        "cargo_type": "unknown_term",
        "cargo_state": "wrong_type",
        "species": "unknown_term",
    }


def test_the_nearest_terms_are_offered(reader: CandidateParser) -> None:
    with pytest.raises(CandidateError) as caught:
        reader.parse(MIR21 | {"source_cell": "macrofage", "cargo_state": "nativ"})
    nearest = {fault.field: fault.nearest[0] for fault in caught.value.faults}
    assert nearest == {"source_cell": "macrophage", "cargo_state": "native"}


@pytest.mark.parametrize(
    ("cell", "phenotype"),
    [("macrophage", "CAF"), ("macrophage", "bone_marrow"), ("mesenchymal_stem_cell", "M2"), ("fibroblast", "TAM")],
)
def test_a_phenotype_of_another_cell_is_refused_with_those_of_this_one(
    reader: CandidateParser, cell: str, phenotype: str
) -> None:
    with pytest.raises(CandidateError) as caught:
        reader.parse(MIR21 | {"source_cell": cell, "source_phenotype": phenotype})
    (fault,) = caught.value.faults
    assert (fault.field, fault.code) == ("source_phenotype", "wrong_cell")
    assert phenotype in fault.remedy
    assert cell in fault.remedy


def test_a_cargo_needs_a_name_and_a_whole_vesicle_has_none(reader: CandidateParser) -> None:
    assert faults_of(reader, source_phenotype="M1", cargo_type="mirna") == {"cargo_name": "missing"}
    assert faults_of(reader, source_phenotype="M1", cargo_type="mirna", cargo_name=" + ") == {"cargo_name": "missing"}
    assert reader.parse({"source_phenotype": "M1", "cargo_type": "whole_vesicle"}).cargo == ()
    found = faults_of(reader, source_phenotype="M1", cargo_type="whole_vesicle", cargo_name="miR-21")
    assert found == {"cargo_name": "not_applicable"}


def test_an_ambiguous_tumour_and_an_unknown_one_stay_usable_and_are_said(reader: CandidateParser) -> None:
    ambiguous = reader.parse(MIR21 | {"cancer_type": "PC"})
    (note,) = [note for note in ambiguous.notes if note.field == "cancer_type"]
    assert note.how == "ambiguous"
    assert set(note.alternatives) == {"pancreatic cancer", "prostate cancer"}
    unknown = reader.parse(MIR21 | {"cancer_type": "cancer of the left antenna"})
    assert unknown.candidate.cancer_type == "cancer of the left antenna"
    assert not unknown.reads.cancer_type.recognised


def test_texts_that_no_page_could_show_are_refused(reader: CandidateParser) -> None:
    assert faults_of(reader, **MIR21 | {"cargo_name": "miR-21\x00"}) == {"cargo_name": "control_character"}
    assert faults_of(reader, **MIR21 | {"cargo_name": "m" * 301}) == {"cargo_name": "too_long"}
    assert faults_of(reader, **MIR21 | {"polarisation": ["LPS"] * 51}) == {"polarisation": "too_many"}
    assert faults_of(reader, **MIR21 | {"polarisation": ["LPS", 4]}) == {"polarisation": "wrong_type"}


def test_the_id_comes_back_as_it_was_given(reader: CandidateParser) -> None:
    assert reader.parse(MIR21 | {"id": " row  7 "}).candidate.id == " row  7 "


def test_reading_a_canonical_candidate_changes_nothing(reader: CandidateParser, corpus: tuple) -> None:  # type: ignore[type-arg]
    for finding in corpus:
        again = reader.parse(finding.candidate.to_dict(), require_cargo_name=False)
        assert again.candidate == finding.candidate, finding.finding_id


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
field_names = st.sampled_from([one.name for one in FIELDS])


@given(st.dictionaries(field_names | st.text(max_size=8), json_values, max_size=8))
def test_any_mapping_is_read_or_refused_with_a_remedy_for_each_fault(raw: dict[str, object]) -> None:
    faults: tuple[FieldError, ...] = ()
    try:
        SHARED.parse(raw)
    except CandidateError as error:
        faults = error.faults or (FieldError("", "", ""),)
    assert all(fault.remedy and fault.code for fault in faults)


@pytest.mark.parametrize("text", ["NA", "n/a", "-", "none", "NULL", "n.d.", "unknown", "not stated", "?"])
def test_what_a_table_writes_for_nothing_is_nothing(reader: CandidateParser, text: str) -> None:
    stated = {"source_phenotype": "M2", "cargo_type": "whole_vesicle"}
    for field in (
        "source_cell",
        "cargo_name",
        "cargo_state",
        "species",
        "engineering",
        "cancer_type",
        "recipient_cell",
    ):
        read = reader.parse(stated | {field: text})
        if not reader.vocabulary.lookup(field, text).names if field != "cargo_name" else True:
            assert read.candidate == reader.parse(stated).candidate
    assert reader.parse(stated | {"id": text}).candidate.id == text
