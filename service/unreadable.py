"""What cannot be read as a request at all, so that no application is asked: answered with a problem as all errors are."""

from __future__ import annotations

import re
import socket
from typing import Any

from service import problems

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
        self._client.sendall(problems.of_unreadable(int(told[1]), told[2].decode("ascii")) if told else page)
