"""A shell completes commands, options and the values of closed fields."""

from __future__ import annotations

import subprocess

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.parser import CandidateParser
from service.cli import main
from service.cli.terms import terms_of


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert f"_EXOSCORE_COMPLETE={shell}_complete" in done.stdout
    if shell == "bash":
        assert subprocess.run(["bash", "-n"], input=done.stdout, text=True).returncode == 0


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ([], "mo", "models"),
        (["models"], "prom", "promote"),
        (["score", "--cargo-type"], "mi", "mirna"),
        (["score", "--cancer-type"], "gastric_c", "gastric_cancer"),
        (["score", "--species"], "human;mo", "human;mouse"),
        (["serve", "--log-level"], "de", "debug"),
        (["keys", "create", "--scopes"], "score,cu", "score,curate"),
        (["completion"], "f", "fish"),
    ],
)
def test_words_are_completed(words: list[str], begun: str, offered: str) -> None:
    items = BashComplete(main, {}, "exoscore", "_EXOSCORE_COMPLETE").get_completions(words, begun)
    assert offered in [item.value for item in items]


@pytest.mark.parametrize("name", [name for name, field in FIELD_BY_NAME.items() if field.controlled])
def test_every_value_that_is_offered_is_one_word_that_the_parser_reads_as_its_term(
    name: str, reader: CandidateParser
) -> None:
    for term in terms_of(FIELD_BY_NAME[name]).values:
        assert reader.vocabulary.lookup(name, term.replace(" ", "_")).names == (term,)
