"""Files that are written under another name beside their own, and get their own when they are whole."""

import os
import zlib
from pathlib import Path
from typing import IO

from models.files import sync_folder
from service.batch.errors import BatchError

_READ_BYTES = 1024 * 1024


class Sink:
    """Where bytes go, one after another; this one lets them go."""

    def write(self, content: bytes) -> None:
        """Adds to what was written. Raises OSError where there is no room."""

    def truncate(self, length: int) -> None:
        """Removes all that comes after so many bytes, where that can be done."""

    def checksum(self, start: int, end: int) -> int | None:
        """The CRC-32 of the bytes between two offsets; None where they are not all there."""
        return None

    def finish(self) -> None:
        """Says that this is all."""

    def close(self) -> None:
        """Leaves it as it is."""

    def discard(self) -> None:
        """Removes what was written, where that can be done."""


class Pipe(Sink):
    """A stream that is not closed here; what is written stays written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, content: bytes) -> None:
        """Writes on. Raises OSError where nobody reads any more."""
        self._stream.write(content)
        self._stream.flush()


class PartialFile(Sink):
    """A file under way to `path`."""

    def __init__(self, path: Path, suffix: str = "unfinished") -> None:
        """Opens what is there of it, or begins it. Raises OSError where it cannot be written."""
        self._final_path = path
        # Hidden, and beside it.
        self.partial_path = path.with_name(f".{path.name}.{suffix}")
        self._file = os.open(self.partial_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def fileno(self) -> int:
        """The descriptor of the open file."""
        return self._file

    def write(self, content: bytes) -> None:
        """Adds to what was written. Raises OSError where there is no room."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def truncate(self, length: int) -> None:
        """Removes all that comes after so many bytes."""
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)

    def checksum(self, start: int, end: int) -> int | None:
        """The CRC-32 of the bytes between two offsets; None where they are not all there."""
        checksum = 0
        while start < end:
            content = os.pread(self._file, min(end - start, _READ_BYTES), start)
            if not content:
                return None
            checksum, start = zlib.crc32(content, checksum), start + len(content)
        return checksum

    def finish(self) -> None:
        """Puts the file under its own name, in the place of what stood there."""
        os.fsync(self._file)
        self.partial_path.replace(self._final_path)
        self.close()
        sync_folder(self._final_path.parent)

    def close(self) -> None:
        """Lets go of the file, and leaves it as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """Removes the file, and lets go of it only then."""
        self.partial_path.unlink(missing_ok=True)
        self.close()


def resolve_target(path: Path) -> Path:
    """Where a file that is written under `path` comes to stand. Raises BatchError where a file cannot stand there."""
    place = path.resolve()
    if place.exists() and not place.is_file():
        raise BatchError(f"{path} is not a file that can be replaced. Name a file, or - for a pipe.")
    if not place.parent.is_dir():
        raise BatchError(f"The folder {place.parent} does not exist, so {path.name} cannot be written there.")
    return place
