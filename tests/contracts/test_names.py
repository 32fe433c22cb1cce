"""Whatever name, term or identifier the product ships or prints is accepted where it belongs, and means what it stands beside."""

from __future__ import annotations

from collections import defaultdict

import pytest

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from models.knowledge.sources import KNOWLEDGE
from models.naming.cell_lines import CellLines
from models.naming.genes import GeneNames
from models.vocabulary.normalize import fold
from models.vocabulary.tsv import read_table
from models.vocabulary.vocabulary import CANDIDATE_FIELDS

LISTED = [field for field in CANDIDATE_FIELDS if field not in ("source_cell", "source_phenotype")]
TYPES_OF_TABLES = {"lncrna": "lncrna", "protein": "protein", "small_molecule": "small_molecule"}
NCBI_FORMS = ("NCBIGene:{}", "GeneID:{}", "NCBI Gene: {}", "Entrez:{}")


def forms_of(curie: str) -> tuple[str, ...]:
    """A CURIE as it is printed, and as ontologies and spreadsheets write it."""
    return curie, curie.lower(), curie.replace(":", "_"), f" {curie} "


@pytest.mark.parametrize("field", LISTED)
def test_every_term_and_its_identifier_is_accepted_in_its_field(reader: CandidateParser, field: str) -> None:
    bearers = defaultdict(set)
    for term in reader.vocabulary.terms(field):
        bearers[term.curie].add(term.name)
    many = FIELD_BY_NAME[field].many
    wrong = []
    for term in reader.vocabulary.terms(field):
        assert reader.parse_value(field, term.name).value == ((term.name,) if many else term.name)
        for text in forms_of(term.curie) if term.curie and len(bearers[term.curie]) == 1 else ():
            read = reader.parse_value(field, text)
            if read.value != ((term.name,) if many else term.name):
                wrong.append((term.name, text, read.value))
    assert wrong == []


def test_every_cell_and_state_is_accepted_by_its_identifier(reader: CandidateParser) -> None:
    vocabulary = reader.vocabulary
    for cell in vocabulary.terms("source_cell"):
        for text in forms_of(cell.curie) if cell.curie else ():
            assert reader.source(text.strip(), "")[0].value == cell.name, text
        for name in vocabulary.phenotypes_of(cell.name):
            state = vocabulary.term("source_phenotype", name)
            read = reader.source(cell.name, state.curie or state.name)[1].value
            assert vocabulary.term("source_phenotype", read).curie == state.curie, (cell.name, state)


@pytest.mark.parametrize("table", TYPES_OF_TABLES)
def test_every_cargo_of_a_table_is_accepted_by_name_and_identifier(reader: CandidateParser, table: str) -> None:
    wrong = []
    for term in reader.vocabulary.terms(table):
        for text in (term.name, *(forms_of(term.curie) if term.curie else ())):
            read = reader.naming.cargo(TYPES_OF_TABLES[table], text)
            if term.name not in (read.name, *read.alternatives) and not (read.kind == "gene" and table == "lncrna"):
                wrong.append((term.name, text, read))
    assert wrong == []


def test_every_identifier_of_every_gene_means_it_or_lists_it() -> None:
    genes = GeneNames(KNOWLEDGE / "genes.tsv", ())
    wrong = []
    for number, row in enumerate(read_table(KNOWLEDGE / "genes.tsv")):
        texts = [row["hgnc"], row["ensembl"], row["ensembl"] and f"Ensembl:{row['ensembl']}.17"]
        texts.append(row["ncbi"] and NCBI_FORMS[number % len(NCBI_FORMS)].format(row["ncbi"]))
        read = [genes.read_identifier(text.lower()) for text in texts if text]
        wrong += [(row, meant) for meant in read if row["symbol"] not in [gene.symbol for gene in meant]]
    assert wrong == []


def test_every_mature_sequence_is_accepted_by_its_accession_in_every_form(reader: CandidateParser) -> None:
    for row in read_table(KNOWLEDGE / "mirna_names.tsv"):
        for text in (row["accession"], f"mirbase.mature:{row['accession']}", f"miRBase:{row['accession'].lower()}"):
            assert reader.naming.cargo("mirna", text).name == row["name"], text


def test_every_cell_line_is_accepted_by_name_alias_and_number(reader: CandidateParser) -> None:
    lines = CellLines.load()
    wrong = []
    for line in lines.lines:
        for text in filter(None, (line.name, *line.aliases)):
            read = lines.read(text)
            # The name of one line is not shadowed by what another one is also called.
            if line not in read and not any(fold(text) == fold(other.name) for other in read):
                wrong.append((line.name, text))
        for text in filter(None, (line.identifier, line.identifier.removeprefix("cellosaurus:"))):
            tumour = reader.parse_value("cancer_type", text).value
            cell = reader.source(text, "")[0].value
            if (tumour, cell) != (line.cancer_type, "cancer_cell"):
                wrong.append((line.name, text))
    assert wrong == []


def test_names_that_differ_by_their_hyphens_alone_are_told_apart_or_listed(reader: CandidateParser) -> None:
    bearers = defaultdict(set)
    for row in read_table(KNOWLEDGE / "genes.tsv"):
        bearers[fold(row["symbol"])].add(row["symbol"])
    shared = [
        symbols for symbols in bearers.values() if len(symbols) > 1 and not any("MIR" in name for name in symbols)
    ]
    assert len(shared) > 5
    for symbols in shared:
        for symbol in symbols:
            assert reader.naming.cargo("protein", symbol.lower()).name == symbol
        between = "_".join(max(symbols, key=len))
        read = reader.naming.cargo("protein", between)
        assert not read.recognised or read.name in symbols
        assert read.how != "ambiguous" or set(read.alternatives) == symbols


def test_what_a_score_prints_is_read_as_the_same_again(reader: CandidateParser) -> None:
    candidate = {
        "source_cell": "THP-1 macrophages",
        "source_phenotype": "M2-like",
        "polarisation": "IL-4 (20 ng/ml) + IL-13",
        "species": "Homo sapiens",
        "cargo_type": "microRNA",
        "cargo_name": "hsa-mir-21 + anti-miR-155",
        "cancer_type": "stage III NSCLC (A549)",
        "recipient_cell": "T cells",
    }
    parsed = reader.parse(candidate)
    again = reader.parse(parsed.candidate.to_dict())
    assert again.candidate == parsed.candidate
    assert not [note for note in again.notes if note.how in ("unknown", "ambiguous", "default")]
    for note in parsed.notes:
        if note.identifier and note.field not in ("source_cell", "source_phenotype", "cargo_name"):
            assert reader.parse_value(note.field, note.identifier).recognised, note
