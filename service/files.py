"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file beside `path` and then moves it there, so that a reader sees the old content or all of the new.

    Raises OSError where it cannot be written; then nothing was changed.
    """
    fresh = path.with_name(f".exoscore-{secrets.token_hex(8)}")
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
