"""The checkpoint of a batch under way: what it is of, and which blocks are finished, so that an interrupted batch can go on.

Each line holds a document and the digest of it and of all lines before; a line that was cut short or changed does not count, nor
does any after it.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from service.batch.errors import BatchError, check_unchanged
from service.batch.progress import BlockSummary
from service.batch.readers.base import Position
from service.batch.writers.atomic_file import PartialFile

_SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished block: the position after it, the lengths of the scores and the errors up to there, and the checksums of what
    the block added to them. The first entry is of what stands before the first block."""

    after: Position
    lengths: tuple[int, int]
    checksums: tuple[int, int]
    summary: BlockSummary


class Checkpoint:
    """The checkpoint of a batch into the file `target`. Only one process has it at a time."""

    def __init__(self, target: Path) -> None:
        """Raises BatchError where another process has it, OSError where it cannot be written."""
        self._file = PartialFile(target, "journal")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise BatchError(f"Another process is writing {target}. Wait until it has finished.") from error
        # Where each line that counts ends, and the digest up to there.
        self._ends: list[tuple[int, str]] = []

    def begin(self, identity: Mapping[str, Any]) -> None:
        """Begins anew, for what is to be scored now."""
        self._ends = []
        self._file.truncate(0)
        self._write(identity)

    def read(self, identity: Mapping[str, Any]) -> list[Entry]:
        """The blocks that are finished. Raises ResumeError where they are of something else than is to be scored now."""
        entries = []
        place, digest = 0, ""
        for line in self._file.partial_path.read_bytes().split(b"\n")[:-1]:
            text, _, written = line.rpartition(b" ")
            digest = _digest(digest, text)
            if written.decode("ascii", "replace") != digest:
                break
            place += len(line) + 1
            document = json.loads(text)
            if self._ends:
                entries.append(msgspec.convert(document, Entry))
            else:
                check_unchanged(document, json.loads(json.dumps(identity)))
            self._ends.append((place, digest))
        return entries

    @property
    def is_unused(self) -> bool:
        """Whether nobody ever wrote into it."""
        return os.fstat(self._file.fileno()).st_size == 0

    @property
    def has_blocks(self) -> bool:
        """Whether any block is finished."""
        return len(self._ends) > 2

    def resume_after(self, entries: int) -> None:
        """Goes on after so many of the entries that were read."""
        del self._ends[entries + 1 :]
        self._file.truncate(self._ends[-1][0])

    def add(self, entry: Entry) -> None:
        """Notes a finished block. Raises OSError where there is no room."""
        self._write(asdict(entry))

    def close(self) -> None:
        """Lets go of it, and leaves it as it is."""
        self._file.close()

    def discard(self) -> None:
        """Removes it."""
        self._file.discard()

    def _write(self, document: Mapping[str, Any]) -> None:
        text = json.dumps(document, separators=(",", ":"), default=str).encode()
        place, digest = self._ends[-1] if self._ends else (0, "")
        digest = _digest(digest, text)
        line = b"%b %b\n" % (text, digest.encode())
        self._file.write(line)
        self._ends.append((place + len(line), digest))


def file_identity(path: Path) -> dict[str, Any]:
    """What a file is recognised by: its size, when it was changed, and the digest of its beginning and its end."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest = hashlib.sha256(file.read(_SAMPLE_BYTES))
        file.seek(max(status.st_size - _SAMPLE_BYTES, 0))
        digest.update(file.read())
    return {"input size": status.st_size, "input changed": status.st_mtime_ns, "input digest": digest.hexdigest()}


def _digest(before: str, text: bytes) -> str:
    return hashlib.sha256(before.encode() + text).hexdigest()[:32]
