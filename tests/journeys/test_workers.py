"""The workers of a real server share its connections and its cores, and leave a connection that rests to whoever holds it."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from models.artifact import Bundle
from tests.journeys.conftest import Served
from tests.journeys.lab import make_lab

CONNECTIONS = 24
# Answers of 2.6 kB each: more than Linux keeps for who does not read them, 4 MB.
UNREAD = 2_500
GET = b"GET /healthz HTTP/1.1\r\nHost: lab\r\n\r\n"


def port_of(served: Served) -> int:
    return int(served.address.rpartition(":")[2])


def held(port: int) -> dict[int, int]:
    """How many connections to a port each process has taken."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    established = {row[9] for row in rows if row[3] == "01" and int(row[1].rpartition(":")[2], 16) == port}
    found: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (folder / "fd").iterdir()]
        except OSError:
            continue
        sockets = {match[1] for link in links if (match := re.fullmatch(r"socket:\[(\d+)\]", link))}
        if sockets & established:
            found[int(folder.name)] = len(sockets & established)
    return found


def shares(port: int) -> dict[int, int]:
    """How many of connections that are made at once each worker takes."""
    with ExitStack() as opened:
        lines = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(CONNECTIONS)
        ]
        for line in lines:
            line.sendall(GET)
        for line in lines:
            answer = HTTPResponse(line)
            answer.begin()
            assert answer.read()
        found = held(port)
    # That they are closed must be noticed before it is counted anew.
    by = time.monotonic() + 5
    while held(port) and time.monotonic() < by:
        time.sleep(0.05)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_connections_made_at_once_are_shared_and_each_worker_has_a_core(served: Served) -> None:
    by = time.monotonic() + 20
    while len(shares(port_of(served))) < 2 and time.monotonic() < by:
        time.sleep(0.2)
    found = [shares(port_of(served)) for _ in range(4)]
    for share in found:
        assert len(share) == 2, found
        assert min(share.values()) >= CONNECTIONS // 4, found
    cores = [os.sched_getaffinity(worker) for worker in found[0]]
    assert all(len(of_worker) == 1 for of_worker in cores)
    if len(os.sched_getaffinity(0)) > 1:
        assert cores[0] != cores[1]


def test_a_connection_outlives_the_pauses_of_who_asks(served: Served) -> None:
    connection = HTTPConnection("127.0.0.1", port_of(served), timeout=20)
    connection.connect()
    line = connection.sock
    for pause in (0.0, 3.0):
        time.sleep(pause)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        assert connection.sock is line, "it was closed on the way"
    connection.close()


def test_who_asks_and_does_not_read_gets_every_answer_whole_and_keeps_nobody_waiting(
    tmp_path: Path, produced: Bundle
) -> None:
    """More answers than the buffers of a connection hold: some are sent in part, by a thread that waits for the client."""
    lab = make_lab(tmp_path / "var", produced, rate_limit=0, workers=1)
    body = json.dumps({"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]})
    kind = "application/json"
    sent = f"POST /v1/scores HTTP/1.1\r\nHost: lab\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    lab.start()
    try:
        port = int(lab.address.rpartition(":")[2])
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", port))
            for _ in range(UNREAD):
                line.sendall(sent.encode("ascii"))
                time.sleep(0.001)
            with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as other:
                for _ in range(20):
                    other.request("POST", "/v1/scores", body, {"Content-Type": kind})
                    expected = other.getresponse().read()
            line.settimeout(20)
            with line.makefile("rb") as answers:
                for _ in range(UNREAD):
                    head = b"".join(iter(answers.readline, b"\r\n"))
                    assert head.startswith(b"HTTP/1.1 200 OK"), head
                    (length,) = re.findall(rb"Content-Length: (\d+)", head)
                    assert answers.read(int(length)) == expected
    finally:
        lab.stop()
