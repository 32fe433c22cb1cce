"""How many requests a minute are answered, and how large they may be."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, g
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from redis import RedisError

from service.errors import TooManyRequestsError
from service.settings import Settings

MAX_BODY_BYTES = 16 * 1024 * 1024
# How long a Redis that failed is left alone, and how long it may take.
PATIENCE_SECONDS = 5.0
_REDIS_SECONDS = 0.5

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_log = structlog.get_logger(__name__)


def init_app(app: Flask, settings: Settings) -> RateLimit | None:
    """The limit that `settings` ask for, told in the headers of the answers of `app`; None, and no hook, without one.

    The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
    """
    if not settings.rate_limit:
        return None
    limit = RateLimit(settings.rate_limit, settings.redis_url)
    policy = ("RateLimit-Policy", f'"requests";q={limit.per_minute};w=60')

    @app.after_request
    def tell(response: Response) -> Response:
        refused = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        if refused or "requests_left" in g:
            until = f";t={response.headers['Retry-After']}" if refused else ""
            response.headers.extend((policy, ("RateLimit", f'"requests";r={g.get("requests_left", 0)}{until}')))
        return response

    return limit


def accept_bytes(most: int) -> Callable[[Endpoint], Endpoint]:
    """Lets an endpoint take bodies of up to `most` bytes, instead of MAX_BODY_BYTES. Beside @require, below the others."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.max_body_bytes = most  # type: ignore[attr-defined]
        return endpoint

    return mark


def unlimited(endpoint: Endpoint) -> Endpoint:
    """Answers an endpoint however often it is asked: probes, whose silence would get the service restarted."""
    endpoint.unlimited = True  # type: ignore[attr-defined]
    return endpoint


class RateLimit:
    """Counts requests in windows of a minute, in Redis if there is one.

    While Redis does not answer, each process counts for itself, and asks it again every PATIENCE_SECONDS.
    """

    def __init__(self, per_minute: int, redis_url: str = "") -> None:
        self.per_minute = per_minute
        self._item = RateLimitItemPerMinute(per_minute)
        options: dict[str, float] = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
        self._redis = RedisStorage(redis_url, key_prefix="exoscore", **options) if redis_url else None
        self._ask_redis_from = float("-inf")

    @cached_property
    def _memory(self) -> MemoryStorage:
        # Made at the first need: it starts a thread, and workers are forked before.
        return MemoryStorage()

    def count(self, who: str) -> int:
        """Counts a request of `who`, and tells how many more this minute has. Raises TooManyRequestsError."""
        key = self._item.key_for(who)
        storage, counted = self._counted(key)
        if counted > self.per_minute:
            ends = self._ends(storage, key)
            raise TooManyRequestsError(self.per_minute, max(1, round(ends - time.time())))
        return self.per_minute - counted

    def _counted(self, key: str) -> tuple[MemoryStorage | RedisStorage, int]:
        if self._redis is not None and time.monotonic() >= self._ask_redis_from:
            try:
                counted = self._redis.incr(key, self._item.get_expiry())
            except RedisError as error:
                if self._ask_redis_from == float("-inf"):
                    _log.warning("Redis does not answer; each worker counts requests for itself", error=type(error).__name__)
                self._ask_redis_from = time.monotonic() + PATIENCE_SECONDS
            else:
                if self._ask_redis_from != float("-inf"):
                    self._ask_redis_from = float("-inf")
                    _log.info("Redis answers again; the workers count requests together")
                return self._redis, counted
        return self._memory, self._memory.incr(key, self._item.get_expiry())

    def _ends(self, storage: MemoryStorage | RedisStorage, key: str) -> float:
        try:
            return storage.get_expiry(key)
        except RedisError:
            return time.time() + self._item.get_expiry()
