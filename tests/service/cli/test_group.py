"""The list of commands is that of the commands, and is shown without loading what they need."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from service.cli import COMMANDS, main
from tests.private_words import private_words

LISTED = """
import sys
from service.cli import main
main(["--help"], standalone_mode=False)
loaded = {"numpy", "sqlalchemy", "flask", "rich", "structlog"} & sys.modules.keys()
assert not loaded, loaded
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_not_hidden_is_listed_with_what_it_does(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.hidden != bool(COMMANDS[name].help)
    assert command.help


def test_the_list_of_commands_loads_none_of_them() -> None:
    done = subprocess.run([sys.executable, "-c", LISTED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name, entry in COMMANDS.items():
        assert not entry.help or f"{name} " in done.stdout
        assert entry.help in done.stdout


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, with the words that call it."""
    if path:
        yield path, command
    for name in command.list_commands(click.Context(command)) if isinstance(command, click.Group) else ():
        below = command.get_command(click.Context(command), name)
        assert below is not None
        yield from commands(below, *path, name)


EVERY = [pytest.param(path, command, id=" ".join(path)) for path, command in commands(main)]


@pytest.mark.parametrize(("path", "command"), [each for each in EVERY if each.values[0][:1] != ("findings",)])
def test_the_help_of_a_command_has_examples_with_options_that_it_has(
    path: tuple[str, ...], command: click.Command
) -> None:
    if command.hidden or (isinstance(command, click.Group) and not command.invoke_without_command):
        return
    help_text = CliRunner().invoke(main, [*path, "--help"]).stdout
    examples = re.findall(rf"^ +.*?exoscore ({' '.join(path)}\b.*)$", help_text, re.MULTILINE)
    assert examples, help_text
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for example in examples:
        assert {word for word in example.split() if word.startswith("--")} <= known, example


@pytest.mark.parametrize(("path", "command"), [each for each in EVERY if isinstance(each.values[1], click.Group)])
def test_a_group_lists_its_commands_with_descriptions_that_are_not_cut(
    path: tuple[str, ...], command: click.Group
) -> None:
    shown = " ".join(CliRunner().invoke(main, [*path, "--help"]).stdout.split())
    for below in command.commands.values():
        assert " ".join((below.help or "").partition("\n\n")[0].split()) in shown


@pytest.mark.parametrize(("path", "command"), [each for each in EVERY if each.values[0][:1] != ("findings",)])
def test_help_has_no_word_of_our_own(path: tuple[str, ...], command: click.Command) -> None:
    if not command.hidden:
        shown = CliRunner().invoke(main, [*path, "--help"]).stdout
        assert private_words(shown) == []


@pytest.mark.parametrize(("typed", "meant"), [("scroe", "score"), ("modles", "models"), ("bacth", "batch")])
def test_a_mistyped_command_is_answered_with_the_nearest_one(typed: str, meant: str) -> None:
    done = CliRunner().invoke(main, [typed])
    assert (done.exit_code, f"Did you mean '{meant}'?" in done.stderr) == (2, True)


def test_help_and_version_are_where_people_look_for_them() -> None:
    def shown(*words: str) -> str:
        return CliRunner().invoke(main, [*words]).stdout

    assert shown("help") == shown("--help") == shown("-h")
    assert shown("help", "keys", "create") == shown("keys", "create", "--help")
    assert shown("-V") == shown("--version") != ""


def test_a_worker_offers_only_the_settings_that_a_worker_uses() -> None:
    shown = CliRunner().invoke(main, ["worker", "--help"]).stdout
    assert "--log-level" in shown
    for option in ("--host", "--port", "--rate-limit", "--threads", "--redis-url"):
        assert option not in shown


def test_garbage_is_collected_again_once_a_command_runs() -> None:
    program = "import gc; from service.cli import main; main(['score', '--help'], standalone_mode=False); print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"
