"""A server that is attacked: really run, over a store of its own, and spoken to by bare sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from tests.journeys.lab import Lab, make_lab


@pytest.fixture(scope="session")
def victim(tmp_path_factory: pytest.TempPathFactory, produced: Bundle) -> Iterator[Lab]:
    """A running installation that survives what is done to it."""
    lab = make_lab(tmp_path_factory.mktemp("attacked") / "var", produced)
    lab.start()
    try:
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def brief_lab(tmp_path: Path, produced: Bundle) -> Iterator[Lab]:
    """A running installation for one test alone, since its processes are killed."""
    lab = make_lab(tmp_path / "var", produced)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def head(method: str, path: str, *lines: str, host: str = "Host: 127.0.0.1") -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", *filter(None, (host, *lines)), "", ""]).encode("latin-1")


def connect(lab: Lab, seconds: float = 20) -> socket.socket:
    """A connection to a running installation."""
    return socket.create_connection(("127.0.0.1", lab.settings.port), timeout=seconds)


def receive(line: socket.socket) -> HTTPResponse:
    """The next answer on a connection, whole."""
    with closing(HTTPResponse(line)) as answer:
        answer.begin()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer


def send(lab: Lab, request: bytes, end: bool = False, seconds: float = 20) -> tuple[int, bytes]:
    """Status and body of the answer to the bytes of a request; with `end` nothing can follow them."""
    with connect(lab, seconds) as line:
        line.sendall(request)
        if end:
            line.shutdown(socket.SHUT_WR)
        answer = receive(line)
        return answer.status, answer.body  # type: ignore[attr-defined]
