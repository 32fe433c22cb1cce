"""Tables fit a terminal as far as words let them, and no word of them is ever broken."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cli.output import as_sentence, print_table

CELLS = st.lists(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=24), max_size=8
).map(" ".join)
TABLES = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))


@given(table=TABLES, columns=st.sampled_from([40, 80, 110]))
def test_no_word_of_a_table_is_broken_and_no_line_ends_in_blanks(table: list[list[str]], columns: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("FORCE_COLOR", "1")
        patch.setenv("NO_COLOR", "1")
        printed: list[str] = []
        patch.setattr("click.echo", lambda text, **named: printed.append(text))
        print_table((), table)
    words = " ".join(printed).split()
    assert sorted(words) == sorted(word for row in table for cell in row for word in cell.split())
    assert all(line == line.rstrip() for line in printed[0].split("\n"))


def test_a_table_is_as_wide_as_the_terminal_where_its_words_let_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    print_table(("id", "text"), [("exo-6f3203b4137f", "some words " * 20), ("exo-d305fd4a82e4", "few")])
    lines = click.unstyle(capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("exo-6f3203b4137f" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("no model 'x'", "No model 'x'."),
        ("library.csv: no such file", "library.csv: no such file."),
        ("exo-1 is retired", "exo-1 is retired."),
        ("Done.", "Done."),
        ("either run:\n  exoscore serve", "Either run:\n  exoscore serve"),
    ],
)
def test_a_message_becomes_a_sentence_without_changing_names_or_commands(message: str, sentence: str) -> None:
    assert as_sentence(message) == sentence
