"""The workers of a real server share its connections, are started again when they die, and leave a connection open."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from models.estimator.artifact import Bundle
from tests.journeys.conftest import Served
from tests.journeys.lab import COMMAND, Lab, make_lab

CONNECTIONS = 24
# Answers of 2.6 kB each: more than Linux keeps for who does not read them, 4 MB.
UNREAD = 2_500
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


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
def test_concurrent_connections_are_shared_by_the_workers(served: Served) -> None:
    by = time.monotonic() + 60
    while len(found := shares(port_of(served))) < 2:
        assert time.monotonic() < by, found


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
    """More answers than the buffers of a connection hold."""
    lab = make_lab(tmp_path / "var", produced, rate_limit=0, workers=1)
    body = json.dumps({"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]})
    kind = "application/json"
    sent = f"POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
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
                    (length,) = re.findall(rb"content-length: (\d+)", head)
                    assert answers.read(int(length)) == expected
    finally:
        lab.stop()


def web_processes(lab: Lab, but_for: Collection[int] = ()) -> list[int]:
    """The web server and its two workers, once all are there and none of them is one of `but_for`."""
    by = time.monotonic() + 60
    while len(running := lab.processes("web")) != 3 or set(running) & set(but_for):
        assert time.monotonic() < by, lab.log.read_text("utf-8")
        time.sleep(0.05)
    return running


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def requests_counted(lab: Lab) -> float:
    """How many requests to /healthz all workers together have counted."""
    text = lab.client.get("/metrics").text
    counts = re.findall(r'exoscore_requests_total{[^}]*route="/healthz"[^}]*} ([\d.]+)', text)
    return sum(map(float, counts))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_worker_is_started_again_and_what_it_counted_is_kept(lab: Lab) -> None:
    running = web_processes(lab)
    (server,) = {parent(process) for process in running} & set(running)
    assert len(shares(lab.settings.port)) <= 2
    before = requests_counted(lab)
    assert before >= CONNECTIONS
    killed = [process for process in running if process != server]
    for process in killed:
        os.kill(process, signal.SIGKILL)
    assert server in web_processes(lab, but_for=killed)
    lab.wait_until_ready()
    assert requests_counted(lab) >= before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_worker_outlives_a_server_that_was_killed_and_a_new_one_takes_its_place(lab: Lab) -> None:
    running = web_processes(lab)
    (server,) = {parent(process) for process in running} & set(running)
    os.kill(server, signal.SIGKILL)
    web_processes(lab, but_for=running)
    lab.wait_until_ready()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_server_whose_workers_die_again_and_again_is_started_again(lab: Lab) -> None:
    running = web_processes(lab)
    (server,) = {parent(process) for process in running} & set(running)
    by = time.monotonic() + 60
    while server in (running := lab.processes("web")):
        for process in running:
            if process != server:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
        assert time.monotonic() < by
    web_processes(lab, but_for=[server])
    lab.wait_until_ready()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_second_server_on_one_port_says_so_and_ends(lab: Lab, tmp_path: Path) -> None:
    environment = {**lab.environment, "EXOSCORE_VAR": str(tmp_path / "other")}
    other = subprocess.run([COMMAND, "serve"], env=environment, capture_output=True, text=True, timeout=120)
    assert other.returncode == 1
    assert f"Error: Port {lab.settings.port} is in use on 127.0.0.1. Choose another one" in other.stderr
    assert "Traceback" not in other.stderr
    assert lab.client.get("/healthz").status_code == 200


UNREADABLE = {
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % b"".join(b"X-%d: 1\r\n" % n for n in range(200)): 431,
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: %s\r\n\r\n" % (b"x" * 100_000): 431,
    b"GET /healthz HTTP/1.1\r\nHost lab\r\n\r\n": 400,
    b"hello\r\n\r\n": 400,
}


def test_what_cannot_be_read_as_a_request_is_refused_by_the_server(served: Served) -> None:
    for sent, status in UNREADABLE.items():
        with socket.create_connection(("127.0.0.1", port_of(served)), timeout=20) as line:
            line.sendall(sent)
            answer = HTTPResponse(line)
            answer.begin()
            assert answer.status == status
