"""Programs that end search for garbage seldom, and not among all that is left at their end."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from service.collector import SELDOM, searched_seldom

PROGRAM = """
import gc
from service.cli import main
from service.collector import SELDOM
class Left:
    def __del__(self):
        print("searched")
left = Left()
left.itself = left
del left
try:
    main(["--version"])
finally:
    print(gc.get_threshold() == SELDOM)
"""


def test_what_is_left_at_the_end_of_a_program_is_not_searched() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["True"]


def test_afterwards_garbage_is_searched_for_as_before() -> None:
    usual = gc.get_threshold()

    def fail() -> None:
        with searched_seldom():
            assert gc.get_threshold() == SELDOM
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.get_threshold() == usual
