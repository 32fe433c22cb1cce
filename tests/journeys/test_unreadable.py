"""What no application is asked, since it cannot be read as a request, is answered with a problem all the same."""

from __future__ import annotations

import json
import socket
from http.client import HTTPResponse

import pytest

from tests.journeys.lab import Lab

UNREADABLE = {
    b"GET /v1/reports?species=%s HTTP/1.1\r\nHost: lab\r\n\r\n" % (b"x" * 9000): 414,
    b"GET /healthz HTTP/1.1\r\nHost: lab\r\n%s\r\n" % b"".join(b"X-%d: 1\r\n" % n for n in range(200)): 431,
    b"GET /healthz HTTP/1.1\r\nHost: lab\r\nX-Long: %s\r\n\r\n" % (b"x" * 9000): 431,
    b"GET /healthz HTTP/1.1\r\nHost lab\r\n\r\n": 400,
    b"hello\r\n\r\n": 400,
}


def answer(lab: Lab, sent: bytes) -> tuple[HTTPResponse, bytes]:
    with socket.create_connection(("127.0.0.1", lab.settings.port), timeout=20) as line:
        line.sendall(sent)
        response = HTTPResponse(line)
        response.begin()
        return response, response.read()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_answered_with_a_problem(lab: Lab) -> None:
    for sent, status in UNREADABLE.items():
        response, body = answer(lab, sent)
        problem = json.loads(body)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert (response.status, problem["status"]) == (status, status), problem
        assert problem["type"].startswith("urn:exoscore:problem:")
        assert {"title", "detail"} <= set(problem)
    assert lab.client.get("/healthz").status_code == 200
