"""Requests that are cut, malformed or for somebody else: refused with a 4xx, and nothing of them is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys.attacks.conftest import connect, head, receive, send
from tests.journeys.lab import Lab

CANDIDATES = b"source_phenotype,cargo_type,cargo_name\n" + b"".join(b"M2,mirna,miR-%d-5p\n" % n for n in range(1, 60))
ONE = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}
SCORES = json.dumps({"candidates": [ONE] * 40}).encode()


FINDINGS = b"source_phenotype,cargo_type,cargo_name,effect,pmid,title,year\n" + b"".join(
    b"M2,mirna,miR-21-5p,promoting,%d,A paper that was cut %d,2020\n" % (39_999_000 + n, n) for n in range(3)
)


def active_findings(lab: Lab) -> int:
    return len(lab.ask("GET", "/v1/findings.csv").text.splitlines())


def lines_of(lab: Lab, kind: str, length: int, key: str) -> Iterator[str]:
    yield f"Content-Type: {kind}"
    yield f"Content-Length: {length}"
    yield f"Idempotency-Key: {key}"
    yield f"Authorization: Bearer {lab.key}"


def test_half_a_table_is_refused_whole_and_the_whole_one_is_taken_afterwards(victim: Lab) -> None:
    before = active_findings(victim)
    begin = head("POST", "/v1/findings", *lines_of(victim, "text/csv", len(FINDINGS), "cut-table"))
    for cut in (0, 3, FINDINGS.index(b"\n") + 1, FINDINGS.rindex(b"\n", 0, -1) + 1, len(FINDINGS) - 1):
        status, body = send(victim, begin + FINDINGS[:cut], end=True)
        assert (status, b"Content-Length" in body) == (400, True), (cut, body)
    assert active_findings(victim) == before
    status, body = send(victim, begin + FINDINGS)
    assert status == 201, body
    assert active_findings(victim) == before + 3


def test_half_a_file_of_candidates_makes_no_batch_and_its_key_is_good_for_the_whole_one(victim: Lab) -> None:
    begin = head("POST", "/v1/batches", *lines_of(victim, "text/csv", len(CANDIDATES), "cut-batch"))
    folder = Path(victim.settings.var) / "batches"
    before = {path.name for path in folder.glob("*")}
    for cut in (0, 3, 100, len(CANDIDATES) - 1):
        assert send(victim, begin + CANDIDATES[:cut], end=True)[0] == 400
    assert {path.name for path in folder.glob("*")} == before
    status, body = send(victim, begin + CANDIDATES)
    assert status == 202
    assert {path.name for path in folder.glob("*")} == before | {json.loads(body)["id"]}


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/trainings", "/v1/keys", "/key"])
def test_no_endpoint_takes_half_a_body_for_a_whole_one(victim: Lab, path: str) -> None:
    kind = "application/x-www-form-urlencoded" if path == "/key" else "application/json"
    sent = b"{}" if kind.endswith("json") else b"key=a"
    own = f"Origin: http://127.0.0.1:{victim.settings.port}"
    host = f"Host: 127.0.0.1:{victim.settings.port}"
    begin = head("POST", path, *lines_of(victim, kind, 100, ""), own, host=host)
    assert send(victim, begin + sent, end=True)[0] == 400


# The server lives for all examples; what one does to it the next is to find.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(cut=st.integers(0, len(SCORES) - 1))
def test_wherever_a_body_is_cut_it_is_refused(victim: Lab, cut: int) -> None:
    begin = head("POST", "/v1/scores", "Content-Type: application/json", f"Content-Length: {len(SCORES)}")
    assert send(victim, begin + SCORES[:cut], end=True)[0] == 400


CHUNKED = ("Content-Type: text/csv", "Transfer-Encoding: chunked")
CHUNKS = {
    "whole": b"%x\r\n%s\r\n0\r\n\r\n" % (len(CANDIDATES), CANDIDATES),
    "cut": b"%x\r\n%s" % (len(CANDIDATES), CANDIDATES[:100]),
    "malformed": b"3\r\nabc\r\nzz\r\n",
    "no number": b"zz\r\n",
    "endless": b"f" * 40,
    "trailers": b"0\r\nA: b\r\n\r\n",
}


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/findings", "/v1/scores"])
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_a_body_in_chunks_whose_end_cannot_be_known_is_refused_by_name(victim: Lab, path: str, chunks: bytes) -> None:
    status, body = send(victim, head("POST", path, *CHUNKED, f"Authorization: Bearer {victim.key}") + chunks)
    assert (status, json.loads(body)["title"]) == (411, "Length Required")


def test_two_lengths_of_one_body_are_no_way_to_smuggle_a_request(victim: Lab) -> None:
    both = ("Content-Length: 4", "Transfer-Encoding: chunked", "Content-Type: application/json")
    assert send(victim, head("POST", "/v1/scores", *both) + b"0\r\n\r\nGET /docs HTTP/1.1\r\n\r\n")[0] in (400, 411)
    twice = ("Content-Length: 2", "Content-Length: 3", "Content-Type: application/json")
    assert send(victim, head("POST", "/v1/scores", *twice) + b"{}")[0] == 400


@pytest.mark.parametrize("length", [16 * 1024**2 + 1, 10**11, 2**63 - 1, 2**64 - 2, 10**22, 10**200])
def test_a_body_that_is_too_large_is_refused_before_it_comes(victim: Lab, length: int) -> None:
    kind = "Content-Type: application/json"
    assert send(victim, head("POST", "/v1/scores", kind, f"Content-Length: {length}"), seconds=5)[0] in (400, 413, 431)


HOSTS = {
    "none": "",
    "empty": "Host:",
    "two": "Host: 127.0.0.1\r\nHost: evil.example",
    "another": "Host: evil.example",
    "another, at our port": "Host: evil.example:8000",
    "one that only begins as ours": "Host: 127.0.0.1.evil.example",
    "one that only ends as ours": "Host: evil-localhost",
    "a public address": "Host: 93.184.216.34",
    "no host": "Host: http://[",
    "a user": "Host: evil@127.0.0.1",
    "a port that is none": "Host: 127.0.0.1:x",
    "letters beyond ASCII": "Host: l\xf6calhost",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/vocabulary", "/nowhere", "/static/none.css"])
def test_a_request_for_another_host_is_refused(victim: Lab, host: str, path: str) -> None:
    assert send(victim, head("GET", path, host=host))[0] == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:81", "127.0.0.1", "127.9.9.9:1", "[::1]:8000", "localhost."])
def test_the_loopback_is_answered_by_each_of_its_names(victim: Lab, host: str) -> None:
    assert send(victim, head("GET", "/healthz", host=f"Host: {host}"))[0] == 200


def test_http_1_0_needs_no_host(victim: Lab) -> None:
    assert send(victim, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


FORWARDED = {
    "SCRIPT_NAME": "/app",
    "Script-Name": "/app",
    "X-Script-Name": "/app",
    "X-Forwarded-Prefix": "/app",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "64999",
    "X-Forwarded-Ssl": "on-by-proxy",
    "X-Url-Scheme": "https",
    "Forwarded": "for=1.2.3.4;host=evil.example;proto=https",
    "X-Original-Url": "/v1/keys",
    "X-Rewrite-Url": "/v1/keys",
    "X-Http-Method-Override": "DELETE",
    "Wsgi.Url_Scheme": "https",
}


@pytest.mark.parametrize(("name", "value"), FORWARDED.items())
def test_nothing_that_only_a_proxy_knows_is_believed_without_one(victim: Lab, name: str, value: str) -> None:
    def answer(*lines: str) -> tuple[int, bytes]:
        return send(victim, head("GET", "/v1/findings?limit=1", *lines))

    assert answer(f"{name}: {value}") == answer()
    with connect(victim) as line:
        line.sendall(head("GET", "/key", f"{name}: {value}"))
        page = receive(line)
    assert page.status == 200
    assert "Secure" not in str(page.getheader("Set-Cookie"))
    assert value.encode() not in page.body  # type: ignore[attr-defined]


ORIGINS = [
    "http://[",
    "http://[::",
    "null",
    "//",
    "http://127.0.0.1:99999999",
    "http://\xff",
    "http://a]b",
    "[" * 500,
    "http:",
]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", ["/key", "/key/forget", "/findings/add"])
def test_a_form_from_an_origin_that_is_none_is_foreign(victim: Lab, path: str, origin: str) -> None:
    assert send(victim, head("POST", path, f"Origin: {origin}", "Content-Length: 0"))[0] in (401, 403)
