"""The table of `make attack` has a row for each attack, and says which fell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = '''
import pytest

@pytest.mark.parametrize("size", [1, 2])
def test_a_name_as_a_claim(size):
    assert size == 1

def test_another():
    """A docstring as a claim.

    And more of it.
    """

@pytest.fixture
def server():
    raise OSError

def test_what_needs_a_server(server):
    pass

def test_that_cannot_be_tried_here():
    pytest.skip("no root")
'''


def test_each_attack_has_a_row_with_its_verdict(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-p", "tests.attack_table", "-p", "no:cacheprovider", "-n", "1"]
    done = subprocess.run([*words, f"--rootdir={tmp_path}", tmp_path], cwd=ROOT, capture_output=True, text=True)
    table = done.stdout.partition("What was tried, and what held")[2]
    rows = [line.split(" s  ") for line in table.splitlines() if " s  " in line]
    assert sorted((verdict.split()[0], claim) for verdict, claim in rows) == [
        ("FELL", "a name as a claim [2]"),
        ("FELL", "what needs a server"),
        ("held", "A docstring as a claim."),
        ("held", "a name as a claim [1]"),
        ("skipped", "that cannot be tried here"),
    ]
    assert "2 of 5 attacks held" in table
    assert done.returncode == 1
