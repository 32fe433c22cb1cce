"""Reading a name takes a time that grows with its length alone, whatever it is made of, and never fails."""

from __future__ import annotations

import random
import sys
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.estimator.features import Features
from models.naming.autocomplete import suggest_cargos, suggest_terms
from models.naming.resolver import KINDS_OF_CARGO_TYPE
from models.vocabulary.vocabulary import CANDIDATE_FIELDS, LONGEST_SPELLING

CARGO_TYPES = (*KINDS_OF_CARGO_TYPE, "small_molecule", "")
# What a pattern of names could be slow with: what begins, parts and ends names, letters that become many, marks, digits.
PIECES = (
    *"-_.·…⁗ﷺ(/~*γǆßİﬃ9٣፩²①⅕̣́",
    *(
        "miR-",
        "let-",
        "si-",
        "anti-",
        "circ_",
        "hsa-",
        "lnc ",
        "1-",
        "1/",
        "alpha ",
        " inhibitor",
        " gene",
        " mimic",
        "protein ",
    ),
)
BEFORE = ("", "mir-", "mir-1", "let-7", "circ_", "circ_00", "hsa-", "si-", "anti-", "lncrna ", "x")
AFTER = ("", " inhibitor", " gene", " cluster", "-5p", "*", "x")
# A hundred times what an ordinary letter takes here; a pattern that takes quadratic time took 5,000 times that.
MOST_SECONDS_PER_NAME = 0.02


def read_once(reader: CandidateParser, cargo_type: str, text: str) -> float:
    """The seconds that reading a name takes that was not read before."""
    began = process_time()
    reader.naming.cargo(cargo_type, text)
    return process_time() - began


@pytest.mark.parametrize("cargo_type", ["mirna", "sirna", "circrna", ""])
def test_no_name_takes_long(reader: CandidateParser, cargo_type: str) -> None:
    slow = [
        (before, piece, after)
        for before in BEFORE
        for piece in PIECES
        for after in AFTER
        if (text := before + piece * (300 // len(piece)) + after)
        # What interrupts the process once does not do so three times.
        and min(read_once(reader, cargo_type, text + mark) for mark in ("", "9", "z")) > MOST_SECONDS_PER_NAME
    ]
    assert slow == []


@pytest.mark.parametrize("piece", PIECES)
def test_a_name_four_times_as_long_takes_at_most_ten_times_as_long(reader: CandidateParser, piece: str) -> None:
    def seconds(length: int) -> float:
        texts = [f"mir-{piece * length}{number} inhibitor" for number in range(5)]
        return min(read_once(reader, "mirna", text) for text in texts)

    short, long = seconds(250), seconds(1_000)
    # Below a millisecond a clock says nothing.
    assert long < max(10 * short, 0.02)


@given(
    cargo_type=st.sampled_from(CARGO_TYPES), pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12)
)
def test_no_text_fails(reader: CandidateParser, cargo_type: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    reader.naming.cargos(cargo_type, text)
    reader.naming.cargo(cargo_type, text)
    for field in CANDIDATE_FIELDS:
        reader.vocabulary.lookup(field, text)
        reader.vocabulary.nearest(field, text)
        suggest_terms(reader.vocabulary, field, text)


@pytest.mark.parametrize(
    "shape", ["circ_00{}12", "hsa_circ_{}0008253", "miR-{}", "miR-2{}-5p", "let-7{}", "anti-miR-{}", "{}"]
)
def test_no_letter_or_digit_of_any_script_fails(reader: CandidateParser, shape: str) -> None:
    letters = [letter for letter in map(chr, range(sys.maxunicode)) if letter.isdigit() or letter.isnumeric()]
    letters += random.Random(1).sample([chr(code) for code in range(sys.maxunicode)], 2_000)
    for letter in letters:
        for cargo_type in ("circrna", "mirna", ""):
            reader.naming.cargo(cargo_type, shape.format(letter))


def test_a_digit_of_another_script_makes_no_number_of_a_circrna_or_mirna(reader: CandidateParser) -> None:
    assert reader.naming.cargo("circrna", "circ_00፩12").identifier == ""
    assert reader.naming.cargo("mirna", "miR-٢١").how == "unknown"
    # Digits that only look otherwise are the usual ones.
    assert reader.naming.cargo("mirna", "miR-２１").name == "miR-21"


def test_a_name_that_becomes_too_long_is_kept_as_unknown(reader: CandidateParser) -> None:
    text = "ﷺ" * 100
    read = reader.naming.cargo("mirna", text)
    assert (read.how, read.name, read.kind) == ("unknown", text, "unknown")
    assert reader.naming.cargo("mirna", "x" * LONGEST_SPELLING + "y") != reader.naming.cargo("mirna", "x" * 300 + "z")


def test_words_around_a_name_are_left_out_whatever_parts_them(reader: CandidateParser) -> None:
    for parting in (" ", "-", " - ", "…", " (", "·"):
        assert reader.naming.cargo("mirna", f"miR-21{parting}mimic").name == "miR-21"
        assert reader.naming.cargo("mirna", f"miR-21{parting}inhibitor").name == "anti-miR-21"


def test_a_long_text_is_completed_by_nothing(reader: CandidateParser, features: Features) -> None:
    assert suggest_cargos(reader.naming, features.roles, "mirna", "1" * 30_000) == ()
    assert suggest_terms(reader.vocabulary, "cancer_type", "x" * 30_000) == ()
