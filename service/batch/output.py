"""Where a batch writes: its scores, its faults, and the journal of what is finished."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from service.batch.journal import Entry, Journal
from service.batch.pieces import Piece
from service.batch.unfinished import Sink, Stream, Unfinished
from service.batch.work import Scored

_NOTHING = (0, 0)


class Output:
    """The files of one batch under way."""

    def __init__(self, target: Path | None, faults: Path | None, piped: IO[bytes], resumable: bool) -> None:
        """Opens what there is of them; without `target`, scores go to the pipe, which cannot be resumed.

        Raises BatchError where another process writes them, OSError where they cannot be written.
        """
        self._journal = Journal(target) if target and resumable else None
        self._sinks: list[Sink] = []
        self._is_begun = False
        self.lengths = _NOTHING
        try:
            self._sinks.append(Unfinished(target) if target else Stream(piped))
            if faults:
                self._sinks.append(Unfinished(faults))
        except OSError:
            self.leave()
            raise

    def begin(self, of: Mapping[str, Any], heads: tuple[bytes, bytes], resume: bool) -> list[Entry]:
        """Begins with what stands before the scores and before the faults, or goes on after the pieces that were finished before
        an interruption, which are returned. Raises ResumeError where those were of something else than is asked now."""
        if self._journal and resume:
            entries = self._journal.read(of)
            if self._journal.is_begun and self._holds(_NOTHING, *_measured(*heads)):
                before = [_measured(*heads)[0], *(entry.lengths for entry in entries)]
                holds = map(self._holds, before, [e.lengths for e in entries], [e.digests for e in entries])
                sound = entries[: sum(takewhile(bool, holds))]
                self.lengths = before[len(sound)]
                for sink, length in zip(self._sinks, self.lengths, strict=False):
                    sink.cut(length)
                self._journal.go_on(len(sound))
                self._is_begun = True
                return sound
        if self._journal:
            self._journal.begin(of)
        for sink in self._sinks:
            sink.cut(0)
        self._is_begun = True
        self.lengths = self._append(*heads)
        return []

    def add(self, piece: Piece, scored: Scored) -> None:
        """Adds a piece. Raises OSError where there is no room for it."""
        self.lengths = self._append(scored.scores, scored.faults)
        if self._journal:
            digests = _measured(scored.scores, scored.faults)[1]
            self._journal.add(
                Entry(
                    piece.number,
                    piece.after,
                    self.lengths,
                    digests,
                    scored.group,
                    scored.bad,
                    scored.labels,
                    scored.first_faults,
                )
            )

    def finish(self, foot: bytes) -> None:
        """Writes what stands after the scores, and puts the files under their names: the faults first."""
        self._append(foot, b"")
        for sink in reversed(self._sinks):
            sink.finish()
        if self._journal:
            self._journal.discard()

    def leave(self) -> None:
        """Leaves what is finished for another time, where it can be gone on with; else takes it away.

        What was left by another batch stays as it is where this one has not begun.
        """
        if self._journal is None or self._journal.is_empty or (self._is_begun and not self._journal.has_entries):
            self.discard()
            return
        self._journal.close()
        for sink in self._sinks:
            sink.close()

    def discard(self) -> None:
        """Takes away what was written."""
        for sink in self._sinks:
            sink.discard()
        if self._journal:
            self._journal.discard()

    def _append(self, *contents: bytes) -> tuple[int, int]:
        for sink, content in zip(self._sinks, contents, strict=False):
            sink.append(content)
        scores, faults = map(len, contents)
        return self.lengths[0] + scores, self.lengths[1] + faults

    def _holds(self, begin: tuple[int, int], end: tuple[int, int], digests: tuple[int, int]) -> bool:
        """Whether the files hold what was written between two lengths of them."""
        places = zip(self._sinks, begin, end, digests, strict=False)
        return all(sink.digest(start, stop) == digest for sink, start, stop, digest in places)


def _measured(*contents: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """The lengths and the checksums of some bytes."""
    scores, faults = contents
    return (len(scores), len(faults)), (zlib.crc32(scores), zlib.crc32(faults))
