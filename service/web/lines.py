"""Bodies of lines that are taken in while the answers to their beginning are on their way."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import structlog
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from service import problems
from service.errors import NoRoomError

# Small, since Granian waits until so much has come: what is sent slowly is answered soon.
_READ_BYTES = 1024
_PIECE_BYTES = 64 * 1024
_MARK = b"\xef\xbb\xbf"
_log = structlog.get_logger(__name__)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BodyFile:
    """A body that is taken in as it comes, into a file without a name, which nothing is left of however the process ends.

    Many clients send all of a body before they read anything of the answer. Were the body taken in only as far as its answers
    are fetched, each side would wait for the other.
    """

    def __init__(self, stream: _Stream, folder: Path, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes
        # Closed by whoever reads the pieces.
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        self._changed = threading.Condition()
        self._size = self._place = 0
        self._has_ended = self._is_closed = False
        self._failure: Exception | None = None

    def pieces(self) -> Iterator[bytes]:
        """What has come since the last piece, as soon as there is anything.

        Raises HTTPException where the body is cut short, too slow or too large, NoRoomError where the disk is full.
        """
        threading.Thread(target=self._take_in, name="body", daemon=True).start()
        try:
            while piece := self._next_piece():
                yield piece
        finally:
            with self._changed:
                self._is_closed = True
                self._file.close()
        if self._failure:
            raise self._failure

    def _next_piece(self) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._size > self._place or self._has_ended)
            piece = os.pread(self._file.fileno(), _PIECE_BYTES, self._place)
        self._place += len(piece)
        return piece

    def _take_in(self) -> None:
        failure: Exception | None = None
        try:
            while (content := self._stream.read(_READ_BYTES)) and self._write(content):
                pass
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            failure = NoRoomError("The disk is full, so the lines that follow cannot be stored.") if is_full else error
        except Exception as error:
            failure = error
        with self._changed:
            self._failure, self._has_ended = failure, True
            self._changed.notify_all()

    def _write(self, content: bytes) -> bool:
        """Adds what came. Returns whether anybody still reads it. Raises RequestEntityTooLarge."""
        with self._changed:
            if self._is_closed:
                return False
            if self._size + len(content) > self._most_bytes:
                raise RequestEntityTooLarge(
                    f"The body is larger than {self._most_bytes // 1024**2} MiB. Send less at a time."
                )
            self._file.write(content)
            self._size += len(content)
            self._changed.notify_all()
            return True


def number_lines(pieces: Iterator[bytes], longest: int) -> Iterator[list[tuple[int, bytes | None]]]:
    """The lines that end in each piece, with their numbers, without those that are blank. None is a line of more than `longest`
    bytes."""
    number, begun, is_cut = 0, b"", False
    for piece in pieces:
        *lines, begun = (begun + piece).split(b"\n")
        yield _numbered(lines, number, is_cut, longest)
        number, is_cut = number + len(lines), is_cut and not lines
        if len(begun) > longest:
            begun, is_cut = b"", True
    yield _numbered([begun], number, is_cut, longest)


def failure_document(error: Exception) -> dict[str, object]:
    """The problem that ends an answer in lines which cannot be completed."""
    if isinstance(error, HTTPException):
        code = error.name.lower().replace(" ", "-")
        return problems.document(code, error.name, error.code or 400, str(error.description))
    if problems.problem_type(error) is problems.DEFECT:
        _log.error("defect", exc_info=error)
    return problems.of_error(error)[0]


def _numbered(lines: list[bytes], before: int, is_cut: bool, longest: int) -> list[tuple[int, bytes | None]]:
    numbered: list[tuple[int, bytes | None]] = []
    for number, line in enumerate(lines, before + 1):
        text = line.removeprefix(_MARK) if number == 1 else line
        if (is_cut and number == before + 1) or len(line) > longest:
            numbered.append((number, None))
        elif text.strip():
            numbered.append((number, text))
    return numbered
