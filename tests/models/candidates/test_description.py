"""A description in free words is read by the parsers of the fields: each part is shown as what it was read as, or said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.description import MAX_DESCRIPTION, DescriptionReader
from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from training.data.findings import Finding

M2 = {"source_cell": "macrophage", "source_phenotype": "M2"}
MIR21 = {"cargo_type": "mirna", "cargo_name": "miR-21-5p"}
DESCRIBED = {
    "M2 macrophage miR-21-5p, gastric cancer": M2 | MIR21 | {"cancer_type": "gastric cancer"},
    "miR-21-5p from M2 macrophages in GC": M2 | MIR21 | {"cancer_type": "gastric cancer"},
    "PTX-loaded M1 exosomes": {
        "source_cell": "macrophage",
        "source_phenotype": "M1",
        "cargo_type": "small_molecule",
        "cargo_name": "PTX",
        "cargo_state": "loaded",
    },
    "miR-155-knockdown TAM EVs": {
        "source_cell": "macrophage",
        "source_phenotype": "TAM",
        "cargo_type": "mirna",
        "cargo_name": "miR-155",
        "cargo_state": "depleted",
    },
    "siRNA against KRAS in HEK293 vesicles": {
        "source_cell": "hek293",
        "cargo_type": "sirna",
        "cargo_name": "siRNA against KRAS",
    },
    "M2 exosomes": M2 | {"cargo_type": "whole_vesicle"},
    "exosomes of M2 macrophages, to T cells": M2 | {"cargo_type": "whole_vesicle", "recipient_cell": "t_cell"},
    "melanoma exosomes miR-21-5p": MIR21 | {"source_cell": "cancer_cell"},
    "TAM and miR-21+miR-155": {
        "source_cell": "macrophage",
        "source_phenotype": "TAM",
        "cargo_type": "mirna",
        "cargo_name": "miR-21+miR-155",
    },
    "": {},
}
UNCLEAR = {
    "M2 miR-21-5p blorb": ("blorb", ()),
    "M2 miR-21-5p gastric cancer melanoma": ("melanoma", ("cancer_type", "source_cell")),
    "M2 miR-21-5p STAT3": ("STAT3", ("cargo_name",)),
    "miR-21-5p A549": ("A549", ("cancer_type", "source_cell")),
    "bone marrow miR-21-5p": ("bone marrow", ("source_cell",)),
}
WORDS = st.sampled_from(
    [
        *("M2", "M1", "TAM", "macrophage", "exosomes", "of", "in", "miR-21", "PTEN", "loaded", "depleted", "gastric"),
        *("cancer", "HCC", "A549", "IL-4", "bone", "marrow", "blorb", ",", "+", "MSC"),
    ]
)


@pytest.fixture(scope="module")
def describe(reader: CandidateParser) -> DescriptionReader:
    return DescriptionReader(reader)


@pytest.mark.parametrize("text", DESCRIBED)
def test_a_description_is_read_as_the_fields_that_it_names(describe: DescriptionReader, text: str) -> None:
    found = describe.read(text)
    assert found.values == DESCRIBED[text]
    assert found.unclear == ()


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_unknown_or_can_be_two_things_is_said_and_not_used(describe: DescriptionReader, text: str) -> None:
    (unclear,) = describe.read(text).unclear
    assert (unclear.text, tuple(sorted(unclear.fields))) == UNCLEAR[text]


def test_a_misspelt_tumour_has_the_nearest_ones(describe: DescriptionReader) -> None:
    for text in ("M2 miR-21 gastrc cancer", "M2 miR-21 gastrc cancer A549"):
        (unclear,) = describe.read(text).unclear
        assert unclear.text == "gastrc cancer"
        assert unclear.nearest[0] == "gastric cancer"


def test_a_gene_without_a_type_is_taken_for_its_protein_and_that_is_said(describe: DescriptionReader) -> None:
    assumed = {text: describe.read(text).readings[0].assumed for text in ("PTEN M2", "protein PTEN M2", "PTEN mRNA M2")}
    assert list(assumed.values()) == [("cargo_type",), (), ()]


@given(st.lists(WORDS, max_size=12))
def test_every_word_is_shown_as_read_or_as_unclear_or_says_nothing(reader: CandidateParser, words: list[str]) -> None:
    text = " ".join(words)
    found = DescriptionReader(reader).read(text)
    shown = " ".join([*(one.text for one in found.readings), *(one.text for one in found.unclear)])
    silent = {"exosomes", "of", "in", "cancer", ""}
    for word in re.split(r"[\s,+]+", text):
        assert word in silent or word in re.split(r"[\s+]+", shown)


@given(st.text(max_size=2 * MAX_DESCRIPTION))
def test_any_text_can_be_read_and_gives_values_of_known_fields(reader: CandidateParser, text: str) -> None:
    values = DescriptionReader(reader).read(text).values
    assert set(values) <= set(FIELD_BY_NAME)
    for name, value in values.items():
        assert reader.parse_value(name, value).recognised or name in ("cargo_name", "source_phenotype")


def test_the_candidates_of_the_corpus_are_read_back_or_what_is_not_read_is_said(
    describe: DescriptionReader, reader: CandidateParser, corpus: tuple[Finding, ...]
) -> None:
    read_back, silently_other, named = 0, 0, 0
    for candidate in (finding.candidate for finding in corpus[::4]):
        if not candidate.cargo_name and candidate.cargo_type != "whole_vesicle":
            continue
        phenotype = candidate.source_phenotype.replace("unspecified", "")
        cargo_type = candidate.cargo_type if candidate.cargo_name else "whole vesicle"
        parts = (
            f"{phenotype} {candidate.source_cell}".replace("_", " "),
            f"{cargo_type.replace('_', ' ')} {candidate.cargo_name}",
            candidate.cargo_state.replace("native", ""),
            candidate.cancer_type,
        )
        found = describe.read(", ".join(parts))
        named += 1
        try:
            read = reader.parse({"source_phenotype": "unspecified", **found.values}, require_cargo_name=False).candidate
        except CandidateError:
            read = None
        is_same = read is not None and all(
            getattr(read, name) == getattr(candidate, name)
            for name in ("source_cell", "source_phenotype", "cargo_type", "cargo_name", "cancer_type")
        )
        read_back += is_same
        silently_other += not is_same and not found.unclear
    assert read_back >= 0.95 * named
    assert silently_other <= 0.02 * named


@pytest.mark.parametrize(
    "text", ["M2 macrophage miR-21:0.9+doxorubicin:0.1, glioma", "glioma: M2 macrophage miR-21:9 + DOX:1"]
)
def test_a_set_of_cargos_is_read_with_its_weights(text: str) -> None:
    parser = CandidateParser.load()
    description = DescriptionReader(parser).read(text)
    assert not description.unclear
    carried = parser.parse(description.values).carried
    assert (carried.cargo_type, carried.shares) == ("mirna+small_molecule", (0.9, 0.1))
