"""How a name is spelled changes nothing: its case, hyphens, blanks, Greek letters, dashes and wide letters. Where two things
differ by nothing else, the exact spelling is meant, or both are listed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.knowledge.sources import KNOWLEDGE
from models.naming.cell_lines import CellLines
from models.vocabulary.normalize import GREEK
from models.vocabulary.tsv import read_table

READER = CandidateParser.load()
MATURES = [row["name"] for row in read_table(KNOWLEDGE / "mirna_names.tsv")]
SYMBOLS = [row["symbol"] for row in read_table(KNOWLEDGE / "genes.tsv") if not row["symbol"].startswith("MIR")]
SINGLE = ("cancer_type", "cargo_type", "cargo_state")
HYPHENS = ("-", "‐", "‑", "–", "−", "－", "_", " ", "\u00a0")
BLANKS = (" ", "\u00a0", "\u2009", "_", "-", "  ")
LETTERS = {name: letter for letter, name in GREEK.items() if len(name) > 3}
WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


@st.composite
def respelt(draw: st.DrawFn, names: list[str]) -> tuple[str, str]:
    """A name, and the same as another hand, keyboard or spreadsheet would write it."""
    name = draw(st.sampled_from(names))
    spelled = name.replace(" ", draw(st.sampled_from(BLANKS))).replace("-", draw(st.sampled_from(HYPHENS)))
    spelled = draw(st.sampled_from((str, str.upper, str.lower, str.title, str.swapcase)))(spelled)
    if draw(st.booleans()):
        for word, letter in LETTERS.items():
            spelled = spelled.replace(word, letter)
    if draw(st.booleans()):
        spelled = spelled.translate(WIDE)
    pad = draw(st.sampled_from(("", " ", "\u00a0", "\t")))
    return name, pad + spelled + pad


def is_same(cargo_type: str, name: str, spelled: str) -> bool:
    read = READER.naming.cargo(cargo_type, spelled)
    return read.name == name or (read.how == "ambiguous" and name in read.alternatives)


@given(respelt(MATURES))
def test_a_microrna_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    assert is_same("mirna", *pair)


@given(respelt(SYMBOLS))
def test_a_gene_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    assert is_same("protein", *pair)


@given(respelt(list(READER.vocabulary.names("protein"))))
def test_a_protein_of_the_vocabulary_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    assert is_same("protein", *pair)


@given(respelt(list(READER.vocabulary.names("lncrna"))))
def test_a_long_rna_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    assert is_same("lncrna", *pair)


@given(respelt(list(READER.vocabulary.names("small_molecule"))))
def test_a_drug_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    assert is_same("small_molecule", *pair)


@given(
    st.sampled_from(SINGLE).flatmap(
        lambda field: st.tuples(st.just(field), respelt(list(READER.vocabulary.names(field))))
    )
)
def test_a_term_is_the_same_in_any_spelling(case: tuple[str, tuple[str, str]]) -> None:
    field, (name, spelled) = case
    assert READER.parse_value(field, spelled).value == name


@given(respelt([term.name for term in READER.vocabulary.terms("polarisation")]))
def test_a_stimulus_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    name, spelled = pair
    assert READER.parse_value("polarisation", spelled).value == (name,)


@given(respelt([line.name for line in CellLines.load().lines]))
def test_a_cell_line_is_the_same_in_any_spelling(pair: tuple[str, str]) -> None:
    name, spelled = pair
    first, second = READER.parse_value("cancer_type", name), READER.parse_value("cancer_type", spelled)
    assert (first.value, first.notes[0].how) in ((second.value, second.notes[0].how), (name, "ambiguous"))


@given(st.data())
def test_a_source_is_the_same_in_any_spelling(data: st.DataObject) -> None:
    cell, spelled_cell = data.draw(respelt(list(READER.vocabulary.names("source_cell"))))
    state, spelled_state = data.draw(respelt(sorted(READER.vocabulary.phenotypes_of(cell))))
    cell_text, state_text = (" ".join(text.split()) for text in (spelled_cell, spelled_state))
    read = READER.source(cell_text, state_text)
    assert [value.value for value in read] == [cell, state]
