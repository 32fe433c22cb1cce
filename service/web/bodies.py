"""Bodies of requests as they arrive: one that does not come on is given up, so that its client holds nobody up."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

from werkzeug.exceptions import ClientDisconnected, RequestTimeout

from service.web.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# How much of a body must come in how long: 6.4 KiB a second.
PIECE_BYTES, PIECE_SECONDS = 64 * 1024, 10.0
# Of the struct tcp_info of Linux: how many milliseconds ago something was sent last, and received; how many bytes were received.
_TCP_INFO = struct.Struct("=44x I 4x I 72x Q")


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Body:
    """A body as the application reads it."""

    def __init__(
        self, stream: _Stream, address: str, port: int, has_length: bool, waiting: dict[Body, float], turns: Turns
    ) -> None:
        self._stream = stream
        self.sender = address, port
        self._has_length = has_length
        self._waiting = waiting
        self._turns = turns
        self.is_given_up = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, as soon as they or the end have come.

        Raises RequestTimeout where they do not come on, ClientDisconnected where there is no more of a body that has a length.
        """
        size = min(size, PIECE_BYTES)
        self._waiting[self] = monotonic()
        try:
            with self._turns.paused():
                received = self._stream.read(size)
        finally:
            self._waiting.pop(self, None)
        if self.is_given_up:
            raise RequestTimeout(f"Less than {size / 1024:.3g} KiB of the body arrived in {PIECE_SECONDS:.0f} s.")
        if not received and self._has_length:
            raise ClientDisconnected("the body ended before all had come that its Content-Length announces")
        return received


class BodyWatch:
    """Gives up bodies that do not come on.

    Granian reads without a limit of time, and does not say by which connection a body comes. The kernel does nearly: it is one
    from the address of the client, to which nothing was sent since, and where the client spoke last.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._waiting: dict[Body, float] = {}
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def body_of(self, environ: WSGIEnvironment) -> Body:
        """The body of a request, watched while it is read."""
        # At the first body, so in the worker: a thread does not live on through a fork.
        if self._thread is None and self._starting.acquire(blocking=False):
            self._thread = threading.Thread(target=self._watch, name="bodies", daemon=True)
            self._thread.start()
        address, port = environ.get("REMOTE_ADDR", ""), int(environ["SERVER_PORT"])
        has_length = bool(environ.get("CONTENT_LENGTH"))
        return Body(environ["wsgi.input"], address, port, has_length, self._waiting, self._turns)

    def _watch(self) -> None:
        while True:
            sleep(1)
            moment = monotonic()
            late = [body for body, began in list(self._waiting.items()) if moment - began > PIECE_SECONDS]
            for body in late:
                body.is_given_up = True
            for sender, count in Counter(body.sender for body in late).items():
                _end_silent(*sender, count)


def _end_silent(address: str, port: int, count: int) -> None:
    """Ends what so many connections send that began a request and were not answered, the most silent first."""
    silent = []
    for connection in _connections():
        with connection, suppress(OSError):
            if connection.getpeername()[:1] + connection.getsockname()[1:2] == (address, port):
                known = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
                sent, received, count_received = _TCP_INFO.unpack(known)
                if sent > 1000 * (PIECE_SECONDS - 1):
                    is_waited_for = count_received and received <= sent
                    silent.append((not is_waited_for, -sent, os.dup(connection.fileno())))
    for place, (*_, number) in enumerate(sorted(silent)):
        with socket.socket(fileno=number) as connection, suppress(OSError):
            if place < count:
                connection.shutdown(socket.SHUT_RD)


def _connections() -> Iterator[socket.socket]:
    """The sockets of this process, each as a copy that is to be closed. None where there is no /proc."""
    with suppress(FileNotFoundError):
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                number = os.dup(int(name))
                try:
                    connection = socket.socket(fileno=number)
                except OSError:
                    os.close(number)
                    continue
                yield connection
