"""Every feature that the manual lists does what the page shows: its commands are run, and print the lines below them.

A block of the page has commands, each after `$ ` (and `> ` where it goes on), and lines of what they print, in which `…`
stands for anything. The lines must stand in the output, in that order. Commands of `make` are left to CI, and only looked up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from models.estimator.artifact import Bundle
from tests.journeys.lab import Lab, make_lab

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "features.md"
FEATURE = re.compile(r"(?ms)^### (\d+)\. ([^\n]+)\n(.*?)(?=^##|\Z)")
SETUP = re.compile(r"(?ms)^```bash\n(.*?)^```$")
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
COMMAND = re.compile(r"(?m)^\$ (.*\n(?:> .*\n)*)")
# What a test cannot do: build the package anew, and measure speed.
MAX_OF_MAKE = 3


class Feature(NamedTuple):
    """One feature: its number, its title, the commands that show it, and what they print."""

    number: int
    title: str
    commands: list[str]
    printed: list[str]

    @property
    def is_made(self) -> bool:
        return self.commands[0].startswith("make ")

    def find_missing(self, output: str) -> str:
        """The first piece that an output lacks of what must stand in it, in this order; empty where it has all."""
        place = 0
        for piece in "…".join(self.printed).split("…"):
            found = output.find(piece, place)
            if found < 0:
                return piece
            place = found + len(piece)
        return ""


def read_features() -> list[Feature]:
    features = []
    for number, title, text in FEATURE.findall(PAGE.read_text("utf-8")):
        (block,) = BLOCK.findall(text)
        commands = [command.replace("\n> ", "\n").strip() for command in COMMAND.findall(block)]
        features.append(Feature(int(number), title, commands, COMMAND.sub("", block).splitlines()))
    return features


FEATURES = read_features()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Iterator[Lab]:
    """A running installation, whose model learned from every shipped finding."""
    installation = make_lab(tmp_path_factory.mktemp("features") / "var", produced, workers=1, rate_limit=10_000)
    installation.start()
    try:
        yield installation
    finally:
        installation.stop()


def test_the_page_lists_every_feature_in_order_and_shows_each() -> None:
    assert [feature.number for feature in FEATURES] == list(range(1, 86))
    assert len({feature.title for feature in FEATURES}) == len(FEATURES)
    for feature in FEATURES:
        assert feature.commands, feature.title
        # A line of wildcards alone would be printed by anything.
        assert feature.is_made or any(re.search(r"\w.*\w", line.replace("…", "")) for line in feature.printed), (
            feature.title
        )


def test_few_features_are_left_to_ci_and_it_shows_them() -> None:
    made = [feature for feature in FEATURES if feature.is_made]
    assert len(made) <= MAX_OF_MAKE
    rules, ci = (ROOT / "Makefile").read_text("utf-8"), (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    for feature in made:
        for command in feature.commands:
            assert command in ci, feature.title
            (rule,) = re.findall(rf"(?m)^{command.removeprefix('make ')}:.*\n((?:\t.*\n)+)", rules)
            assert (ROOT / re.findall(r"[\w/]+\.py", rule)[0]).exists(), feature.title


@pytest.mark.parametrize(
    "feature", [feature for feature in FEATURES if not feature.is_made], ids=lambda feature: str(feature.number)
)
def test_a_feature_is_as_the_page_shows_it(installation: Lab, tmp_path: Path, feature: Feature) -> None:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("EXOSCORE_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited["PATH"]])
    environment = {**inherited, "EXOSCORE_VAR": str(installation.settings.var), "PATH": path}
    (setup,) = SETUP.findall(PAGE.read_text("utf-8"))
    setup = setup.replace("http://127.0.0.1:8000", installation.address).replace("exo_…", installation.key)
    script = "\n".join(["set -euo pipefail", setup, "exec 2>&1", *feature.commands])
    command = ["bash", "-c", script]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    missing = feature.find_missing(done.stdout)
    assert not missing, f"{feature.title}: there is no {missing!r} in\n{done.stdout[:20000]}"
