"""A real file system of a few megabytes that can be filled to the last byte."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

# The service says that it is not ready below 64 MiB.
MEBIBYTES = 160
_AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]


@dataclass(frozen=True)
class Disk:
    """A mounted file system."""

    folder: Path

    def fill(self) -> None:
        """Leaves no byte of room."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            for size in (1024 * 1024, 4096, 1):
                with suppress(OSError):
                    while True:
                        ballast.write(b"-" * size)

    def make_room(self) -> None:
        """Takes away what filled it."""
        (self.folder / "ballast").unlink()


@contextmanager
def small_disk() -> Iterator[Disk]:
    """A small disk that any account can reach. Where none may be mounted the test says skipped; under CI it fails."""
    folder = Path(tempfile.gettempdir()) / f"exoscore-disk-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    options = f"size={MEBIBYTES}m,mode=1777"
    words = [*_AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "exoscore-tests", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        absent = f"no file system can be mounted: {done.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(f"{absent}; under CI nothing is skipped")
        pytest.skip(absent)
    try:
        yield Disk(folder)
    finally:
        subprocess.run([*_AS_ROOT, "umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
