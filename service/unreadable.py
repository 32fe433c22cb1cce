"""What cannot be read as a request at all, so that no application is asked: answered with a problem as all errors are."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

from service.problems import CONTENT_TYPE, document

_UNREADABLE = {
    414: "the address is longer than 8190 bytes: send less at a time, or post it",
    431: "there are too many headers, or one is too long",
}
_STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) ([^\r\n]*)")


class Telling:
    """A connection on which a page that tells of an error goes out as the problem of the same status."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, page: bytes) -> None:
        """Sends the problem in the place of the page."""
        told = _STATUS_LINE.match(page)
        self._client.sendall(_of_unreadable(int(told[1]), told[2].decode("ascii")) if told else page)


def _of_unreadable(status: int, reason: str) -> bytes:
    remedy = _UNREADABLE.get(status, "this could not be read as a request of HTTP")
    body = json.dumps(document(reason.lower().replace(" ", "-"), reason, status, remedy)).encode()
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}"
    return head.encode("latin-1") + b"\r\n\r\n" + body
