"""A key, or an address, gets so many answers a minute; Redis counts for all workers, and its absence stops nobody."""

from __future__ import annotations

from pathlib import Path
from time import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from service import Settings, create_app
from service.auth.rate_limit import PATIENCE_SECONDS, WINDOW_SECONDS, RateLimit
from service.errors import TooManyRequestsError
from service.monitoring.logs import configure
from service.web.current import installation_of
from tests.servers import Redis, free_port

ADDRESS = "/v1/vocabulary?field=species"


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock that the limits look at; it stands still, ten seconds into a minute."""
    clock = [time() // WINDOW_SECONDS * WINDOW_SECONDS + 10.0]
    monkeypatch.setattr("service.auth.rate_limit.time", lambda: clock[0])
    return clock


@pytest.fixture
def service(tmp_path: Path) -> Flask:
    return create_app(Settings(var=tmp_path, rate_limit=3))


def asked(limit: RateLimit, times: int, who: str = "anna") -> int:
    """How many of so many requests are let through."""
    through = 0
    for _ in range(times):
        try:
            limit.check(who, [])
        except TooManyRequestsError:
            continue
        through += 1
    return through


def test_the_request_beyond_the_limit_gets_a_problem_that_says_when_to_ask_again(
    service: Flask, moment: list[float]
) -> None:
    client = service.test_client()
    answers = [client.get(ADDRESS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [f'"requests";r={left};t=50' for left in (2, 1, 0, 0)]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"requests";q=3;w=60'}
    problem = answers[3].get_json()
    assert (answers[3].mimetype, problem["status"]) == ("application/problem+json", 429)
    assert answers[3].headers["Retry-After"] == "50"
    assert "50 s" in problem["detail"]
    moment[0] += int(answers[3].headers["Retry-After"])
    assert client.get(ADDRESS).status_code == 200


def test_every_key_and_every_address_has_a_count_of_its_own(service: Flask) -> None:
    keys = [installation_of(service).keys.create(name, ["score"], "tests") for name in ("anna", "ben")]
    client = service.test_client()

    def answers(address: str = "10.0.0.1", **headers: str) -> list[int]:
        where = {"REMOTE_ADDR": address}
        return [client.get(ADDRESS, headers=headers, environ_overrides=where).status_code for _ in range(4)]

    one_minute = [200, 200, 200, 429]
    assert answers() == answers("10.0.0.2") == one_minute
    assert [answers(Authorization=f"Bearer {key}") for key in keys] == [one_minute, one_minute]
    assert answers("10.0.0.3", Authorization=f"Bearer {keys[0]}") == [429] * 4


def test_who_tries_keys_is_counted_by_address(service: Flask) -> None:
    client = service.test_client()
    made_up = [f"exo_{number:010d}_{'x' * 43}" for number in range(4)]
    answers = [client.get("/v1/keys", headers={"Authorization": f"Bearer {key}"}).status_code for key in made_up]
    assert answers == [401, 401, 401, 429]


def test_probes_are_answered_however_often_they_ask(service: Flask) -> None:
    client = service.test_client()
    for _ in range(5):
        answer = client.get("/healthz")
        assert (answer.status_code, "RateLimit" in answer.headers) == (200, False)
        assert client.get("/readyz").status_code == 503
    assert client.get(ADDRESS).status_code == 200


@pytest.mark.parametrize("text", ["0", ""])
def test_no_limit_leaves_no_trace(tmp_path: Path, text: str) -> None:
    settings = Settings.read({"EXOSCORE_RATE_LIMIT": text, "EXOSCORE_VAR": str(tmp_path)})
    client: FlaskClient = create_app(settings).test_client()
    assert not {"RateLimit", "RateLimit-Policy"} & set(client.get(ADDRESS).headers.keys())


def test_two_processes_share_one_count_in_redis(redis_server: Redis) -> None:
    first, second = (RateLimit(5, redis_server.address) for _ in range(2))
    assert asked(first, 3, "shared") + asked(second, 3, "shared") == 5
    alone, other = RateLimit(5), RateLimit(5)
    assert asked(alone, 6) + asked(other, 6) == 10


def test_redis_that_goes_and_comes_stops_nobody_and_is_told_once_each(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("service.auth.rate_limit.monotonic", lambda: clock[0])
    limit = RateLimit(5, redis_server.address)
    configure(Settings())
    with capture_logs() as told:
        assert asked(limit, 2, "comes") == 2
        redis_server.stop()
        try:
            assert asked(limit, 7, "comes") == 5
        finally:
            redis_server.start()
        assert asked(limit, 1, "comes") == 0
        clock[0] += PATIENCE_SECONDS
        assert asked(limit, 4, "comes") == 3
    assert [line["event"].partition(";")[0] for line in told] == ["Redis does not answer", "Redis answers again"]


def test_an_application_whose_redis_was_never_there_answers(tmp_path: Path) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    client = create_app(Settings(var=tmp_path, rate_limit=2, redis_url=nowhere)).test_client()
    assert [client.get(ADDRESS).status_code for _ in range(3)] == [200, 200, 429]
