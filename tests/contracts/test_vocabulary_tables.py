"""Every row of every vocabulary and knowledge table keeps the format; the message names the row.

A term is unique under folding, its parent is a term and no term is its own ancestor, a CURIE has a known prefix, an alias
names another term only where that is a known ambiguity, and text has no stray white space.
"""

from __future__ import annotations

import re

import pytest

from models.candidates.parser import CandidateParser
from models.knowledge.sources import KNOWLEDGE
from models.vocabulary.normalize import fold
from models.vocabulary.tsv import read_table
from models.vocabulary.vocabulary import FIELDS, HERE, MACROPHAGE_LINEAGE

CURIE = re.compile(
    r"(?:CL:\d{7}|DOID:\d+|NCIT:C\d+|CHEBI:\d+|UBERON:\d{7}|NCBITaxon:\d+|HGNC:\d+|MESH:[A-Z]\d+|GO:\d{7}|SO:\d{7}|PR:\S+|"
    r"CLO:\d{7}|EFO:\d{7}|ECO:\d{7}|BTO:\d{7}|HP:\d{7}|FOODON:\d+|MONDO:\d{7}|OBI:\d{7}|CVCL:\w+|ENVO:\d+)"
)

# Abbreviations that the field uses for several things; the resolver lists their meanings. All others mean one thing.
AMBIGUOUS = {
    "cancer_type": {"pc", "ec", "cc", "lscc", "cscc", "tc", "acc", "pnet"},
    "source_cell": {"thp1"},
    "small_molecule": {"dha", "mel", "len"},
    "protein": {"erk", "mek", "il1"},
}


@pytest.fixture(params=FIELDS)
def field(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def rows(field: str) -> list[dict[str, str]]:
    return read_table(HERE / f"{field}.tsv")


def test_the_header_and_every_cell_are_clean(field: str, rows: list[dict[str, str]]) -> None:
    columns = ["term", "curie", "parent", "aliases", "definition"]
    assert list(rows[0]) == columns + (["source_cells", "disposition"] if field == "source_phenotype" else [])
    for row in rows:
        for column, cell in row.items():
            assert cell == " ".join(cell.split()), (row["term"], column)
        assert row["definition"], row["term"]
        assert "" not in row["aliases"].split("|") or not row["aliases"], row["term"]


def test_terms_are_unique_however_they_are_spelled(rows: list[dict[str, str]]) -> None:
    keys = [fold(row["term"]) for row in rows]
    assert [row["term"] for row, key in zip(rows, keys, strict=True) if keys.count(key) > 1] == []


def test_parents_are_terms_and_no_term_is_its_own_ancestor(rows: list[dict[str, str]]) -> None:
    parent = {row["term"]: row["parent"] for row in rows}
    for term in parent:
        line = [term]
        while above := parent[line[-1]]:
            assert above in parent, (line[-1], above)
            assert above not in line, line
            line.append(above)


def test_identifiers_are_curies_of_known_namespaces(rows: list[dict[str, str]]) -> None:
    assert [row["term"] for row in rows if row["curie"] and not CURIE.fullmatch(row["curie"])] == []


@pytest.mark.parametrize("name", [field for field in FIELDS if field != "source_phenotype"])
def test_an_alias_means_two_terms_only_where_the_field_uses_it_so(name: str) -> None:
    bearers: dict[str, set[str]] = {}
    for row in read_table(HERE / f"{name}.tsv"):
        for alias in filter(None, row["aliases"].split("|")):
            bearers.setdefault(fold(alias), set()).add(row["term"])
    assert {key for key, of in bearers.items() if len(of) > 1} == AMBIGUOUS.get(name, set())


def test_an_alias_of_a_phenotype_means_one_phenotype_in_every_cell(reader: CandidateParser) -> None:
    vocabulary = reader.vocabulary
    for cell in vocabulary.names("source_cell"):
        admitted = vocabulary.phenotypes_of(cell)
        for name in sorted(admitted):
            for alias in vocabulary.term("source_phenotype", name).aliases:
                match = vocabulary.lookup("source_phenotype", alias, admitted)
                assert len(match.names) == 1, (cell, alias, match.names)


def test_the_macrophage_lineage_has_its_closed_list_of_phenotypes(reader: CandidateParser) -> None:
    closed = {"M0", "M1", "M2", "TAM", "unspecified"}
    for cell in MACROPHAGE_LINEAGE:
        # One paper of the corpus reports microglia that are only said to be activated.
        extra = {"activated"} if cell == "microglia" else set()
        assert reader.vocabulary.phenotypes_of(cell) == closed | extra


def test_every_cell_can_be_unspecified(reader: CandidateParser) -> None:
    for cell in reader.vocabulary.names("source_cell"):
        assert "unspecified" in reader.vocabulary.phenotypes_of(cell), cell


def test_roles_speak_of_terms_and_count_reports(reader: CandidateParser) -> None:
    cancers = set(reader.vocabulary.names("cancer_type")) | {""}
    seen = set()
    for row in read_table(KNOWLEDGE / "cargo_roles.tsv"):
        key = (row["cargo_kind"], row["cargo"], row["cancer_type"])
        assert key not in seen, key
        seen.add(key)
        assert row["cargo_kind"] in ("mirna", "gene", "lncrna"), key
        assert row["cancer_type"] in cancers, key
        assert int(row["n_suppressing"]) + int(row["n_oncogenic"]) > 0, key
        assert min(int(row["n_suppressing"]), int(row["n_oncogenic"])) >= 0, key


def test_every_cargo_that_roles_speak_of_is_found_under_its_own_name(reader: CandidateParser) -> None:
    cargo_type = {"mirna": "mirna", "gene": "protein", "lncrna": "lncrna"}
    lost = [
        (row["cargo_kind"], row["cargo"])
        for row in read_table(KNOWLEDGE / "cargo_roles.tsv")
        if not row["cancer_type"]
        and (found := reader.naming.cargo(cargo_type[row["cargo_kind"]], row["cargo"]))
        and (found.kind, found.stem) != (row["cargo_kind"], row["cargo"])
    ]
    assert lost == []
