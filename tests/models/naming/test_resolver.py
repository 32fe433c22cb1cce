"""Names resolve to one canonical name however they are spelled; ambiguity is listed; nothing fails."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.knowledge.sources import KNOWLEDGE, SHIPPED_ROLES, read_roles
from models.naming.resolver import KINDS_OF_CARGO_TYPE, NameResolver
from models.vocabulary.normalize import fold
from models.vocabulary.tsv import read_table

MATURES = [row["name"] for row in read_table(KNOWLEDGE / "mirna_names.tsv")]
GENES = read_table(KNOWLEDGE / "genes.tsv")
SYMBOLS = [row["symbol"] for row in GENES if not row["symbol"].startswith("MIR")]
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
        ("mirna", "hsa-mir-9-2", "miR-9", "", "copy"),
        ("mirna", "hsa-mir-124-3", "miR-124", "", "copy"),
        ("mirna", "miR-9-1-5p", "miR-9-5p", "mirbase.mature:MIMAT0000441", "copy"),
        ("mirna", "MIR9-2", "miR-9", "", "copy"),
        ("mirna", "MIRLET7A1", "let-7a", "", "copy"),
        ("mirna", "MIR181A2", "miR-181a", "", "copy"),
        ("mirna", "miR-213", "miR-181a", "", "previous name"),
        ("mirna", "miR-3591-3p", "miR-122b-3p", "mirbase.mature:MIMAT0019877", "previous name"),
        ("sirna", "oxaliplatin", "oxaliplatin", "CHEBI:31941", "exact"),
        ("mirna", "miR-146", "miR-146", "", "family"),
        ("mirna", "miR-200 family", "miR-200", "", "family"),
        ("mirna", "miR-155a", "miR-155a", "", "unknown"),
        ("mirna", "miR-10-1", "miR-10-1", "", "unknown"),
        ("mirna", "mir-2", "mir-2", "", "unknown"),
        ("mirna", "osa-miR-168a", "osa-miR-168a", "", "species"),
        ("mirna", "ebv-miR-BART7", "ebv-miR-BART7", "", "species"),
        ("mirna", "MIMAT0000076", "miR-21-5p", "mirbase.mature:MIMAT0000076", "identifier"),
        ("mirna", "MIR155HG", "MIR155HG", "HGNC:35460", "symbol"),
        ("lncrna", "HGNC:31586", "miR-21", "", "identifier"),
        ("mirna", "miR-17~92 cluster", "miR-17-92", "", "cluster"),
        ("mirna", "antagomir-21", "anti-miR-21", "", "stem"),
        ("mirna", "miR-155 inhibitor", "anti-miR-155", "", "stem"),
        ("mirna", "miR-155 mimic", "miR-155", "", "stem"),
        ("protein", "p53", "TP53", "HGNC:11998", "alias"),
        ("protein", "PD-L1", "CD274", "HGNC:17635", "alias"),
        ("protein", "Pten", "PTEN", "HGNC:9588", "symbol"),
        ("protein", "TGF-β1", "TGFB1", "HGNC:11766", "alias"),
        ("protein", "ALDH18A1", "ALDH18A1", "HGNC:9722", "symbol"),
        ("protein", "DDX58", "RIGI", "HGNC:19102", "previous symbol"),
        ("protein", "HGNC:9588", "PTEN", "HGNC:9588", "identifier"),
        ("protein", "ENSG00000171862.12", "PTEN", "HGNC:9588", "identifier"),
        ("protein", "GeneID: 5728", "PTEN", "HGNC:9588", "identifier"),
        ("protein", "KRASG12D", "KRAS G12D", "HGNC:6407", "variant"),
        ("protein", "p53 R175H", "TP53 R175H", "HGNC:11998", "variant"),
        ("protein", "EGFRvIII", "EGFR vIII", "HGNC:3236", "variant"),
        ("protein", "sTRAIL", "soluble TNFSF10", "HGNC:11925", "variant"),
        ("protein", "rhIL-2", "IL2", "HGNC:6001", "symbol"),
        ("protein", "HER-2/neu", "ERBB2", "HGNC:3430", "alias"),
        ("protein", "Annexin A2", "ANXA2", "HGNC:537", "alias"),
        ("protein", "TAZ", "TAZ", "", "ambiguous"),
        ("lncrna", "NEAT1_2", "NEAT1_2", "HGNC:30815", "variant"),
        ("sirna", "siKRAS", "KRAS", "HGNC:6407", "symbol"),
        ("lncrna", "lncRNA H19", "H19", "HGNC:4713", "alias"),
        ("lncrna", "HOTAIR", "HOTAIR", "HGNC:33510", "exact"),
        ("lncrna", "hotair", "HOTAIR", "HGNC:33510", "spelling"),
        ("circrna", "hsa_circ_0008253", "circ_0008253", "circbase:hsa_circ_0008253", "form"),
        ("circrna", "circ-FBXW7", "circFBXW7", "", "form"),
        ("circrna", "circSTAT3", "circSTAT3", "", "form"),
        ("circrna", "circRNAs-SMARCA5", "circSMARCA5", "", "form"),
        ("circrna", "circRNA-SHKBP1", "circSHKBP1", "", "form"),
        ("small_molecule", "PTX", "paclitaxel", "CHEBI:45863", "alias"),
        ("small_molecule", "CHEBI:28748", "doxorubicin", "CHEBI:28748", "identifier"),
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


@pytest.mark.parametrize(("column", "prefix"), [("hgnc", ""), ("ensembl", ""), ("ncbi", "NCBIGene:")])
def test_every_identifier_of_a_gene_means_that_gene_or_lists_it(naming: NameResolver, column: str, prefix: str) -> None:
    wrong = []
    for row in GENES[::5]:
        if row[column] and not row["symbol"].startswith("MIR"):
            read = naming.cargo("protein", prefix + row[column])
            if row["symbol"] not in (read.name, *read.alternatives):
                wrong.append((row["symbol"], read))
    assert wrong == []


def test_every_accession_of_a_mature_sequence_means_that_sequence(naming: NameResolver) -> None:
    printed = {name: naming.cargo("mirna", name).identifier for name in MATURES}
    assert [name for name, identifier in printed.items() if naming.cargo("mirna", identifier).name != name] == []


def test_every_gene_of_a_hairpin_means_the_stem_of_its_own_sequences(naming: NameResolver) -> None:
    hairpins = [row for row in GENES if re.fullmatch(r"MIR(LET7)?\d*[A-Z]?\d*(-\d+)?", row["symbol"])]
    assert len(hairpins) > 1500
    wrong = []
    for row in hairpins:
        stem = naming.cargo("mirna", row["symbol"]).stem
        parts = re.fullmatch(r"MIR(LET7)?(\d*)([A-Z]*)(?:-?\d+)?", row["symbol"])
        assert parts
        own = f"let-7{parts[3].lower()}" if parts[1] else f"miR-{parts[2]}{parts[3].lower()}"
        if stem != own:
            wrong.append((row["symbol"], stem))
    # miRBase renamed the sequences of mir-3591, HGNC did not rename its gene.
    assert wrong == [("MIR3591", "miR-122b")]


def test_a_hyphen_between_numbers_is_never_dropped(naming: NameResolver) -> None:
    numbers = [(number, copy) for number in range(1, 400) for copy in range(1, 4)]
    joined = [
        text
        for number, copy in numbers
        if naming.cargo("mirna", text := f"miR-{number}-{copy}").recognised
        and re.sub("[a-z]+$", "", naming.cargo("mirna", text).stem) != f"miR-{number}"
    ]
    # What these were called has another number today.
    assert all(naming.cargo("mirna", text).how == "previous name" for text in joined)


def test_votes_stand_under_current_names(naming: NameResolver) -> None:
    renamed = []
    for row in read_roles(SHIPPED_ROLES):
        if row.kind == "gene" and naming.cargo("protein", row.cargo).stem != row.cargo:
            renamed.append(row.cargo)
        if row.kind == "mirna" and naming.cargo("mirna", row.cargo).stem != row.cargo:
            renamed.append(row.cargo)
    assert renamed == []


@pytest.mark.parametrize(
    ("cargo_type", "text", "names"),
    [
        ("small_molecule", "doxorubicin/curcumin", ["doxorubicin", "curcumin"]),
        ("small_molecule", "PTX & DOX", ["paclitaxel", "doxorubicin"]),
        ("small_molecule", "doxorubicin and curcumin", ["doxorubicin", "curcumin"]),
        ("mirna", "miR-21, miR-155", ["miR-21", "miR-155"]),
        ("mirna", "hsa-miR-221-3p/222-3p", ["miR-221-3p", "miR-222-3p"]),
        ("mirna", "miR-143/145", ["miR-143", "miR-145"]),
        ("protein", "S100A8/A9", ["calprotectin"]),
        ("protein", "CD63 with something else", ["CD63 with something else"]),
    ],
)
def test_what_joins_names_parts_them_where_each_part_is_a_name(
    naming: NameResolver, cargo_type: str, text: str, names: list[str]
) -> None:
    assert [name.name for name in naming.cargos(cargo_type, text)] == names


@pytest.mark.parametrize(
    ("cargo_type", "text", "stem"),
    [
        ("mirna", "anti-miR-21", "miR-21"),
        ("mirna", "antagomir-21", "miR-21"),
        ("protein", "anti-PD-L1", "CD274"),
        ("protein", "PD-L1 antibody", "CD274"),
        ("mrna", "STAT3 antisense oligonucleotide", "STAT3"),
    ],
)
def test_what_switches_a_thing_off_counts_under_that_thing_and_turns(
    naming: NameResolver, cargo_type: str, text: str, stem: str
) -> None:
    read = naming.cargo(cargo_type, text)
    assert (read.stem, read.silences, read.recognised) == (stem, True, True)


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("2-Sep", ("SEPTIN2",)),
        ("1-Mar", ("MARCHF1", "MTARC1")),
        ("Mar-08", ("MARCHF8",)),
        ("2026-09-02", ("SEPTIN2",)),
        ("2026-03-01", ("MARCHF1", "MTARC1")),
        ("2026-06-02", ()),
        ("31-Sep", ()),
        ("2-Jun", ()),
    ],
)
def test_a_date_that_a_spreadsheet_made_of_a_gene_names_the_gene(
    naming: NameResolver, text: str, genes: tuple[str, ...]
) -> None:
    read = naming.cargo("protein", text)
    assert (read.how, read.alternatives) == ("unknown", genes)


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


def test_every_alias_shared_by_two_genes_is_reported_as_ambiguous(
    naming: NameResolver, reader: CandidateParser
) -> None:
    bearers: dict[str, set[str]] = {}
    for row in GENES:
        for alias in filter(None, itertools.chain(row["previous"].split("|"), row["aliases"].split("|"))):
            bearers.setdefault(alias, set()).add(row["symbol"])
    symbols = {symbol.casefold() for symbol in SYMBOLS}
    # Where a term of the vocabulary has the alias, it is that one which oncologists mean.
    curated = {fold(alias) for term in reader.vocabulary.terms("protein") for alias in (term.name, *term.aliases)}
    shared = {
        alias
        for alias, of in bearers.items()
        if len(of) > 1
        and not {alias.casefold(), fold(alias)} & (symbols | curated)
        and not re.match("(?i)(hsa-)?mir", alias)
    }
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
