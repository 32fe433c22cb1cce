"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` to write, which takes its place when all is written, so that a reader sees the old content or
    all of the new.

    Raises OSError where it cannot be written; then nothing was changed.
    """
    fresh = path.with_name(f".exoscore-{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file with `open_whole`."""
    with open_whole(path) as file:
        file.write(content)
