"""What is answered at once is answered in the same bytes as the usual way; anything else is left unread, for that way."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config
from gunicorn.http import get_parser, wsgi

from benchmarks.candidates import Candidates
from models.candidate import ReadColumns
from models.judgements import Judgements
from models.scorer import Scorer
from service import Settings, create_app, plain_scores
from service.at_once import MAX_BYTES, MOST_TOGETHER, AtOnce
from service.registry import POLL_SECONDS
from service.services import services_of
from tests.service.test_score_request import WRITTEN

PLAIN = f'{{"candidates":[{WRITTEN}]}}'
SERVER = ("127.0.0.1", 8000)
QUERIES = ["", "?fields=label,probability_suppressing", "?fields=interval"]


@dataclass(frozen=True)
class Connection:
    """One end of a connection, as a worker of gunicorn has it."""

    sock: socket.socket
    client: tuple[str, int] = ("127.0.0.1", 40_000)
    server: tuple[str, int] = SERVER


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, untouched_var: Path) -> Flask:
    var = shutil.copytree(untouched_var, tmp_path_factory.mktemp("at_once") / "var")
    service = create_app(Settings(var=var, rate_limit=100_000))
    services_of(service).registry.scorer()
    return service


@pytest.fixture(autouse=True)
def still(service: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store was asked just now, and the minute does not end."""
    services_of(service).registry._asked = float("inf")
    monkeypatch.setattr("service.limits.time", lambda: 1_000_000_000.0)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Connection]]:
    """The client's end, and the worker's."""
    client, worker = socket.socketpair()
    worker.setblocking(False)
    with client, worker:
        yield client, Connection(worker)


@pytest.fixture
def at_once(service: Flask) -> AtOnce:
    return AtOnce(service, Config(), plain_scores.at_once(services_of(service).settings))


def request(
    body: str = PLAIN, query: str = "", line: str = "POST /v1/scores%s HTTP/1.1", size: str = "", **headers: str
) -> bytes:
    told = {"Host": "lab", "Content-Type": "application/json", "Content-Length": size or str(len(body.encode()))}
    told |= {name.replace("_", "-"): text for name, text in headers.items()}
    head = "".join(f"{name}: {text}\r\n" for name, text in told.items() if text != "-")
    return f"{line % query if '%s' in line else line}\r\n{head}\r\n{body}".encode()


def usually(service: Flask, sent: bytes, written: list[bytes]) -> None:
    """What gunicorn writes to who sent this."""
    parsed = next(get_parser(Config(), [sent], ("127.0.0.1", 40_000)))
    sink: Any = type("Sink", (), {"sendall": staticmethod(written.append)})
    response, environ = wsgi.create(parsed, sink, ("127.0.0.1", 40_000), SERVER, Config())
    for part in service(environ, response.start_response):
        response.write(part)
    response.close()


def answer_of(at_once: AtOnce, connection: Connection) -> bytes | None:
    """The answer to what waits on one connection alone."""
    ((_, found),) = at_once.answers([connection])
    return found


def settled(answer: bytes) -> bytes:
    """An answer without what differs from one request to the next."""
    return re.sub(rb"(Date|X-Request-ID|RateLimit): [^\r]+", rb"\1", answer)


@pytest.mark.parametrize("query", QUERIES)
def test_the_bytes_are_those_of_the_usual_way(
    service: Flask, at_once: AtOnce, ends: tuple[socket.socket, Connection], query: str
) -> None:
    client, connection = ends
    made = Candidates(services_of(service).registry.features, 7).draw(12)
    for body in (PLAIN, PLAIN.replace(":", " : "), *(json.dumps({"candidates": [one]}) for one in made)):
        sent = request(body, query, X_Request_ID="mine")
        client.sendall(sent)
        answer = answer_of(at_once, connection)
        assert answer is not None
        assert b"X-Request-ID: mine\r\n" in answer
        with pytest.raises(BlockingIOError):
            connection.sock.recv(1)
        written: list[bytes] = []
        usually(service, sent, written)
        assert settled(answer) == settled(b"".join(written))


def test_requests_that_wait_together_are_each_answered_as_alone(service: Flask, at_once: AtOnce) -> None:
    made = Candidates(services_of(service).registry.features, 11).draw(2 * MOST_TOGETHER)
    bodies = [json.dumps({"candidates": made[place : place + 1 + place % 3]}) for place in range(len(made))]
    sent = [request(body, QUERIES[place % len(QUERIES)], X_Request_ID="mine") for place, body in enumerate(bodies)]
    # One asked twice, and what is left unread, among the others.
    sent[3:3] = [sent[1], LEFT["of a bad candidate"], LEFT["of one bad candidate of two"], LEFT["of no UTF-8"]]
    left = set(LEFT.values())
    with ExitStack() as opened:
        ends = [tuple(map(opened.enter_context, socket.socketpair())) for _ in sent]
        connections = [Connection(worker) for _, worker in ends]
        for (client, worker), request_sent in zip(ends, sent, strict=True):
            worker.setblocking(False)
            client.sendall(request_sent)
        found = list(at_once.answers(connections))
        assert [connection for connection, _ in found] == connections
        for request_sent, (connection, answer) in zip(sent, found, strict=True):
            if request_sent in left:
                assert answer is None
                assert connection.sock.recv(MAX_BYTES) == request_sent
                continue
            written: list[bytes] = []
            usually(service, request_sent, written)
            assert answer is not None
            assert settled(answer) == settled(b"".join(written))
            with pytest.raises(BlockingIOError):
                connection.sock.recv(1)


def test_the_scores_of_requests_that_wait_together_are_worked_out_together(
    service: Flask, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = services_of(service).registry
    judge = Scorer.judge
    judged: list[int] = []

    def watched(scorer: Scorer, columns: ReadColumns) -> Judgements:
        judged.append(len(columns[0]))
        return judge(scorer, columns)

    monkeypatch.setattr(Scorer, "judge", watched)
    made = Candidates(registry.features, 13).draw(MOST_TOGETHER + 3)
    with ExitStack() as opened:
        ends = [tuple(map(opened.enter_context, socket.socketpair())) for _ in made]
        for (client, worker), one in zip(ends, made, strict=True):
            worker.setblocking(False)
            client.sendall(request(json.dumps({"candidates": [one]})))
        answers = at_once.answers([Connection(worker) for _, worker in ends])
        # None is held up for those of the next group.
        next(answers)
        assert judged == [MOST_TOGETHER]
        assert len(list(answers)) == len(made) - 1
    assert judged == [MOST_TOGETHER, 3]


LEFT = {
    "of another page": request(line="POST /v1/candidates HTTP/1.1"),
    "asked otherwise": request(line="GET /v1/scores HTTP/1.1"),
    "with a key": request(Authorization="Bearer exo_1_2"),
    "of another type": request(Content_Type="text/csv"),
    "with a query of more": request(query="?partial=true"),
    "not whole": request()[:-1],
    "of a head only": request().partition(b"\r\n\r\n")[0],
    "followed by more": request() + b"P",
    "followed by another": request() * 2,
    "of unknown length": request(size="-"),
    "of a wrong length": request(size="x"),
    "in chunks": request("5\r\nhello\r\n0\r\n\r\n", size="-", Transfer_Encoding="chunked"),
    "to be encouraged": request(Expect="100-continue"),
    "of the last": request(Connection="close"),
    "of an old protocol": request(line="POST /v1/scores HTTP/1.0"),
    "of an old protocol, to be kept open": request(line="POST /v1/scores HTTP/1.0", Connection="keep-alive"),
    "not of a protocol": request(line="POST /v1/scores HTTP"),
    "with a bad header": request(**{"Bad Name": "x"}),
    "with two lengths": request(content_length="5"),
    "too large": request(PLAIN + " " * MAX_BYTES),
    "of no JSON": request("{"),
    "of a bad candidate": request('{"candidates":[{"source_phenotype":"M9","cargo_type":"mirna"}]}'),
    "of one bad candidate of two": request(f'{{"candidates":[{WRITTEN},{{}}]}}'),
    "of no UTF-8": request('{"candidates":[{"source_phenotype":"?"}]}').replace(b"?", b"\xff"),
}


@pytest.mark.parametrize("sent", LEFT.values(), ids=LEFT)
def test_anything_else_is_left_unread(at_once: AtOnce, ends: tuple[socket.socket, Connection], sent: bytes) -> None:
    client, connection = ends
    client.sendall(sent)
    for _ in range(2):
        assert answer_of(at_once, connection) is None
    assert connection.sock.recv(2 * len(sent)) == sent


def test_a_head_with_a_key_is_not_remembered(at_once: AtOnce, ends: tuple[socket.socket, Connection]) -> None:
    client, connection = ends
    for name, remembered in (("AuthoriZation", 0), ("X_Request_ID", 1)):
        sent = request(**{name: "Bearer exo_1_2"})
        client.sendall(sent)
        answer_of(at_once, connection)
        with suppress(BlockingIOError):
            connection.sock.recv(len(sent))
        assert len(at_once._heads) == remembered


def test_a_client_that_went_is_met_on_the_usual_way(at_once: AtOnce, ends: tuple[socket.socket, Connection]) -> None:
    client, connection = ends
    client.close()
    assert answer_of(at_once, connection) is None
    connection.sock.close()
    assert answer_of(at_once, connection) is None


def test_what_would_wait_for_the_store_is_left_until_that_was_asked(
    service: Flask, at_once: AtOnce, ends: tuple[socket.socket, Connection]
) -> None:
    client, connection = ends
    registry = services_of(service).registry
    registry._asked = float("-inf")
    client.sendall(request())
    assert answer_of(at_once, connection) is None
    registry.scorer()
    assert answer_of(at_once, connection) is not None


def test_where_it_is_time_to_ask_the_store_again_one_request_has_it_asked(
    service: Flask, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = services_of(service).registry
    now = 1000.0
    monkeypatch.setattr("service.registry.time.monotonic", lambda: now)
    registry._asked = registry._told = now
    with ExitStack() as opened:
        ends = [tuple(map(opened.enter_context, socket.socketpair())) for _ in range(3)]
        connections = [Connection(worker) for _, worker in ends]
        for client, worker in ends:
            worker.setblocking(False)
            client.sendall(request())

        def left() -> list[bool]:
            found = [answer is None for _, answer in at_once.answers(connections)]
            for (client, _), is_left in zip(ends, found, strict=True):
                if not is_left:
                    client.sendall(request())
            return found

        assert left() == [False, False, False]
        now += POLL_SECONDS
        assert left() == [True, False, False]
        assert left() == [False, False, False]
        now += POLL_SECONDS
        assert left() == [True, False, False]
        registry.scorer()
        assert left() == [False, False, False]
        # What is to be asked before anything else is answered.
        registry.forget()
        assert left() == [True, True, True]
        registry.scorer()
        assert left() == [False, False, False]


def test_beyond_the_limit_the_usual_way_says_so(own_var: Path, ends: tuple[socket.socket, Connection]) -> None:
    client, connection = ends
    service = create_app(Settings(var=own_var, rate_limit=2))
    registry = services_of(service).registry
    registry.scorer()
    at_once = AtOnce(service, Config(), b"POST")
    found = []
    for _ in range(3):
        client.sendall(request())
        registry._asked = float("inf")
        found.append(answer_of(at_once, connection))
    assert [answer is None for answer in found] == [False, False, True]


def test_who_is_trusted_to_say_where_a_request_comes_from_is_told_from_who_is_not(
    ends: tuple[socket.socket, Connection],
) -> None:
    client, connection = ends
    seen = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.append((environ["REMOTE_ADDR"], environ["REMOTE_PORT"], environ["wsgi.url_scheme"]))
        start_response("200 OK", [("Content-Length", "0")])
        return []

    config = Config()
    config.set("forwarded_allow_ips", "127.0.0.1")
    at_once = AtOnce(application, config, b"POST")
    for client_address in (("127.0.0.1", 1), ("10.0.0.9", 2), ("127.0.0.1", 3)):
        client.sendall(request(X_Forwarded_Proto="https"))
        assert answer_of(at_once, Connection(connection.sock, client_address)) is not None
    assert seen == [("127.0.0.1", "1", "https"), ("10.0.0.9", "2", "http"), ("127.0.0.1", "3", "https")]


def test_where_a_key_is_required_or_redis_counts_nothing_is_answered_at_once() -> None:
    assert plain_scores.at_once(Settings()) == b"POST /v1/scores"
    assert not plain_scores.at_once(Settings(require_key=True))
    assert not plain_scores.at_once(Settings(redis_url="redis://127.0.0.1/0"))
