"""Terms are found by any spelling, and the nearest are offered for what is none."""

from __future__ import annotations

import pytest

from models.candidates.parser import CandidateParser


@pytest.mark.parametrize(
    ("field", "typed", "term"),
    [
        ("cancer_type", "HCC", "hepatocellular carcinoma"),
        ("cancer_type", "TNBC", "triple-negative breast cancer"),
        ("cancer_type", "leukemia", "leukaemia"),
        ("source_phenotype", "M(IL-4)", "M2"),
        ("source_cell", "mesenchymal stromal cells", "mesenchymal_stem_cell"),
        ("polarisation", "IFN-γ", "IFN-gamma"),
        ("cargo_type", "miRNA", "mirna"),
        ("cargo_state", "knockdown", "depleted"),
    ],
)
def test_aliases_are_found(reader: CandidateParser, field: str, typed: str, term: str) -> None:
    assert reader.vocabulary.lookup(field, typed).name == term


@pytest.mark.parametrize(
    ("field", "typed", "near"),
    [
        ("cancer_type", "brest cancer", "breast cancer"),
        ("cargo_type", "mirnas", "mirna"),
        ("source_cell", "neutrofil", "neutrophil"),
    ],
)
def test_the_nearest_term_comes_first(reader: CandidateParser, field: str, typed: str, near: str) -> None:
    assert reader.vocabulary.nearest(field, typed)[0] == near


def test_lineage_goes_from_the_term_to_the_root(reader: CandidateParser) -> None:
    assert reader.vocabulary.lineage("cancer_type", "lung adenocarcinoma") == (
        "lung adenocarcinoma",
        "non-small cell lung cancer",
        "lung cancer",
        "cancer",
    )


def test_the_version_is_that_of_the_content(reader: CandidateParser) -> None:
    assert CandidateParser.load().vocabulary.fingerprint == reader.vocabulary.fingerprint
