"""Clients that send slowly, or nothing, or do not read: none keeps another one waiting, and all are given up in the end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import pytest

from tests.journeys.attacks.conftest import connect, head, receive
from tests.journeys.lab import Lab

HONEST = 8
JSON = "Content-Type: application/json"
BODY = json.dumps({"candidates": [{"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}]})
BEGUN = head("POST", "/v1/scores", JSON, "Content-Length: 1000") + b"{"
SLOW = {
    "one byte of a head": b"G",
    "half a head": b"POST /v1/scores HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le",
    "no byte of a body": head("POST", "/v1/scores", JSON, "Content-Length: 1000"),
    "half a body": BEGUN,
    "half a file": head("POST", "/v1/batches", "Content-Type: text/csv", "Content-Length: 900000000") + b"source",
    "nothing": b"",
}
# Longer than a body may rest, with what a busy machine adds.
GIVEN_UP_SECONDS = 30


@contextmanager
def opened(lab: Lab, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have sent this much, and stay."""
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(lab, GIVEN_UP_SECONDS)) for _ in range(count)]
        for line in lines:
            line.sendall(sent)
        yield lines


def latencies(lab: Lab, seconds: float) -> list[float]:
    """How many seconds honest clients wait for each answer, in order of length."""

    def ask(_: int) -> list[float]:
        waited = []
        by = time.monotonic() + seconds
        with closing(HTTPConnection("127.0.0.1", lab.settings.port, timeout=20)) as connection:
            while time.monotonic() < by:
                began = time.perf_counter()
                connection.request("POST", "/v1/scores", BODY, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                assert (answer.status, bool(answer.read())) == (200, True)
                waited.append(time.perf_counter() - began)
                time.sleep(0.005)
        return waited

    with ThreadPoolExecutor(HONEST) as clients:
        return sorted(second for waited in clients.map(ask, range(HONEST)) for second in waited)


def percentile(ordered: list[float], part: float) -> float:
    return ordered[int(part * len(ordered))]


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_nobody_waits_for_those_who_do_not_go_on(victim: Lab, sent: bytes) -> None:
    for count in (6, 200):
        with opened(victim, count, sent):
            waited = latencies(victim, 0.6)
        assert percentile(waited, 0.99) < 1, waited[-5:]


def test_nobody_waits_for_a_thousand_idle_and_two_hundred_slow_connections(victim: Lab) -> None:
    with opened(victim, 1_000, b""), opened(victim, 100, BEGUN), opened(victim, 100, b"POST /v1/sco"):
        waited = latencies(victim, 3)
    # How much longer the longest waits are depends on the machine; without room for all, they are many seconds.
    assert percentile(waited, 0.99) < 1, waited[-5:]


def test_a_body_that_does_not_come_on_is_given_up_and_its_client_told(victim: Lab) -> None:
    with opened(victim, 40, BEGUN) as silent, connect(victim, GIVEN_UP_SECONDS) as trickling, connect(victim) as idle:
        idle.sendall(head("GET", "/healthz"))
        assert receive(idle).status == 200
        trickling.sendall(head("POST", "/v1/batches", "Content-Type: text/csv", "Content-Length: 900000000"))
        began = time.monotonic()
        trickling.setblocking(False)
        while time.monotonic() < began + GIVEN_UP_SECONDS:
            try:
                trickling.send(b"a")
                if trickling.recv(1):
                    break
            except BlockingIOError:
                time.sleep(0.2)
        assert 9 < time.monotonic() - began < GIVEN_UP_SECONDS
        for line in silent:
            assert receive(line).status == 408
            assert line.recv(1) == b"", "the connection is closed"
        idle.sendall(head("GET", "/healthz"))
        assert receive(idle).status == 200, "a connection between two requests is left alone"


def test_a_body_that_comes_slowly_but_steadily_is_taken(victim: Lab) -> None:
    body = json.dumps({"candidates": [json.loads(BODY)["candidates"][0]] * 1_000}).encode()
    pieces = 22
    with connect(victim) as line:
        line.sendall(head("POST", "/v1/scores", JSON, f"Content-Length: {len(body)}"))
        for place in range(pieces):
            line.sendall(body[place * len(body) // pieces : (place + 1) * len(body) // pieces])
            time.sleep(0.5)
        assert receive(line).status == 200


def test_nobody_waits_for_those_who_do_not_read_their_answers(victim: Lab) -> None:
    """Answers that fill every buffer on the way: of some MB, and exports that are made while they are sent."""
    many = json.dumps({"candidates": [json.loads(BODY)["candidates"][0]] * 2_000}).encode()
    scores = head("POST", "/v1/scores", JSON, f"Content-Length: {len(many)}") + many
    export = head("GET", "/v1/findings.csv") * 60
    with ExitStack() as stack:
        for request in [scores] * 12 + [export] * 12:
            line = stack.enter_context(closing(socket.socket()))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", victim.settings.port))
            line.settimeout(20)
            line.sendall(request)
        # Until what they asked for is computed.
        time.sleep(4)
        waited = latencies(victim, 1)
    assert percentile(waited, 0.99) < 1, waited[-5:]
