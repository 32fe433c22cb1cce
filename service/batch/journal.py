"""The journal of a batch under way: what it is of, and what was finished, so that an interrupted one can go on.

Each line holds a document and the digest of it and of all lines before; a line that was cut short or changed does not count, nor
does any after it. The bytes that a line speaks of are checked before they are believed.
"""

from __future__ import annotations

import base64
import errno
import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.batch.errors import BatchError, ResumeError
from service.batch.pieces import Place
from service.batch.unfinished import beside

_SAMPLE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished piece: its number, the place after it, how long the scores and the faults are with it and the checksums of what
    it added to them, what the footer of a Parquet file will say of it, and what was counted of it."""

    number: int
    after: Place
    lengths: tuple[int, int]
    digests: tuple[int, int]
    group: bytes = b""
    bad: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    first_faults: Sequence[Mapping[str, Any]] = ()


class Journal:
    """The journal of the file that is to come to stand at a path. Only one process has it at a time."""

    def __init__(self, target: Path) -> None:
        """Raises BatchError where another process has it, OSError where it cannot be written."""
        self._path = beside(target, "journal")
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise BatchError(f"another process is writing {target} at this moment") from error
        # Where each line that counts ends, and the digest up to there.
        self._ends: list[tuple[int, str]] = []

    def begin(self, of: Mapping[str, Any]) -> None:
        """Begins anew, for what is asked now."""
        self._ends = []
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self._write(of)

    def read(self, of: Mapping[str, Any]) -> list[Entry]:
        """What was finished before. Raises ResumeError where that was of something else than is asked now."""
        entries = []
        place, digest = 0, ""
        for line in self._path.read_bytes().split(b"\n")[:-1]:
            text, _, given = line.rpartition(b" ")
            digest = _digest(digest, text)
            if given.decode("ascii", "replace") != digest:
                break
            place += len(line) + 1
            if not self._ends:
                _compare(json.loads(text), json.loads(json.dumps(of)))
            else:
                entries.append(_entry(json.loads(text)))
            self._ends.append((place, digest))
        return entries

    @property
    def is_begun(self) -> bool:
        """Whether it holds at least what it is of."""
        return bool(self._ends)

    @property
    def has_entries(self) -> bool:
        """Whether anything is finished."""
        return len(self._ends) > 1

    @property
    def is_empty(self) -> bool:
        """Whether nobody ever wrote into it."""
        return os.fstat(self._file).st_size == 0

    def go_on(self, entries: int) -> None:
        """Goes on after so many of the entries that were read."""
        del self._ends[entries + 1 :]
        os.ftruncate(self._file, self._ends[-1][0])
        os.lseek(self._file, 0, os.SEEK_END)

    def add(self, entry: Entry) -> None:
        """Notes a finished piece."""
        self._write(
            {
                "piece": entry.number,
                "after": [entry.after.offset, entry.after.row, entry.after.line],
                "lengths": entry.lengths,
                "digests": entry.digests,
                "group": base64.b64encode(entry.group).decode(),
                "bad": entry.bad,
                "labels": entry.labels,
                "first_faults": entry.first_faults,
            }
        )

    def close(self) -> None:
        """Lets go of it, and leaves it as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def discard(self) -> None:
        """Takes it away."""
        self._path.unlink(missing_ok=True)
        self.close()

    def _write(self, document: Mapping[str, Any]) -> None:
        text = json.dumps(document, separators=(",", ":"), default=str).encode()
        place, digest = self._ends[-1] if self._ends else (0, "")
        digest = _digest(digest, text)
        line = b"%b %b\n" % (text, digest.encode())
        if os.write(self._file, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._ends.append((place + len(line), digest))


def identity(path: Path) -> dict[str, Any]:
    """What a file is told by: its size, when it was changed, and the digest of its beginning and its end."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest = hashlib.sha256(file.read(_SAMPLE_BYTES))
        file.seek(max(status.st_size - _SAMPLE_BYTES, 0))
        digest.update(file.read())
    return {"input size": status.st_size, "input changed": status.st_mtime_ns, "input digest": digest.hexdigest()}


def _digest(before: str, text: bytes) -> str:
    return hashlib.sha256(before.encode() + text).hexdigest()[:32]


def _compare(then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    differs = [(name, then.get(name), now.get(name)) for name in {**now, **then} if then.get(name) != now.get(name)]
    if differs:
        raise ResumeError(differs)


def _entry(document: Mapping[str, Any]) -> Entry:
    scores, faults = document["lengths"]
    of_scores, of_faults = document["digests"]
    return Entry(
        number=document["piece"],
        after=Place(*document["after"]),
        lengths=(scores, faults),
        digests=(of_scores, of_faults),
        group=base64.b64decode(document["group"]),
        bad=document["bad"],
        labels=Counter(document["labels"]),
        first_faults=document["first_faults"],
    )
