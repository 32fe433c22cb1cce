"""Files that are written under another name beside their own, and get their own when they are whole."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import IO, Protocol

from service.batch.errors import BatchError

_READ_BYTES = 1024 * 1024


class Sink(Protocol):
    """Where bytes go, one after another."""

    def append(self, content: bytes) -> None:
        """Adds to what was written. Raises OSError where there is no room."""

    def cut(self, length: int) -> None:
        """Takes away all that comes after so many bytes."""

    def digest(self, start: int, end: int) -> int | None:
        """The checksum of the bytes between two places; None where they are not all there."""

    def finish(self) -> None:
        """Says that this is all."""

    def close(self) -> None:
        """Leaves it as it is."""

    def discard(self) -> None:
        """Takes away what was written, as far as that can be."""


class Stream:
    """A pipe, or whatever else only takes bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def append(self, content: bytes) -> None:
        """Writes on."""
        self._stream.write(content)
        self._stream.flush()

    def cut(self, length: int) -> None:
        """What is written stays written."""

    def digest(self, start: int, end: int) -> int | None:
        """What went by is not known any more."""
        return None

    def finish(self) -> None:
        """Everything is written already."""

    def close(self) -> None:
        """It is not ours to close."""

    def discard(self) -> None:
        """What is written stays written."""


class Unfinished:
    """A file under way to `path`."""

    def __init__(self, path: Path) -> None:
        """Opens what is there of it, or begins it. Raises OSError where it cannot be written."""
        self.path = path
        self._beside = beside(path, "unfinished")
        self._file = os.open(self._beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def digest(self, start: int, end: int) -> int | None:
        """The checksum of the bytes between two places; None where they are not all there."""
        found, place = 0, start
        while place < end:
            content = os.pread(self._file, min(end - place, _READ_BYTES), place)
            if not content:
                return None
            found, place = zlib.crc32(content, found), place + len(content)
        return found

    def cut(self, length: int) -> None:
        """Takes away all that comes after so many bytes."""
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)

    def append(self, content: bytes) -> None:
        """Writes on. Raises OSError where there is no room."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def finish(self) -> None:
        """Puts it under its own name, in the place of what stood there."""
        os.fsync(self._file)
        self._beside.replace(self.path)
        self.close()
        _sync_folder(self.path.parent)

    def close(self) -> None:
        """Lets go of it, and leaves it as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """Takes it away."""
        self.close()
        self._beside.unlink(missing_ok=True)


def beside(path: Path, what: str) -> Path:
    """The hidden file of a file under way."""
    return path.with_name(f".{path.name}.{what}")


def final(path: Path) -> Path:
    """The place that a file to be written under `path` comes to stand in. Raises BatchError where that is no file."""
    place = path.resolve()
    if place.exists() and not place.is_file():
        raise BatchError(f"{path} is no file that can be replaced: name a file, or - for a pipe")
    if not place.parent.is_dir():
        raise BatchError(f"there is no folder {place.parent} to write {path.name} into")
    return place


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
