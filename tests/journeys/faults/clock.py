"""A clock of the day that is put back and forward under running processes; `false_clock.c` tells it to them.

libfaketime does not serve here: with a monotonic clock that is left right, as it is when a real clock is set, its sleeps fail.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("false_clock.c")


@dataclass(frozen=True)
class Clock:
    """The clock of the processes that have `variables` in their environment; how wrong it is stands in `file`."""

    file: Path
    library: Path

    @classmethod
    def made_in(cls, folder: Path) -> Clock:
        """A clock that goes right. Where there is no C compiler the test says skipped; under CI it fails."""
        compiler = shutil.which("cc")
        if compiler is None:
            absent = "there is no C compiler (cc)"
            if os.environ.get("CI"):
                pytest.fail(f"{absent}; under CI nothing is skipped")
            pytest.skip(absent)
        library = folder / "false_clock.so"
        words = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(words, check=True)
        clock = cls(folder / "false_clock", library)
        clock.file.write_bytes(struct.pack("=q", 0))
        return clock

    def put(self, seconds: int) -> None:
        """Puts it so many seconds before (negative) or after the right time, for all its processes at once."""
        with self.file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))

    @property
    def variables(self) -> Mapping[str, str]:
        """What processes must have in their environment to go by it."""
        return {"LD_PRELOAD": str(self.library), "FALSE_CLOCK": str(self.file)}
