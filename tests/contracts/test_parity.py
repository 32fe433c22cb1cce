"""What the API, the command line, the Python library and the client can do stands in a table of the manual, and nothing else.

A cell without a name says why there is none.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from operator import attrgetter
from pathlib import Path

import click
import pytest
from flask import Flask

import service
import training
from exoscore_client import Client
from models.scorer import Scorer
from service.cli import COMMANDS, main

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "parity.md"
WAYS = ("API", "Command line", "Python", "Client")
NAME = re.compile(r"`([^`]+)`")
ROUTE = re.compile(r"[A-Z]+ /\S+")


def read_rows() -> list[list[str]]:
    """The cells of each row: what can be done, and how in each way."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in rows if row[0] != "What"]


ROWS = read_rows()


def names_of(way: str) -> Iterator[str]:
    """What stands in marks of code in the column of one way."""
    for row in ROWS:
        yield from NAME.findall(row[1 + WAYS.index(way)])


def find_routes(app: Flask, scorer: Scorer) -> set[str]:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return {
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "operationId" in operation
    }


def find_commands(app: Flask, scorer: Scorer) -> set[str]:
    def below(command: click.Command, *path: str) -> Iterator[str]:
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                yield from below(child, *path, name)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join(path)

    context = click.Context(main)
    listed = {name: main.get_command(context, name) for name, entry in COMMANDS.items() if entry.help}
    return {path for name, command in listed.items() if command for path in below(command, name)}


def find_functions(app: Flask, scorer: Scorer) -> set[str]:
    methods = {f"Scorer.{name}" for name in vars(Scorer) if not name.startswith("_")}
    return methods | set(service.__all__) | set(training.__all__)


def find_methods(app: Flask, scorer: Scorer) -> set[str]:
    return {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}


FOUND: dict[str, Callable[[Flask, Scorer], set[str]]] = {
    "API": find_routes,
    "Command line": find_commands,
    "Python": find_functions,
    "Client": find_methods,
}


def test_every_cell_has_a_name_or_a_reason() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) > 30
    for row in ROWS:
        assert len(row) == 1 + len(WAYS), row
        for cell in row[1:]:
            assert NAME.search(cell) or cell.endswith("."), (row[0], cell)


@pytest.mark.parametrize("way", WAYS)
def test_whatever_one_way_can_do_stands_in_the_table(app: Flask, scorer: Scorer, way: str) -> None:
    named = set(names_of(way))
    if way == "Command line":
        named |= {name.split(" --")[0] for name in named}
    assert FOUND[way](app, scorer) - named == set()


@pytest.mark.parametrize("way", WAYS)
def test_whatever_stands_in_the_table_can_be_done(app: Flask, scorer: Scorer, way: str) -> None:
    found = FOUND[way](app, scorer)
    assert [name for name in names_of(way) if name not in found and not can_be_done(way, name, scorer)] == []


def can_be_done(way: str, name: str, scorer: Scorer) -> bool:
    """Whether a name that is not one of the functions themselves says truly how to use one."""
    if way == "API":
        # A parameter of a route that is named beside it.
        return not ROUTE.match(name)
    if way == "Command line":
        command, _, option = name.partition(" --")
        # An option with or without its value, or a command with an argument.
        return f"--{option.split()[0]}" in options_of(command) if option else command.endswith("FILE")
    if way == "Python":
        with suppress(AttributeError):
            return bool(attrgetter(name.removeprefix("Scorer."))(scorer))
    return False


def options_of(words: str) -> set[str]:
    """The options of a command."""
    command: click.Command | None = main
    for word in words.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}
