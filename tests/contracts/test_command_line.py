"""Whatever a command is given, it fails in a plain sentence: never with a traceback, and never as if it had worked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.cli import main

# Commands that run until they are stopped, or serve nobody but `serve`.
ENDLESS = {("serve",), ("web",), ("worker",)}
# What else a command needs before it looks at its files or names.
NEEDED = {
    ("keys", "create"): ("--name", "anna", "--scopes", "score"),
    ("findings", "correct"): ("--set", "dose=1"),
    ("design",): ("--fix", "source_phenotype=M1", "--fix", "cargo_type=mirna", "--vary", "cargo_name=miR-21,miR-155"),
    ("score",): ("--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p"),
}
Run = Callable[[list[str]], None]
GOOD = {"source": "hmdd", "scopes": "score", "job_id": "job-1", "names": "p53"}
TEXTS = [
    "",
    " ",
    "\u00e9\u4e2d\U0001f9ec",
    "\udcff",
    "..",
    "/",
    "a" * 5000,
    "-1",
    "'; DROP TABLE findings; --",
    "\x1b[31m",
    "%s{0}",
]
SUFFIXES = ["", ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".gz", ".html"]
# What is tried of them where there is little time.
FEW = ("garbage", "one line", "missing", "a folder", "a loop", "no text")


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands(below, *path, name)
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield path, command


def is_file(parameter: click.Parameter) -> bool:
    return isinstance(parameter.type, click.Path)


def words_of(path: tuple[str, ...], command: click.Command, given: dict[str, str]) -> list[str]:
    """A command line with values for arguments and options by name, and with harmless ones for what it needs besides."""
    words, arguments = [*path, *NEEDED.get(path, ())], []
    given = {"reason": "wrong"} | given
    for parameter in command.params:
        value = given.get(parameter.name or "")
        if isinstance(parameter, click.Argument):
            arguments.append(value if value is not None else GOOD.get(parameter.name or "", "missing"))
        elif value is not None:
            words.append(f"{parameter.opts[0]}={value}")
    return [*words, "--", *arguments]


def takers(wanted: Callable[[click.Parameter], bool]) -> list[object]:
    """Each command with each of its arguments and options that are wanted."""
    return [
        pytest.param(path, command, parameter.name, id=f"{' '.join(path)} {parameter.name}")
        for path, command in commands(main)
        if path not in ENDLESS
        for parameter in command.params
        if wanted(parameter)
    ]


def takes_text(parameter: click.Parameter) -> bool:
    is_flag = isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count)
    return not is_flag and not is_file(parameter) and parameter.name not in ("var", "help")


@pytest.fixture
def run(trained_var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command, which must work, or fail in plain words."""
    # Some of what is tried does work, and writes.
    monkeypatch.setenv("EXOSCORE_VAR", str(shutil.copytree(trained_var, tmp_path / "var")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("service.jobs.training.train_model", refuse)
    monkeypatch.setattr("training.advice.advise", refuse)

    def call(words: list[str]) -> None:
        done = CliRunner().invoke(main, words)
        assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
        assert done.exit_code in (0, 1, 2, 3), words
        assert "Traceback" not in done.output
        if done.exit_code in (1, 2):
            assert "Error: " in done.stderr or words[0] == "doctor", (words, done.output)
            assert "[Errno" not in done.stderr

    return call


def refuse(*given: object, **named: object) -> None:
    raise ValueError("nothing is learned in this test")


def files(folder: Path, suffix: str) -> dict[str, Path]:
    """Files that are not what anybody expects, with how they are."""
    made = {
        "empty": b"",
        "garbage": bytes(range(256)) * 64,
        "zeros": bytes(4096),
        "half a zip": b"PK\x03\x04" + bytes(40),
        "half a gzip": b"\x1f\x8b\x08\x00" + bytes(6),
        "half a Parquet": b"PAR1" + bytes(20) + b"PAR1",
        "deep JSON": b"[" * 100_000,
        "one line": b"x" * 300_000,
        "a header alone": b"source_phenotype\tcargo_type\tcargo_name\teffect\n",
        "a quote": b'paper,effect\n"never closed\n',
    }
    paths = {name: folder / f"{name}{suffix}" for name in made}
    for name, path in paths.items():
        path.write_bytes(made[name])
    paths["missing"] = folder / f"missing{suffix}"
    paths["a folder"] = folder / f"folder{suffix}"
    paths["a folder"].mkdir()
    (folder / f"loop{suffix}").symlink_to(f"loop{suffix}")
    paths["a loop"] = folder / f"loop{suffix}"
    paths["below a file"] = folder / f"empty{suffix}" / f"file{suffix}"
    paths["no text"] = folder / f"no\udcfftext{suffix}"
    paths["too long"] = folder / f"{'a' * 300}{suffix}"
    return paths


@pytest.mark.parametrize(("path", "command", "name"), takers(is_file))
def test_no_file_makes_a_command_fail_without_words(
    run: Run, tmp_path: Path, thoroughly: bool, path: tuple[str, ...], command: click.Command, name: str
) -> None:
    for suffix in SUFFIXES if thoroughly else (".csv",):
        folder = tmp_path / f"of{suffix}"
        folder.mkdir()
        for kind, file in files(folder, suffix).items():
            if thoroughly or kind in FEW:
                run(words_of(path, command, {name: str(file)}))


@pytest.mark.parametrize(("path", "command", "name"), takers(takes_text))
def test_no_text_makes_a_command_fail_without_words(
    run: Run, thoroughly: bool, path: tuple[str, ...], command: click.Command, name: str
) -> None:
    for text in TEXTS if thoroughly else TEXTS[3:4]:
        run(words_of(path, command, {name: text}))


@pytest.mark.parametrize(
    ("path", "command"),
    [pytest.param(path, command, id=" ".join(path)) for path, command in commands(main) if path not in ENDLESS],
)
def test_no_folder_makes_a_command_fail_without_words(
    run: Run, tmp_path: Path, thoroughly: bool, path: tuple[str, ...], command: click.Command
) -> None:
    for kind, file in files(tmp_path, "").items():
        if (thoroughly or kind in FEW) and kind not in ("missing", "a folder", "no text"):
            run(words_of(path, command, {"var": str(file)}))
