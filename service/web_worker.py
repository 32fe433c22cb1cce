"""What gunicorn runs: workers with a fair share of the connections, a core each, and errors that are problems; and its log."""

from __future__ import annotations

import mmap
import os
import socket
import sys
import time
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from service.at_once import AtOnce
from service.unreadable import Telling

# How long a worker leaves a new connection to others that have fewer; then it takes it all the same.
YIELD_SECONDS = 0.001
PLACES = 128
_NOBODY = -1


class Places:
    """One place for each worker of a server, where all can read how many connections it has. Made before they are forked."""

    def __init__(self) -> None:
        self._connections = memoryview(mmap.mmap(-1, 4 * PLACES)).cast("i")
        for place in range(PLACES):
            self.leave(place)

    def take(self) -> int:
        """The first free place, for a worker about to be forked; shared with another where there is none."""
        place = next((place for place, count in enumerate(self._connections) if count == _NOBODY), PLACES - 1)
        self._connections[place] = 0
        return place

    def leave(self, place: int) -> None:
        """Frees the place of a worker that has ended."""
        self._connections[place] = _NOBODY

    def tell(self, place: int, connections: int) -> None:
        """Says how many connections a worker has."""
        self._connections[place] = connections

    @property
    def fewest(self) -> int:
        """How many connections the worker with the fewest has."""
        return min((count for count in self._connections if count != _NOBODY), default=0)


# gunicorn has no types, so what its classes are is not known.
class WebWorker(ThreadWorker):  # type: ignore[misc]
    """One worker; `app.places` are those of its server, and `place` its own, which it is given before it is forked.

    Which worker takes a connection is left to chance by gunicorn, so that one may have all of them. And the threads of a
    worker, of which only one can run Python at a time, pass it on between them two to three times more slowly from core to core
    than on one, whenever another core happens to be idle.
    """

    place: int
    at_once: AtOnce | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._readable: list[Any] = []

    def load_wsgi(self) -> None:
        """Takes the application, and what answers for it at once."""
        super().load_wsgi()
        if self.app.at_once and not self.cfg.is_ssl:
            self.at_once = AtOnce(self.wsgi, self.cfg, self.app.at_once)

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Has what a client has sent answered, at once with all that others have sent, or by another thread."""
        if self.at_once and self.alive and not conn.is_http2:
            self._readable.append(conn)
        else:
            super().on_client_socket_readable(conn, client)

    def _answer_at_once(self, at_once: AtOnce) -> None:
        readable, self._readable = self._readable, []
        for conn, answer in at_once.answers(readable):
            if answer is None:
                super().on_client_socket_readable(conn, conn.sock)
            else:
                self._send_at_once(conn, answer)

    def _send_at_once(self, conn: Any, answer: bytes) -> None:
        client = conn.sock
        self.keepalived_conns.remove(conn)
        try:
            sent = client.send(answer)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.poller.unregister(client)
            self.nr_conns -= 1
            conn.close()
            return
        if sent == len(answer):
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        else:
            self.poller.unregister(client)
            rest = self.tpool.submit(self._send, conn, answer[sent:])
            rest.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _send(self, conn: Any, rest: bytes) -> bool:
        """Sends what a slow client could not yet take of an answer."""
        conn.sock.setblocking(True)
        conn.sock.sendall(rest)
        return True

    def init_process(self) -> None:
        """Settles on a core, and serves."""
        if sys.platform == "linux":
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {cores[(self.ppid + self.place) % len(cores)]})
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        """Takes a new connection, unless a worker with fewer has just taken it."""
        if self.nr_conns > self.app.places.fewest:
            time.sleep(YIELD_SECONDS)
        super().accept(listener)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Does what there is to do, and tells the others how many connections there are now."""
        super().wait_for_and_dispatch_events(timeout)
        if self.at_once and self._readable:
            self._answer_at_once(self.at_once)
        self.app.places.tell(self.place, self.nr_conns)

    def handle_error(self, request: Any, client: socket.socket, address: Any, error: BaseException) -> None:
        """Answers what could not be read."""
        super().handle_error(request, Telling(client), address, error)


# Without types, as above.
class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's own log, through ours. Its lines about a request tell only where it came from."""

    def setup(self, cfg: Any) -> None:
        """Sends the lines on to the root logger."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """A warning; that of an invalid request quotes it after a colon, which is left out."""
        text = str(msg)
        super().warning(text.partition(": ")[0] if text.startswith("Invalid request") else msg, *args, **kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        """An error with its frames, without the address that it was met at."""
        super().exception(str(msg).partition("%")[0].strip(), **kwargs)
