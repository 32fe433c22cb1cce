"""Names resolve to one canonical name however they are spelled; ambiguity is listed; nothing fails."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.knowledge.sources import KNOWLEDGE
from models.naming.resolver import KINDS_OF_CARGO_TYPE, NameResolver
from models.vocabulary.tsv import read_table

MATURES = [row["name"] for row in read_table(KNOWLEDGE / "mirna_names.tsv")]
SYMBOLS = [row["symbol"] for row in read_table(KNOWLEDGE / "gene_names.tsv")]
CARGO_TYPES = [*KINDS_OF_CARGO_TYPE, "small_molecule", "nanoparticle"]


@pytest.fixture(scope="module")
def naming(reader: CandidateParser) -> NameResolver:
    return reader.naming


@pytest.mark.parametrize(
    ("cargo_type", "text", "name", "identifier", "how"),
    [
        ("mirna", "hsa-miR-21", "miR-21", "", "stem"),
        ("mirna", "MIR21", "miR-21", "", "stem"),
        ("mirna", "miRNA-21-5p", "miR-21-5p", "mirbase.mature:MIMAT0000076", "mature"),
        ("mirna", "miR 21*", "miR-21-3p", "mirbase.mature:MIMAT0004494", "star"),
        ("mirna", "let7b", "let-7b", "", "stem"),
        ("mirna", "MIRLET7B", "let-7b", "", "stem"),
        ("mirna", "microRNA-155-5p", "miR-155-5p", "mirbase.mature:MIMAT0000646", "mature"),
        ("mirna", "mmu-miR-145a-5p", "miR-145a-5p", "", "form"),
        ("mirna", "miR-17~92 cluster", "miR-17-92", "", "cluster"),
        ("mirna", "antagomir-21", "anti-miR-21", "", "stem"),
        ("mirna", "miR-155 inhibitor", "anti-miR-155", "", "stem"),
        ("mirna", "miR-155 mimic", "miR-155", "", "stem"),
        ("protein", "p53", "TP53", "HGNC:11998", "alias"),
        ("protein", "PD-L1", "CD274", "HGNC:17635", "alias"),
        ("protein", "Pten", "PTEN", "HGNC:9588", "symbol"),
        ("protein", "TGF-β1", "TGFB1", "HGNC:11766", "symbol"),
        ("sirna", "siKRAS", "KRAS", "HGNC:6407", "symbol"),
        ("lncrna", "lncRNA H19", "H19", "HGNC:4713", "alias"),
        ("lncrna", "HOTAIR", "HOTAIR", "HGNC:33510", "exact"),
        ("lncrna", "hotair", "HOTAIR", "HGNC:33510", "spelling"),
        ("circrna", "hsa_circ_0008253", "circ_0008253", "circbase:hsa_circ_0008253", "form"),
        ("circrna", "circ-FBXW7", "circFBXW7", "", "form"),
        ("small_molecule", "PTX", "paclitaxel", "CHEBI:45863", "alias"),
    ],
)
def test_what_people_type_is_understood(
    naming: NameResolver, cargo_type: str, text: str, name: str, identifier: str, how: str
) -> None:
    found = naming.cargo(cargo_type, text)
    assert (found.name, found.identifier, found.how) == (name, identifier, how)


def test_every_mature_sequence_of_the_table_resolves_to_itself(naming: NameResolver) -> None:
    assert [name for name in MATURES if naming.cargo("mirna", name).name != name] == []


def test_every_gene_symbol_of_the_table_resolves_to_itself(naming: NameResolver) -> None:
    assert [symbol for symbol in SYMBOLS if naming.cargo("protein", symbol).name != symbol] == []


def test_every_term_of_the_cargo_tables_resolves_to_itself(naming: NameResolver, reader: CandidateParser) -> None:
    for cargo_type, field in (("lncrna", "lncrna"), ("protein", "protein"), ("small_molecule", "small_molecule")):
        names = reader.vocabulary.names(field)
        assert [name for name in names if naming.cargo(cargo_type, name).name != name] == []


def _respelled(draw: st.DrawFn, name: str) -> str:
    hyphen = draw(st.sampled_from(["-", "", " ", "‑", "–", "−"]))
    spelled = name.replace("-", hyphen)
    change = draw(st.sampled_from([str.upper, str.lower, str.title, str]))
    prefix = draw(st.sampled_from(["", "hsa-", "HSA-", "hsa "]))
    pad = draw(st.sampled_from(["", " ", "\u00a0", "\t"]))
    return pad + prefix + change(spelled) + pad


# Dropping the hyphens of these leaves another name that miRBase has too; then the hyphens must stay.
HYPHENS_NEEDED = {"miR-129-2-3p", "miR-1292-3p"}


@st.composite
def mirna_spellings(draw: st.DrawFn) -> tuple[str, str]:
    name = draw(st.sampled_from([name for name in MATURES if name not in HYPHENS_NEEDED]))
    return name, _respelled(draw, name)


@given(mirna_spellings())
def test_a_mirna_is_the_same_in_any_case_hyphenation_and_with_its_species(pair: tuple[str, str]) -> None:
    name, spelled = pair
    assert SHARED.cargo("mirna", spelled).name == name


@given(st.sampled_from(SYMBOLS), st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", " ", "‐"]))
def test_a_gene_is_the_same_in_any_case_and_hyphenation(symbol: str, change: object, hyphen: str) -> None:
    spelled = change(symbol).replace("-", hyphen)  # type: ignore[operator]
    assert SHARED.cargo("protein", spelled).name == symbol


@given(st.sampled_from(CARGO_TYPES), st.text(max_size=60))
def test_any_text_resolves_without_failing_and_resolving_is_idempotent(cargo_type: str, text: str) -> None:
    once = SHARED.cargo(cargo_type, text)
    again = SHARED.cargo(cargo_type, once.name)
    assert (again.name, again.kind, again.stem, again.silences) == (once.name, once.kind, once.stem, once.silences)


@given(st.sampled_from(MATURES + SYMBOLS), st.sampled_from(CARGO_TYPES), st.sampled_from(["", "anti-", "siRNA "]))
def test_resolving_known_names_is_idempotent(name: str, cargo_type: str, before: str) -> None:
    once = SHARED.cargo(cargo_type, before + name)
    again = SHARED.cargo(cargo_type, once.name)
    assert (again.name, again.kind, again.stem, again.silences) == (once.name, once.kind, once.stem, once.silences)


def test_an_ambiguous_alias_lists_its_meanings_and_chooses_none(naming: NameResolver) -> None:
    found = naming.cargo("protein", "MRP1")
    assert found.how == "ambiguous"
    assert not found.recognised
    assert found.name == "MRP1"
    assert {"ABCC1", "MSH3"} <= set(found.alternatives)


def test_every_alias_shared_by_two_genes_is_reported_as_ambiguous(naming: NameResolver) -> None:
    bearers: dict[str, set[str]] = {}
    for row in read_table(KNOWLEDGE / "gene_names.tsv"):
        for alias in filter(None, itertools.chain(row["previous"].split("|"), row["aliases"].split("|"))):
            bearers.setdefault(alias, set()).add(row["symbol"])
    symbols = {symbol.casefold() for symbol in SYMBOLS}
    shared = {alias for alias, of in bearers.items() if len(of) > 1 and alias.casefold() not in symbols}
    assert len(shared) > 100
    named_otherwise = {alias for alias in shared if naming.cargo("protein", alias).how != "ambiguous"}
    assert {alias for alias in named_otherwise if naming.cargo("protein", alias).how != "symbol"} == set()


def test_a_stem_lists_the_arms_that_it_can_mean(naming: NameResolver) -> None:
    assert naming.cargo("mirna", "miR-21").alternatives == ("miR-21-3p", "miR-21-5p")


def test_a_star_whose_strand_is_not_told_by_its_accession_stays_a_star(naming: NameResolver) -> None:
    found = naming.cargo("mirna", "miR-126*")
    assert (found.name, set(found.alternatives)) == ("miR-126*", {"miR-126-5p", "miR-126-3p"})


def test_an_unknown_name_is_kept_and_said_to_be_unknown(naming: NameResolver) -> None:
    found = naming.cargo("lncrna", "  NOVEL  transcript 7 ")
    assert (found.name, found.how, found.recognised) == ("NOVEL transcript 7", "unknown", False)


def test_co_loaded_cargos_are_split_and_each_counted_once(naming: NameResolver) -> None:
    names = [name.name for name in naming.cargos("small_molecule", "DOX + PTX+doxorubicin+")]
    assert names == ["doxorubicin", "paclitaxel"]


def test_the_star_strand_rule_agrees_with_strands_that_the_literature_names(naming: NameResolver) -> None:
    known = {"miR-21*": "miR-21-3p", "miR-155*": "miR-155-3p", "miR-223*": "miR-223-5p", "miR-146a*": "miR-146a-3p"}
    assert {star: naming.cargo("mirna", star).name for star in known} == known


SHARED = NameResolver.load()
