"""Candidates in lines on a real server: answered as they come, in the memory of a few lines, whatever the client does."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from service.web.access import LINES
from tests.journeys.attacks.conftest import connect, head, send
from tests.journeys.lab import Lab

ONE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
LINE = json.dumps(ONE).encode() + b"\n"
PATH = "/v1/scores?fields=label,probability_suppressing"
MEBIBYTE = 1024**2


def beginning(path: str, *lines: str) -> bytes:
    return head("POST", path, f"Content-Type: {LINES}", *lines)


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def answered(line: socket.socket) -> HTTPResponse:
    answer = HTTPResponse(line)
    answer.begin()
    assert answer.status == 200
    return answer


def documents(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def peak_memory(lab: Lab) -> int:
    """The most bytes that one of the processes of a server has ever had in memory."""
    assert lab.process
    peaks, waiting = [], [lab.process.pid]
    while waiting:
        pid = waiting.pop()
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
        peaks += [1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split())
    return max(peaks)


def test_the_first_scores_are_there_while_further_candidates_are_sent(victim: Lab) -> None:
    with connect(victim) as line:
        line.sendall(beginning(PATH, "Transfer-Encoding: chunked"))
        answer = None
        for number in range(3):
            line.sendall(chunk(LINE * 11))
            answer = answer or answered(line)
            scores = [json.loads(answer.readline()) for _ in range(7)]
            assert all(score["label"] for score in scores), number
        line.sendall(b"0\r\n\r\n")
        assert len(answer.read().splitlines()) == 33 - 21  # type: ignore[union-attr]


@pytest.mark.parametrize("has_length", [True, False])
def test_a_client_that_sends_all_before_it_reads_gets_every_score(victim: Lab, has_length: bool) -> None:
    # More than the buffers between the two take, both ways.
    count = 60_000
    body = LINE * count
    length = f"Content-Length: {len(body)}" if has_length else "Transfer-Encoding: chunked"
    with connect(victim, 120) as line:
        line.sendall(beginning(PATH, length))
        line.sendall(body if has_length else chunk(body) + b"0\r\n\r\n")
        assert len(answered(line).read().splitlines()) == count


def test_ten_times_the_lines_take_no_more_memory(brief_lab: Lab) -> None:
    def stream(count: int) -> int:
        def lines() -> Iterator[bytes]:
            for _ in range(count // 1000):
                yield LINE * 1000

        headers = {"Content-Type": LINES}
        with brief_lab.client.stream("POST", "/v1/scores", content=lines(), headers=headers, timeout=300) as answer:
            assert answer.status_code == 200
            received = sum(1 for _ in answer.iter_lines())
        assert received == count
        return peak_memory(brief_lab)

    few, many = stream(10_000), stream(100_000)
    # The scores of the many take some 250 MB.
    assert many - few < 24 * MEBIBYTE, (few // MEBIBYTE, many // MEBIBYTE)


def test_a_stream_that_is_cut_short_ends_with_a_problem_and_leaves_nothing(victim: Lab) -> None:
    before = sorted(victim.settings.var.rglob("*"))
    status, body = send(victim, beginning(PATH, f"Content-Length: {3 * len(LINE)}") + LINE, end=True)
    assert status == 200
    score, problem = documents(body)
    assert score["label"]
    assert (problem["line"], problem["status"]) == (2, 400)
    assert sorted(victim.settings.var.rglob("*")) == before


def test_a_stream_that_does_not_come_on_is_given_up_with_a_problem(victim: Lab) -> None:
    with connect(victim, 60) as line:
        line.sendall(beginning(PATH, "Transfer-Encoding: chunked") + chunk(LINE * 20))
        began = time.monotonic()
        *scores, problem = documents(answered(line).read())
    assert time.monotonic() - began < 30
    assert len(scores) in range(5, 21)
    assert problem["status"] == 408


def test_a_client_that_goes_away_ends_its_stream(victim: Lab) -> None:
    with connect(victim) as line:
        line.sendall(beginning(PATH, "Transfer-Encoding: chunked") + chunk(LINE * 20_000))
        answered(line).readline()
    assert send(victim, beginning(PATH, f"Content-Length: {len(LINE)}") + LINE)[0] == 200


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/v1/scores", ("Transfer-Encoding: chunked", "Content-Type: application/json")),
        ("/v1/batches", ("Transfer-Encoding: chunked", f"Content-Type: {LINES}")),
        ("/", ("Transfer-Encoding: chunked", f"Content-Type: {LINES}")),
    ],
)
def test_chunks_are_taken_for_lines_of_candidates_alone(victim: Lab, path: str, lines: tuple[str, ...]) -> None:
    status, _ = send(victim, head("POST", path, *lines) + chunk(LINE) + b"0\r\n\r\n")
    assert status == 411


def test_more_than_a_file_may_have_is_refused_before_it_comes(victim: Lab) -> None:
    length = victim.settings.batch_mebibytes * MEBIBYTE + 1
    status, body = send(victim, beginning(PATH, f"Content-Length: {length}"), seconds=10)
    assert (status, json.loads(body)["status"]) == (413, 413)
