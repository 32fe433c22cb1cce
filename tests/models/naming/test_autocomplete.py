"""What is offered while somebody types is what the naming would read, and every name is found by typing its beginning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.estimator.features import Features
from models.naming import autocomplete
from models.naming.resolver import KINDS_OF_CARGO_TYPE
from models.vocabulary.normalize import fold


def names(features: Features, cargo_type: str, text: str) -> list[str]:
    return [one.name for one in autocomplete.suggest_cargos(features.parser.naming, features.roles, cargo_type, text)]


@pytest.mark.parametrize("text", ["21", "mir21", "hsa-miR-21", "microRNA-21", "MIR-21"])
def test_every_way_to_type_a_mirna_offers_its_arms(features: Features, text: str) -> None:
    assert names(features, "mirna", text)[:3] == ["miR-21", "miR-21-3p", "miR-21-5p"]


@pytest.mark.parametrize(
    ("cargo_type", "text", "name", "identifier"),
    [
        ("mirna", "miR-21-5p", "miR-21-5p", "mirbase.mature:MIMAT0000076"),
        ("protein", "p53", "TP53", "HGNC:11998"),
        ("protein", "PDL", "CD274", "HGNC:17635"),
        ("lncrna", "hota", "HOTAIR", "HGNC:33510"),
        ("small_molecule", "pac", "paclitaxel", "CHEBI:45863"),
        ("", "pac", "paclitaxel", "CHEBI:45863"),
    ],
)
def test_the_name_that_most_reports_speak_of_comes_first_with_its_identifier(
    features: Features, cargo_type: str, text: str, name: str, identifier: str
) -> None:
    first = autocomplete.suggest_cargos(features.parser.naming, features.roles, cargo_type, text)[0]
    assert (first.name, first.identifier) == (name, identifier)


@pytest.mark.parametrize(("cargo_type", "kind"), [("mirna", "mirna"), ("protein", "gene"), ("lncrna", "lncrna")])
@given(st.data())
def test_every_offer_is_read_as_itself(features: Features, cargo_type: str, kind: str, data: st.DataObject) -> None:
    naming = features.parser.naming
    own = [one.name for one in naming.variants(kind) if not one.other]
    name = data.draw(st.sampled_from(own))
    text = name[: data.draw(st.integers(1, len(name)))]
    for one in autocomplete.suggest_cargos(naming, features.roles, cargo_type, text):
        read = naming.cargo(cargo_type, one.name)
        assert (read.name, read.identifier) == (one.name, one.identifier)
    assert name in names(features, cargo_type, name)


def test_a_gene_that_is_read_as_a_microrna_is_not_offered_as_one(features: Features) -> None:
    assert "MIR210" not in names(features, "protein", "MIR210")
    assert "MIR210HG" in names(features, "lncrna", "MIR210H")


@given(st.text(max_size=20), st.sampled_from([*KINDS_OF_CARGO_TYPE, "whole_vesicle", "nonsense", ""]))
def test_any_text_offers_a_few_names_each_once(features: Features, text: str, cargo_type: str) -> None:
    found = names(features, cargo_type, text)
    assert len(found) == len(set(found)) <= autocomplete.MAX_SUGGESTIONS
    assert bool(fold(text)) or not found


def test_terms_are_found_by_any_of_their_names(reader: CandidateParser) -> None:
    for term in reader.vocabulary.terms("cancer_type"):
        for spelling in (term.name, *term.aliases):
            found = autocomplete.suggest_terms(reader.vocabulary, "cancer_type", spelling, limit=100)
            assert term.name in [one.name for one in found]
    admitted = reader.vocabulary.phenotypes_of("macrophage")
    all_of_cell = autocomplete.suggest_terms(reader.vocabulary, "source_phenotype", "", admitted)
    assert {one.name for one in all_of_cell} == admitted
