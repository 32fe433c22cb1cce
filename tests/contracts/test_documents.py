"""Documents cannot lie: what a command can make is made by one, their code runs, and their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from flask.testing import FlaskClient

from models.vocabulary.vocabulary import Vocabulary
from service.auth.keys import KNOWN_FOR_SECONDS
from service.cli import main
from service.db.database import BUSY_SECONDS
from service.db.jobs import MAX_ATTEMPTS, STATES
from service.jobs.retry import PATIENCE_SECONDS
from service.jobs.worker import SILENT_SWEEPS, SWEEP_SECONDS
from service.operations.doctor import SOON
from service.operations.supervisor import STOP_SECONDS
from service.settings import SETTINGS
from tests.private_words import private_words
from training.classifier import as_evidence
from training.data.findings import Finding, fingerprint
from training.report.datasheet import datasheet, datasheet_text

ROOT = Path(__file__).parent.parent.parent
OPERATION = (ROOT / "docs" / "how-to" / "run-a-server.md").read_text("utf-8")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "client/*.md", "docs/**/*.md", "training/*/*.md", "models/*/*.md")
    for path in ROOT.glob(pattern)
)


def test_outputs_and_figures_in_the_documents_are_those_of_the_commands() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "write.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_is_short_and_easy_to_read() -> None:
    readme = ROOT / "README.md"
    assert len(readme.read_text("utf-8").splitlines()) < 150
    grade, name = subprocess.run(
        [sys.executable, ROOT / "docs" / "readability.py", readme], capture_output=True, text=True, check=True
    ).stdout.split()
    assert name == "README.md"
    assert 3 < float(grade) <= 11


# Words that a newcomer stumbled over; the glossary has better ones.
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_uses_private_words(document: Path) -> None:
    # What commands print is theirs.
    prose = re.sub(r"(?s)```.*?```|`[^`]*`", "", document.read_text("utf-8"))
    assert private_words(prose) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_named_paths_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target and target[0] not in "/<"]
    named = re.findall(r"`((?:models|training|service|client|tests|docs|benchmarks)/[\w./]*)`", text)
    generated = {"api.md", "command-line.md", "settings.md", "file-formats.md"}
    missing = [
        target for target in linked if not (document.parent / target).exists() and Path(target).name not in generated
    ]
    missing += [target for target in named if not (ROOT / target).exists()]
    assert missing == []


MAP = (ROOT / "docs" / "contributing" / "map.md").read_text("utf-8")


def test_every_module_and_room_of_the_map_exists() -> None:
    """The map names some paths from within `service/`, `training/` or `models/`."""
    containers = [ROOT, *(ROOT / name for name in ("service", "training", "models"))]
    paths = set(re.findall(r"`([\w/]+(?:/|\.(?:py|tsv|css|md|toml)))`", MAP))
    named_alone = {path for path in paths if "/" not in path}
    missing = {
        path
        for path in paths - named_alone
        if not any((container / path).exists() or list(container.glob(f"*/{path}")) for container in containers)
    }
    missing |= {name for name in named_alone if not list(ROOT.glob(name)) + list(ROOT.glob(f"[a-z]*/**/{name}"))}
    assert len(paths) > 60
    assert missing == set()


def test_every_room_that_the_layers_order_is_on_the_map() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    rooms = {
        room
        for contract in contracts
        if contract["type"] == "layers" and "containers" in contract
        for layer in contract["layers"]
        for room in layer.split(" | ")
    }
    assert len(rooms) > 25
    assert {room for room in rooms if f"`{room}/`" not in MAP and f"`{room}.py`" not in MAP} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_option_and_setting_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    unknown = [name for name in re.findall(r"EXOSCORE_[A-Z_]+", text) if name not in {one.variable for one in SETTINGS}]
    lines = re.findall(r"(?m)(?:^|`|\$ |bin/)exoscore ([^\n`|#;&()]*)", text)
    unknown += [f"exoscore {line}: {wrong}" for line in lines if (wrong := _unknown_in(line.split()))]
    assert unknown == []


def _unknown_in(words: list[str]) -> str:
    """The first word of a command line that is neither a command nor an option of it."""
    command: click.Command = main
    for place, word in enumerate(words):
        if not isinstance(command, click.Group):
            break
        if word.startswith("-"):
            break
        found = command.get_command(click.Context(command), word)
        if found is None:
            return "" if place and command.invoke_without_command else word if re.fullmatch(r"[a-z-]+", word) else ""
        command = found
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help", "--version"}
    return next((word for word in words if word.startswith("--") and word.split("=")[0] not in known), "")


def test_the_alerts_and_the_unit_of_operation_speak_of_what_there_is(client: FlaskClient) -> None:
    client.post("/v1/scores", json={"candidates": [{"source_phenotype": "M1", "cargo_type": "whole_vesicle"}]})
    shown = client.get("/metrics").text
    named = set(re.findall(r"\bexoscore_[a-z_]+\b", OPERATION))
    assert {name for name in named if not re.search(rf"(?m)^(# TYPE )?{name}[ {{]", shown)} == set()
    for route in re.findall(r'route="([^"]+)"', OPERATION):
        assert f'route="{route}"' in shown
    for state in re.findall(r'state="([^"]+)"', OPERATION):
        assert state in STATES
    unit = ConfigParser()
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(re.findall(r"(?s)```ini\n(\[Unit\].*?)```", OPERATION)[0])
    assert unit["Service"]["ExecStart"].endswith("/.venv/bin/exoscore serve")
    assert int(unit["Service"]["TimeoutStopSec"]) > STOP_SECONDS


def test_the_figures_of_operation_are_those_of_the_code() -> None:
    text = " ".join(OPERATION.split())
    for said in (
        f"with status 0 within {STOP_SECONDS:.0f} seconds",
        f"taken back after about {SILENT_SWEEPS * SWEEP_SECONDS:.0f} s",
        {5: "at most five times"}[MAX_ATTEMPTS],
        f"what writes waits {BUSY_SECONDS} s, then gets 503",
        {120.0: "waits two minutes for room"}[PATIENCE_SECONDS],
        {1.0: "works in every process within a second"}[KNOWN_FOR_SECONDS],
        {14: "warns two weeks before a key runs out"}[SOON.days],
    ):
        assert said in text


def test_the_datasheet_is_the_one_that_is_generated_of_the_file(corpus: tuple[Finding, ...]) -> None:
    document = datasheet(list(map(as_evidence, corpus)), Vocabulary.load(), fingerprint(corpus))
    title, text = datasheet_text(document).split("\n", 1)
    written = (ROOT / "training" / "data" / "DATASHEET.md").read_text("utf-8")
    assert written.startswith(title)
    assert text.strip() in written, "run `python docs/write.py`"


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`?make (\w+)`?", path.read_text("utf-8"))}
    assert {"serve", "docs", "test", "check", "install", "lock"} <= targets
    assert {
        name
        for name in named
        if name in ("install", "cluster", "docs", "serve", "test", "check", "dist", "lock", "clean")
    } <= targets


def test_the_lock_files_pin_every_package_by_hash_and_name_no_address() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    assert len(locks) > 3
    for lock in (*locks, ROOT / "client" / "requirements.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        blocks = re.split(r"\n(?=\S)", text.strip())
        assert all("==" in block and "--hash=sha256:" in block for block in blocks), lock
