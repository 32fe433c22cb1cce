"""The list of commands is that of the commands, and is shown without loading what they need."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from service.cli import COMMANDS, main

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


def test_garbage_is_collected_again_once_a_command_runs() -> None:
    program = "import gc; from service.cli import main; main(['score', '--help'], standalone_mode=False); print(gc.isenabled())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"
