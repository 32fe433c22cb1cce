"""A cell and its state are read from either of their two fields, in one piece or parted."""

from __future__ import annotations

import pytest

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from models.vocabulary.vocabulary import MACROPHAGE_LINEAGE

CARGO = {"cargo_type": "mirna", "cargo_name": "miR-21"}


def source_of(reader: CandidateParser, cell: str, phenotype: str) -> tuple[str, str]:
    candidate = reader.parse(CARGO | {"source_cell": cell, "source_phenotype": phenotype}).candidate
    return candidate.source_cell, candidate.source_phenotype


@pytest.mark.parametrize(
    ("text", "cell", "phenotype"),
    [
        ("M2 macrophages", "macrophage", "M2"),
        ("TAMs", "macrophage", "TAM"),
        ("BM-MSC", "mesenchymal_stem_cell", "bone_marrow"),
        ("UC-MSCs", "mesenchymal_stem_cell", "umbilical_cord"),
        ("ADSC", "mesenchymal_stem_cell", "adipose"),
        ("CAFs", "fibroblast", "CAF"),
        ("THP-1 derived M2", "macrophage", "M2"),
        ("M2-polarized RAW264.7", "macrophage", "M2"),
        ("hypoxic MSCs", "mesenchymal_stem_cell", "hypoxic"),
        ("Treg", "t_cell", "regulatory"),
        ("CD8+ T cells", "t_cell", "cd8"),
        ("CAR-T", "t_cell", "car_t"),
        ("NK-92", "natural_killer_cell", "unspecified"),
        ("HEK293T", "hek293", "unspecified"),
        ("red blood cells", "erythrocyte", "unspecified"),
        ("ginger", "plant", "ginger"),
        ("MCF-7", "cancer_cell", "unspecified"),
        ("gastric cancer cells", "cancer_cell", "unspecified"),
        ("AML blasts", "cancer_cell", "unspecified"),
        ("BM-derived MSCs", "mesenchymal_stem_cell", "bone_marrow"),
        ("bone marrow derived mesenchymal stem cells", "mesenchymal_stem_cell", "bone_marrow"),
        ("human umbilical cord mesenchymal stem cells", "mesenchymal_stem_cell", "umbilical_cord"),
        ("hADSCs", "mesenchymal_stem_cell", "adipose"),
        ("adipose stem cells", "mesenchymal_stem_cell", "adipose"),
        ("rat BMSC", "mesenchymal_stem_cell", "bone_marrow"),
        ("MSC-EVs", "mesenchymal_stem_cell", "unspecified"),
        ("M2-polarized THP-1 macrophages", "macrophage", "M2"),
        ("THP-1 macrophages", "macrophage", "unspecified"),
        ("THP-1-M2", "macrophage", "M2"),
        ("IL-4-stimulated RAW264.7", "macrophage", "M2"),
        ("LPS/IFN-γ-treated BMDM", "macrophage", "M1"),
        ("M2-Exo", "macrophage", "M2"),
        ("M1-like TAMs", "macrophage", "M1"),
        ("M2 microglia", "microglia", "M2"),
        ("Kupffer cells", "macrophage", "unspecified"),
        ("LPS-primed DC", "dendritic_cell", "lps_primed"),
        ("CD8+ CTL", "t_cell", "cd8"),
        ("Tregs", "t_cell", "regulatory"),
        ("Breg", "b_cell", "regulatory"),
        ("TANs", "neutrophil", "tumour_associated"),
        ("hypoxic tumor cells", "cancer_cell", "hypoxic"),
        ("cisplatin-resistant A549", "cancer_cell", "cisplatin_resistant"),
        ("TMZ-resistant glioma cells", "cancer_cell", "temozolomide_resistant"),
        ("glioma stem cells", "cancer_cell", "cancer_stem_cell"),
        ("patient serum", "other", "serum_patient"),
        ("bovine milk", "milk", "bovine"),
        ("ginger-derived nanovesicles", "plant", "ginger"),
        ("human platelets", "platelet", "unspecified"),
        ("mBMSCs", "mesenchymal_stem_cell", "bone_marrow"),
        ("MB-MSC", "mesenchymal_stem_cell", "menstrual"),
        ("tumour-associated macrophage", "macrophage", "TAM"),
        ("glioma-associated microglia", "microglia", "TAM"),
        ("human serum", "other", "serum"),
        ("astrocyte", "other", "astrocyte"),
        ("Raw 264.7 cells", "macrophage", "unspecified"),
    ],
)
def test_a_source_in_one_piece_is_parted_and_said(
    reader: CandidateParser, text: str, cell: str, phenotype: str
) -> None:
    assert source_of(reader, text, "") == (cell, phenotype)
    parsed = reader.parse(CARGO | {"source_cell": text})
    assert {note.field for note in parsed.notes if note.given == text} & {"source_cell", "source_phenotype"}


def test_a_stated_state_goes_before_that_of_the_name_of_a_cell(reader: CandidateParser) -> None:
    vocabulary = reader.vocabulary
    for cell in vocabulary.terms("source_cell"):
        for alias in cell.aliases:
            for phenotype in ("unspecified", *sorted(vocabulary.phenotypes_of(cell.name))[:3]):
                if vocabulary.lookup("source_cell", alias).name:
                    assert source_of(reader, alias, phenotype)[0] == cell.name
    assert source_of(reader, "serum", "hypoxic") == ("other", "hypoxic")


@pytest.mark.parametrize("text", ["M2 macrophages", "TAMs", "BM-MSC", "UC-MSCs", "ADSC", "CAFs", "ginger", "Treg"])
def test_either_field_and_both_say_the_same(reader: CandidateParser, text: str) -> None:
    alone = source_of(reader, text, "")
    assert source_of(reader, "", text) == alone
    assert source_of(reader, text, text) == alone


def test_every_state_and_every_cell_is_itself_in_its_own_field(reader: CandidateParser) -> None:
    vocabulary = reader.vocabulary
    for cell in vocabulary.names("source_cell"):
        for phenotype in sorted(vocabulary.phenotypes_of(cell)):
            read_cell, read_phenotype = reader.source(cell, phenotype)
            assert (read_cell.value, read_phenotype.value) == (cell, phenotype)
            assert read_cell.notes == read_phenotype.notes == ()


def test_a_state_that_is_left_out_is_unspecified_and_said(reader: CandidateParser) -> None:
    for cell in reader.vocabulary.names("source_cell"):
        _, phenotype = reader.source(cell, "")
        assert phenotype.value == "unspecified"
        assert [note.how for note in phenotype.notes] == ["default"]


def test_an_unknown_state_is_unspecified_but_of_a_macrophage_refused(reader: CandidateParser) -> None:
    for cell in reader.vocabulary.names("source_cell"):
        if cell in MACROPHAGE_LINEAGE:
            with pytest.raises(CandidateError) as caught:
                reader.source(cell, "blorbed")
            assert [(fault.field, fault.code) for fault in caught.value.faults] == [
                ("source_phenotype", "unknown_term")
            ]
        else:
            _, phenotype = reader.source(cell, "blorbed")
            assert (phenotype.value, [note.how for note in phenotype.notes]) == ("unspecified", ["unknown"])


@pytest.mark.parametrize(
    ("cell", "phenotype", "field", "code"),
    [
        ("", "", "source_phenotype", "missing"),
        ("", "M9", "source_phenotype", "unknown_term"),
        ("MSC", "M2", "source_phenotype", "wrong_cell"),
        ("M2 macrophages", "M1", "source_phenotype", "contradiction"),
        ("hypoxic", "", "source_cell", "ambiguous"),
        ("THP-1", "", "source_cell", "ambiguous"),
        ("iPSC", "", "source_cell", "ambiguous"),
        # A state that many cells can be in names none of them, in whichever field it stands.
        ("", "hypoxic", "source_cell", "ambiguous"),
        ("", "PBMC", "source_cell", "ambiguous"),
        ("", "tumour-derived", "source_cell", "ambiguous"),
        ("", "activated", "source_cell", "ambiguous"),
        ("ES cells", "", "source_cell", "ambiguous"),
        ("macrophages M4", "", "source_cell", "unknown_term"),
        ("hypoxic macrophages", "", "source_cell", "unknown_term"),
        ("AMSCs", "", "source_cell", "unknown_term"),
        ("fibrolasts", "", "source_cell", "unknown_term"),
        ("pancreatic cells", "", "source_cell", "unknown_term"),
        ("breast", "", "source_cell", "unknown_term"),
        ("M2 macrophages of whatever kind they may have been at all", "", "source_cell", "unknown_term"),
        ("blorb", "M2", "source_cell", "unknown_term"),
    ],
)
def test_what_cannot_be_one_source_is_refused_with_the_field(
    reader: CandidateParser, cell: str, phenotype: str, field: str, code: str
) -> None:
    with pytest.raises(CandidateError) as caught:
        reader.source(cell, phenotype)
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [(field, code)]


def test_the_line_that_stands_for_a_tumour_cell_is_named(reader: CandidateParser) -> None:
    cell, _ = reader.source("MDA-MB-231", "")
    assert [(note.how, note.identifier) for note in cell.notes] == [("cell_line", "cellosaurus:CVCL_0062")]


@pytest.mark.parametrize(
    "text",
    [
        *("LPS;IFN-γ", "LPS, IFN-g", "LPS + IFN-γ", "LPS and IFN-gamma", "LPS/IFN-γ"),
        *("LPS 100 ng/ml + IFN-γ 20 ng/ml", "LPS (100 ng/mL) and IFN-γ (20 ng/mL)"),
    ],
)
def test_stimuli_are_parted_however_they_are_joined(reader: CandidateParser, text: str) -> None:
    assert FIELD_BY_NAME["polarisation"].many
    assert reader.parse_value("polarisation", text).value == ("LPS", "IFN-gamma")


@pytest.mark.parametrize(
    ("text", "stimuli"),
    [
        ("IL-4/13", ("IL-4", "IL-13")),
        ("IL-4 (20 ng/ml) for 24 h", ("IL-4",)),
        ("hypoxia (1% O2)", ("hypoxia",)),
        ("IL-1/3", ("IL-1/3",)),
        ("Il-1", ("Il-1",)),
    ],
)
def test_a_stimulus_is_read_with_its_dose_and_never_as_another(
    reader: CandidateParser, text: str, stimuli: tuple[str, ...]
) -> None:
    assert reader.parse_value("polarisation", text).value == stimuli
