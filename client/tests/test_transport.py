"""What the client sends again and what it does not, and what it raises."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoscore_client import Client, JobError, ProblemError

PROBLEM = {
    "type": "urn:exoscore:problem:invalid-findings",
    "title": "Findings have errors",
    "status": 422,
    "detail": "1 error. Nothing was changed.",
    "errors": [{"pointer": "/findings/0/effect", "code": "unknown_term", "detail": "Give suppressing or promoting"}],
    "errors_left_out": {"missing": 7},
}
ADDED = {"added": [], "existing": [], "conflicts": []}
FINDING = {"source_phenotype": "M2", "cargo_type": "whole_vesicle", "effect": "promoting"}
Answer = httpx.Response | Exception


class Service:
    """Gives answers one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers: Iterator[Answer] = iter(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def client(self, **chosen: Any) -> Client:
        transport = httpx.MockTransport(self.answer)
        return Client("http://lab", "exo_key", transport=transport, sleep=self.pauses.append, **chosen)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


def broken() -> httpx.ReadError:
    return httpx.ReadError("the connection broke")


def problem(status: int, **headers: str) -> httpx.Response:
    document = {"type": "urn:exoscore:problem:x", "title": "X", "status": status, "detail": "x"}
    told = {"Content-Type": "application/problem+json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return httpx.Response(status, content=json.dumps(document), headers=told)


def test_findings_are_sent_again_under_one_key_when_the_connection_breaks() -> None:
    service = Service(broken(), broken(), httpx.Response(201, json=ADDED))
    assert service.client().add_findings([FINDING]) == ADDED
    keys = {request.headers["Idempotency-Key"] for request in service.asked}
    assert (len(service.asked), len(keys)) == (3, 1)
    assert {request.content for request in service.asked} == {service.asked[0].content}
    assert service.pauses == sorted(service.pauses)


def test_two_calls_have_two_keys_unless_they_are_said_to_be_one() -> None:
    service = Service(*(httpx.Response(200, json=ADDED) for _ in range(4)))
    client = service.client()
    client.add_findings([FINDING])
    client.add_table("paper\n")
    client.add_findings([FINDING], idempotency_key="monday")
    client.add_findings([FINDING], idempotency_key="monday")
    first, second, third, fourth = (request.headers["Idempotency-Key"] for request in service.asked)
    assert len({first, second, third}) == 3
    assert third == fourth == "monday"


NOT_REPEATABLE: dict[str, Callable[[Client], object]] = {
    "train": lambda client: client.train(seed=1),
    "create_key": lambda client: client.create_key(name="anna", scopes=["score"]),
    "promote_model": lambda client: client.promote_model("exo-1", reason="better"),
    "change_finding": lambda client: client.change_finding("EXF-1", {"retracted": False, "reason": "read again"}),
    "ask_gate": lambda client: client.ask_gate("exo-1"),
}


@pytest.mark.parametrize("name", NOT_REPEATABLE)
@pytest.mark.parametrize("answer", [broken, lambda: problem(503)], ids=["broken", "unavailable"])
def test_what_may_have_been_done_already_is_not_sent_again(name: str, answer: Callable[[], Answer]) -> None:
    service = Service(answer())
    with pytest.raises((httpx.ReadError, ProblemError)):
        NOT_REPEATABLE[name](service.client())
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_as_long_as_the_service_asks_for(status: int) -> None:
    service = Service(problem(status, Retry_After="7"), httpx.Response(200, json={"status": "ok"}))
    assert service.client().health() == {"status": "ok"}
    assert service.pauses == [7.0]


def test_a_pause_may_be_told_as_a_moment() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    service = Service(problem(429, Retry_After=moment), httpx.Response(200, json={"status": "ok"}))
    service.client().health()
    assert 10 < service.pauses[0] <= 20


def test_one_request_too_many_is_sent_again_whatever_it_does() -> None:
    service = Service(problem(429, Retry_After="1"), httpx.Response(202, json={"id": "job-1"}))
    assert service.client().train()["id"] == "job-1"


def test_a_pause_longer_than_is_borne_is_told_instead() -> None:
    service = Service(problem(429, Retry_After="31"))
    with pytest.raises(ProblemError) as refused:
        service.client(longest_pause=30).health()
    assert refused.value.status == 429
    assert service.pauses == []


@given(attempts=st.integers(1, 5))
def test_it_gives_up_after_as_many_attempts_as_it_was_given(attempts: int) -> None:
    service = Service(*(problem(503) for _ in range(attempts)))
    with pytest.raises(ProblemError):
        service.client(attempts=attempts).list_models()
    assert len(service.asked) == attempts
    assert len(service.pauses) == attempts - 1


def test_a_problem_carries_its_document_and_names_every_fault() -> None:
    refused = httpx.Response(422, json=PROBLEM, headers={"Content-Type": "application/problem+json"})
    with pytest.raises(
        ProblemError, match=r"/findings/0/effect: Give suppressing or promoting\n.* 7 more .*missing"
    ) as told:
        Service(refused).client().add_findings([FINDING])
    assert told.value.document == PROBLEM
    assert (told.value.status, told.value.type, len(told.value.errors)) == (422, PROBLEM["type"], 1)


def test_an_error_of_something_between_is_a_problem_too() -> None:
    with pytest.raises(ProblemError, match="Bad Gateway") as told:
        Service(httpx.Response(502, text="<html>")).client().vocabulary()
    assert (told.value.status, told.value.type) == (502, "about:blank")


def test_a_service_that_is_not_ready_says_what_is_the_matter() -> None:
    found = {"status": "not ready", "checks": {"model": {"state": "fail", "says": "there is none"}}}
    assert Service(httpx.Response(503, json=found)).client().readiness() == found


@pytest.mark.parametrize("following", ["/v1/x?q=a&cursor=second", "second"])
def test_pages_are_gone_through_as_they_are_needed(following: str) -> None:
    pages = [{"findings": [{"n": 1}, {"n": 2}], "next": following}, {"findings": [{"n": 3}], "next": None}]
    service = Service(*(httpx.Response(200, json=page) for page in pages))
    found = service.client().search_findings(q="a", limit=2)
    next(found)
    assert len(service.asked) == 1
    assert len(list(found)) == 2
    assert [dict(request.url.params) for request in service.asked] == [
        {"q": "a", "limit": "2"},
        {"q": "a", "limit": "2", "cursor": "second"},
    ]


def job(state: str, failure: str = "") -> httpx.Response:
    return httpx.Response(200, json={"id": "job-1", "state": state, "failure": failure, "done": 0.5})


def test_a_job_is_waited_for_until_it_ends() -> None:
    service = Service(job("queued"), job("running"), job("done"))
    assert service.client().wait_for_job("job-1", every=0.1)["state"] == "done"
    assert service.pauses == [0.1, 0.1]
    with pytest.raises(JobError, match="job-1 is failed: no findings"):
        Service(job("failed", "no findings")).client().wait_for_job("job-1")
    with pytest.raises(TimeoutError, match="50% done"):
        Service(job("running")).client().wait_for_job("job-1", seconds=0)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_is_named_by_text_or_by_a_path(kind: Callable[[Path], str | Path], tmp_path: Path) -> None:
    candidates, scores = tmp_path / "candidates.csv", tmp_path / "scores.csv"
    candidates.write_bytes(b"cargo_type\nmirna\n")
    service = Service(httpx.Response(202, json={"id": "batch-1"}), httpx.Response(200, content=b"label\npromoting\n"))
    client = service.client()
    client.save_batch_result(client.send_batch(kind(candidates))["id"], kind(scores))
    assert service.asked[0].content == candidates.read_bytes()
    assert scores.read_bytes() == b"label\npromoting\n"


def test_what_stands_in_a_path_is_one_part_of_it() -> None:
    service = Service(problem(404))
    with pytest.raises(ProblemError):
        service.client().get_finding("../keys?x=1")
    assert service.asked[0].url.raw_path == b"/v1/findings/..%2Fkeys%3Fx%3D1"
    assert service.asked[0].headers["Authorization"] == "Bearer exo_key"
