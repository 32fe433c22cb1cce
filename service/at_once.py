"""Small plain requests, answered by the thread that watches the connections: to hand one to another thread and to take its
answer back costs as much as its score.

Only what can be answered without waiting for anything is answered here; the rest stays unread, for the usual way. Requests
that wait together are scored in columns, which takes half as long as one after another; none waits for others to come.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gunicorn import SERVER
from gunicorn.http import get_parser, wsgi
from gunicorn.util import http_date

from models.memo import Memo
from service.plain_scores import AT_ONCE, Asked, Together

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Of head and body together: larger ones would keep the other connections waiting.
MAX_BYTES = 4096
# Of so many requests that wait together the scores are worked out together; of more, the first would wait longer than all gain.
MOST_TOGETHER = 16
_END = b"\r\n\r\n"
# A head with a key in it is not to be remembered.
_KEY = re.compile(rb"\r\nauthorization:", re.IGNORECASE)
# Who has sent a head to where, and the head itself.
_Sent = tuple[tuple[Any, ...], tuple[Any, ...], bytes]


@dataclass(frozen=True, slots=True)
class Head:
    """A request up to its body, as gunicorn has read it; clients send the same one again and again."""

    environ: dict[str, Any]
    body_bytes: int


class Waiting(NamedTuple):
    """A request that waits on a connection: its head, its body, and how many bytes both are."""

    head: Head
    body: bytes
    size: int


class AtOnce:
    """Answers for `application`, which raises an error where it cannot, to requests that begin with `begins`."""

    def __init__(self, application: WSGIApplication, config: Any, begins: bytes) -> None:
        self._application = application
        self._config = config
        self._begins = begins
        self._heads = Memo(self._read, most=1024)

    def answers(self, connections: Sequence[Any]) -> Iterator[tuple[Any, bytes | None]]:
        """Each connection with the answer to the request that waits on it, which is taken from it; with None where it has to go
        the usual way."""
        for first in range(0, len(connections), MOST_TOGETHER):
            group = connections[first : first + MOST_TOGETHER]
            waiting = list(map(self._waiting, group))
            together = Together([Asked(one.head.environ["QUERY_STRING"], one.body) for one in waiting if one])
            for connection, one in zip(group, waiting, strict=True):
                yield connection, self._answer(connection, one, together) if one else None

    def _waiting(self, connection: Any) -> Waiting | None:
        try:
            waiting = connection.sock.recv(MAX_BYTES + 1, socket.MSG_PEEK)
            end = waiting.find(_END) + len(_END)
            if not waiting.startswith(self._begins) or end < len(_END) or _KEY.search(waiting, 0, end):
                return None
            # Of the client only the address says how a head is read, whose own word on where it comes from may be trusted.
            head = self._heads[connection.client[:1], connection.server, waiting[:end]]
        except Exception:  # whatever it is, it is met again on the usual way, and told as usual
            return None
        if head is None or len(waiting) != end + head.body_bytes or len(waiting) > MAX_BYTES:
            return None
        return Waiting(head, waiting[end:], len(waiting))

    def _answer(self, connection: Any, waiting: Waiting, together: Together) -> bytes | None:
        try:
            found = self._answered(waiting, connection, together)
            connection.sock.recv(waiting.size)
        except Exception:  # as above
            return None
        return found

    def _answered(self, waiting: Waiting, connection: Any, together: Together) -> bytes:
        environ = {
            **waiting.head.environ,
            "REMOTE_PORT": str(connection.client[1]),
            "gunicorn.socket": connection.sock,
            "wsgi.input": io.BytesIO(waiting.body),
            AT_ONCE: together,
        }
        begun: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            begun[:] = status, headers

        body = b"".join(self._application(environ, start))
        status, headers = begun
        # As gunicorn writes it; the headers are the application's own, so that it need not look each of them over.
        lines = [f"HTTP/1.1 {status}", f"Server: {SERVER}", f"Date: {http_date()}", "Connection: keep-alive"]
        lines += [f"{name}: {text}" for name, text in headers]
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body

    def _read(self, sent: _Sent) -> Head | None:
        (address,), server, head = sent
        client = (address, 0)
        request = next(get_parser(self._config, [head], client))
        told = {name for name, _ in request.headers}
        if (
            request.version != (1, 1)
            or request.should_close()
            or "CONTENT-LENGTH" not in told
            or told & {"EXPECT", "TRANSFER-ENCODING", "UPGRADE"}
        ):
            return None
        _, environ = wsgi.create(request, None, client, server, self._config)
        for name in ("wsgi.input", "wsgi.early_hints", "gunicorn.socket"):
            del environ[name]
        return Head({**environ, "wsgi.multithread": True}, int(environ["CONTENT_LENGTH"]))
