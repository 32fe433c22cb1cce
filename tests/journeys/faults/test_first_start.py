"""The first command in a new folder: whatever interrupts it, comes beside it or lies around it, what it makes is whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from service.operations.checks import FAIL
from tests.journeys.lab import COMMAND

SCORE = ("score", "--source-phenotype", "M2", "--cargo-type", "mirna", "--cargo-name", "miR-21-5p")
KEY = ("keys", "create", "--name", "anna", "--scopes", "score")
CALL = "Tumour-promoting"
# A command where no other installation is usual, as on a new machine.
NEWCOMER = "import service.cli.location as it; it.USUAL_PLACES = (); from service.cli import main; main()"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXOSCORE_", "PYTHON"))}
    return {**kept, "EXOSCORE_VAR": str(tmp_path / "var")}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *words], env=environment, capture_output=True, text=True, timeout=300)


def start(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([COMMAND, *words], env=environment, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload,no-any-return]


def is_well(environment: dict[str, str]) -> bool:
    checks = json.loads(run(environment, "doctor", "--json").stdout)["checks"]
    return not [check for check in checks if check["state"] == FAIL and check["name"] not in ("port", "redis")]


def test_a_first_start_that_is_killed_at_any_moment_is_finished_by_the_next_command(
    environment: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(14)
    moments = [chance.uniform(0.2, 2.0) for _ in range(7)] + [chance.uniform(2.0, 9.0) for _ in range(3)]
    for number, seconds in enumerate(moments):
        # The early moments each in a folder of their own, the later ones in one that was begun already.
        environment["EXOSCORE_VAR"] = str(tmp_path / f"var-{min(number, 7)}")
        process = start(environment, *SCORE)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        finished = run(environment, *KEY)
        assert finished.returncode == 0, (seconds, finished.stderr)
        assert is_well(environment)
    scored = run(environment, *SCORE)
    assert (scored.returncode, scored.stdout.startswith(CALL)) == (0, True), scored.stderr
    assert is_well(environment)


def test_commands_that_meet_in_a_new_installation_all_do_their_work(environment: dict[str, str], database: str) -> None:
    if database:
        environment["EXOSCORE_DATABASE_URL"] = database
    commands = [SCORE, SCORE, KEY, KEY, ("findings", "add", "training/data/findings.tsv")]
    for process in [start(environment, *words) for words in commands]:
        _, says = process.communicate(timeout=300)
        assert process.returncode == 0, says
    assert is_well(environment)
    assert len(json.loads(run(environment, "models", "list", "--json").stdout)["models"]) == 1


def test_the_first_command_of_a_newcomer_works_in_any_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    """Also in one with programs that are called as those of Exoscore, or of Python, are."""
    del environment["EXOSCORE_VAR"]
    for name in ("service", "models", "training", "numpy", "joblib", "random", "wsgi"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the program of somebody else')", encoding="utf-8")
    # -P, since the command itself does not look into the folder either, as Python would.
    program = [sys.executable, "-P", "-c", NEWCOMER, *SCORE]
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout.startswith(CALL)) == (0, True), done.stderr
    assert f"Creating a new installation in {tmp_path / 'var'}\n" in done.stderr
    again = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert (again.stdout, again.stderr) == (done.stdout, f"Working in {tmp_path / 'var'}\n")
