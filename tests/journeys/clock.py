"""A clock that can be put back and forward under running processes, by libfaketime.

Only the clock of the day is false, as when it is set or corrected on a real machine: what counts seconds since the machine
started goes on as it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

LIBRARY = "libfaketime.so.1"


@dataclass(frozen=True)
class Clock:
    """The clock of the processes that have `variables` in their environment; it stands in `file`."""

    file: Path
    library: Path

    @classmethod
    def over(cls, file: Path) -> Clock:
        """A clock that goes right. Where the library is not installed the test says skipped; under CI it fails."""
        found = sorted(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
        if not found:
            absent = f"{LIBRARY} is not installed"
            if os.environ.get("CI"):
                pytest.fail(f"{absent}; under CI nothing is skipped")
            pytest.skip(absent)
        clock = cls(file, found[0])
        clock.put(0)
        return clock

    def put(self, seconds: int) -> None:
        """Puts it so many seconds before (negative) or after the right time."""
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}", "utf-8")
        fresh.replace(self.file)

    @property
    def variables(self) -> Mapping[str, str]:
        """What processes must have in their environment to go by it."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
