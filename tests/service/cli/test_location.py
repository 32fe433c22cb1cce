"""A command says where it works, and no installation is made by mistake."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from service import Settings
from service.cli import COMMANDS, main
from service.installation import Installation
from training.data.findings import CORPUS

ROOT = Path(__file__).parents[3]
EXOSCORE = Path(sys.executable).with_name("exoscore")
MIR21 = ("score", "--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p")
# Commands that have nothing to do where there is no installation.
READERS = [
    ("audit",),
    ("backup", "file"),
    ("drift",),
    ("findings", "conflicts"),
    ("findings", "correct", "EXF-1", "--set", "dose=1", "--reason", "wrong"),
    ("findings", "export", "-"),
    ("findings", "history", "EXF-1"),
    ("findings", "list"),
    ("findings", "retract", "EXF-1", "--reason", "wrong"),
    ("findings", "restore", "EXF-1", "--reason", "wrong"),
    ("findings", "show", "EXF-1"),
    ("jobs", "cancel", "job-1"),
    ("jobs", "list"),
    ("jobs", "show", "job-1"),
    ("keys", "list"),
    ("keys", "revoke", "1", "--reason", "wrong"),
    ("knowledge", "remove", "hmdd", "--reason", "wrong"),
    ("models", "diff", "exo-1"),
    ("models", "export", "exo-1", "file"),
    ("models", "gate", "exo-1"),
    ("models", "list"),
    ("models", "promote", "exo-1", "--reason", "wrong"),
    ("models", "restore", "exo-1", "--reason", "wrong"),
    ("models", "retire", "exo-1", "--reason", "wrong"),
    ("models", "rollback", "--reason", "worse"),
    ("models", "show", "exo-1"),
    ("worker",),
]
# Commands that need the words and tables alone: the shipped ones do.
WITHOUT = [("doctor",), ("findings", "check", str(CORPUS)), ("knowledge", "name", "p53"), ("knowledge", "sources")]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder, where no environment names an installation."""
    for name in [name for name in os.environ if name.startswith("EXOSCORE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("service.cli.location.USUAL_PLACES", ())
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, *path, name)
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield path, command


@pytest.mark.parametrize(
    ("path", "command"), list(commands(main)), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_takes_the_folder_that_it_works_in(path: tuple[str, ...], command: click.Command) -> None:
    assert len(COMMANDS) <= len(list(commands(main)))
    assert [parameter.opts for parameter in command.params if parameter.name == "var"] == [["--var"]]


def said_of_places(done: Result) -> list[str]:
    """The lines of standard error but for those on rows of the file that was checked."""
    return [line for line in done.stderr.splitlines() if not line.startswith(str(CORPUS))]


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_command_that_reads_makes_no_installation(run: Run, words: tuple[str, ...]) -> None:
    for named in ((), ("--var", "typo")):
        done = run(*words, *named)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr
        assert f"no installation in {Path('typo' if named else 'var').absolute()}" in done.stderr
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("words", WITHOUT, ids=" ".join)
def test_a_command_that_needs_only_words_makes_no_installation(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.exit_code, said_of_places(done)) == (0, []), done.output
    assert list(Path.cwd().iterdir()) == []


def test_a_folder_that_nobody_named_is_told_on_standard_error(
    run: Run, trained_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("var").symlink_to(trained_var)
    for words in (MIR21, ("models", "list"), *WITHOUT):
        assert f"Working in {Path('var').absolute()}\n" in run(*words).stderr
        assert said_of_places(run(*words, "--var", "var")) == []
    monkeypatch.setenv("EXOSCORE_VAR", "var")
    assert run(*MIR21).stderr == ""


def test_the_option_goes_before_the_environment(run: Run, trained_var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOSCORE_VAR", "elsewhere")
    assert run("models", "list").exit_code == 1
    assert run("models", "list", "--var", trained_var).exit_code == 0


@pytest.mark.parametrize("place", ["var", "here/deeper", "here", "usual"])
def test_beside_another_installation_none_is_made_unless_it_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    other = {
        "var": tmp_path / "var",
        "here/deeper": tmp_path / "var",
        "here": tmp_path / "here",
        "usual": tmp_path / "u s",
    }[place]
    Installation.open(Settings(var=other)).close()
    monkeypatch.setattr("service.cli.location.USUAL_PLACES", (tmp_path / "u s",))
    if place == "here/deeper":
        Path("deeper").mkdir()
        monkeypatch.chdir("deeper")
    before = set(Path.cwd().iterdir())
    named = f"--var '{other}'" if " " in str(other) else f"--var {other}"
    for words in (
        MIR21,
        ("train",),
        ("serve",),
        ("batch", "a.csv", "b.csv"),
        ("findings", "add", CORPUS),
        ("keys", "list"),
    ):
        done = run(*words)
        assert done.exit_code in (1, 2), done.output
        assert named in done.stderr
    assert set(Path.cwd().iterdir()) == before
    made = run("keys", "create", "--name", "anna", "--scopes", "score", "--var", "var")
    assert made.exit_code == 0
    assert f"Creating a new installation in {Path('var').absolute()}" in made.stderr
    assert Path("var", "exoscore.db").exists()


def at_a_terminal(answer: bytes, *words: str, question: bytes = b"Create a new one?") -> tuple[int, str]:
    """The status of a command that a person runs, and what the terminal showed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXOSCORE_")}
    process = subprocess.Popen([EXOSCORE, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break
        if answer and question in shown:
            os.write(ours, answer)
            answer = b""
    os.close(ours)
    return process.wait(60), shown.decode()


@pytest.mark.parametrize("beside", [False, True])
def test_a_person_is_asked_before_an_installation_is_made(
    run: Run, tmp_path: Path, trained_var: Path, beside: bool
) -> None:
    if beside:
        (tmp_path / "var").symlink_to(trained_var)
    words = ("keys", "create", "--name", "anna", "--scopes", "score")
    status, shown = at_a_terminal(b"n\n", *words)
    assert (status, f"There is no installation in {Path('var').absolute()}" in shown) == (1, True), shown
    assert (str(tmp_path / "var") in shown) == beside
    assert list(Path.cwd().iterdir()) == []
    assert at_a_terminal(b"y\n", *words)[0] == 0
    assert Path("var", "exoscore.db").exists()


@pytest.mark.parametrize(("variables", "folder"), [({}, "var"), ({"EXOSCORE_VAR": "/srv/a lab"}, "/srv/a lab")])
def test_make_serve_names_the_folder_so_that_nobody_is_asked(
    tmp_path: Path, variables: dict[str, str], folder: str
) -> None:
    program = tmp_path / "exoscore"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "EXOSCORE_VAR"} | variables
    words = [
        "make",
        "--silent",
        "--old-file=.venv/installed",
        "--old-file=.venv/documented",
        "serve",
        f"BIN={tmp_path}",
    ]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["serve", "--var", folder]
