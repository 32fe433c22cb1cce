"""SIGTERM while there is work: what was asked is answered, a training is not lost, nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import socket
from http.client import HTTPResponse
from typing import Any

import pytest

from tests.journeys.lab import Lab

CANDIDATES = [
    {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": f"miR-{number}-5p"} for number in range(1, 301)
]


@pytest.mark.parametrize("whole_group", [False, True], ids=["one process", "every process"])
def test_the_request_is_answered_the_training_goes_back_and_no_process_stays(small_lab: Lab, whole_group: bool) -> None:
    job_id = small_lab.ask("POST", "/v1/trainings", json={"seed": 3}).json()["id"]
    small_lab.wait_until(lambda: small_lab.ask("GET", f"/v1/jobs/{job_id}").json()["done"] > 0)
    body = json.dumps({"candidates": CANDIDATES}).encode()
    head = f"POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
    with socket.create_connection(("127.0.0.1", small_lab.settings.port), timeout=60) as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 "), (
            "a worker has taken the request and waits for its body"
        )
        connection.sendall(body[:1000])
        running = small_lab.processes()
        serve = small_lab.process
        assert serve is not None
        assert serve.pid in running
        for number in running if whole_group else [serve.pid]:
            os.kill(number, signal.SIGTERM)
        small_lab.wait_until(lambda: "Shutting down granian" in small_lab.log.read_text("utf-8"))
        connection.sendall(body[1000:])
        answer = HTTPResponse(connection)
        answer.begin()
        document = json.loads(answer.read())
    assert (answer.status, len(document["scores"])) == (200, len(CANDIDATES))
    assert serve.wait(60) == 0, small_lab.log.read_text("utf-8")
    assert small_lab.processes() == []

    opened = small_lab.open()
    job = opened.jobs.get(job_id)
    opened.close()
    assert job.state in ("queued", "done")
    small_lab.process = None
    small_lab.start()
    ended: dict[str, Any] = small_lab.ended(job_id)
    assert (ended["state"], ended["attempt"]) == ("done", 2 if job.state == "queued" else 1)
