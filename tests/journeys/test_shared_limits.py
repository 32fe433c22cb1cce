"""Two real workers and a limit: with Redis they share one count, without it each has its own, as the setting says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from models.estimator.artifact import Bundle
from service.settings import SETTINGS
from tests.journeys.lab import Lab, make_lab
from tests.servers import Redis
from tests.waiting import wait_until

LIMIT, WORKERS, ASKED = 30, 2, 240


@pytest.fixture(params=["redis", "alone"])
def lab(request: pytest.FixtureRequest, tmp_path: Path, produced: Bundle) -> Iterator[Lab]:
    """A running installation of two workers, with Redis or without."""
    address = ""
    if request.param == "redis":
        server: Redis = request.getfixturevalue("redis_server")
        address = server.address
    lab = make_lab(tmp_path / "var", produced, redis_url=address, rate_limit=LIMIT, workers=WORKERS)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def asked_within_a_minute(lab: Lab, **headers: str) -> list[httpx.Response]:
    """Answers to requests on connections of their own, all within one minute of the clock."""

    def ask(_: int) -> httpx.Response:
        with httpx.Client(base_url=lab.address, timeout=30, verify=False, headers=headers) as client:
            return client.get("/v1/vocabulary")

    # Answers over the end of a minute say nothing; then all begins anew with the next one.
    for _ in range(5):
        wait_until(lambda: time.time() % 60 < 30)
        minute = time.time() // 60
        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(ask, range(ASKED)))
        if time.time() // 60 == minute:
            return answers
        time.sleep(60 - time.time() % 60)
    raise AssertionError("too slow to say anything")


def test_one_count_is_shared_with_redis_and_each_worker_counts_for_itself_without(lab: Lab) -> None:
    answers = asked_within_a_minute(lab)
    passed = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(passed) + len(refused) == ASKED
    if lab.settings.redis_url:
        assert len(passed) == LIMIT
        left = sorted(int(answer.headers["RateLimit"].split("r=")[1].split(";")[0]) for answer in passed)
        assert left == list(range(LIMIT)), "every one was counted once, by whichever worker"
    else:
        assert LIMIT < len(passed) <= WORKERS * LIMIT
        (told,) = (setting.help for setting in SETTINGS if setting.name == "rate_limit")
        assert "Each worker counts separately" in told
    for answer in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit-Policy"] == f'"requests";q={LIMIT};w=60'
        assert answer.headers["RateLimit"].startswith('"requests";r=0;t=')
    with_key = asked_within_a_minute(lab, Authorization=f"Bearer {lab.key}")
    assert any(answer.status_code == 200 for answer in with_key), "a key has a count of its own"
    assert lab.client.get("/healthz").status_code == 200
