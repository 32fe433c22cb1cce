"""How many requests a minute are answered, and how large they may be.

A count of a few lines, since it is on the way of every request: measured, flask-limiter takes longer than all else that is done
around a request together, and its engine, limits, keeps a thread going for what a minute of the clock settles by itself.
"""

from __future__ import annotations

from time import monotonic, time
from typing import TYPE_CHECKING

import structlog

from service.errors import TooManyRequestsError

if TYPE_CHECKING:
    from redis import Redis

WINDOW_SECONDS = 60
# How long a Redis that failed is left alone, and how long it may take.
PATIENCE_SECONDS = 5.0
_REDIS_SECONDS = 0.5

_log = structlog.get_logger(__name__)


class RateLimit:
    """Counts requests by the minute of the clock, in Redis if there is one.

    While Redis does not answer, each process counts for itself, and asks it again every PATIENCE_SECONDS.
    """

    def __init__(self, per_minute: int, redis_url: str = "") -> None:
        self.per_minute = per_minute
        self._policy = ("RateLimit-Policy", f'"requests";q={per_minute};w={WINDOW_SECONDS}')
        self._redis = _redis(redis_url) if redis_url else None
        self._failed = False
        self._ask_from = 0.0
        self._window = 0
        self._counts: dict[str, int] = {}

    def check(self, who: str, headers: list[tuple[str, str]]) -> None:
        """Counts a request of `who`, and adds to `headers` how many more this minute has.

        The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Raises TooManyRequestsError.
        """
        moment = time()
        window = int(moment // WINDOW_SECONDS)
        counted = None if self._redis is None else self._count_together(self._redis, who, window)
        if counted is None:
            if window != self._window:
                self._window, self._counts = window, {}
            # Two threads at once may count as one; a lock would cost more than that is worth.
            self._counts[who] = counted = self._counts.get(who, 0) + 1
        left, wait = self.per_minute - counted, WINDOW_SECONDS - int(moment % WINDOW_SECONDS)
        headers += (self._policy, ("RateLimit", f'"requests";r={max(left, 0)};t={wait}'))
        if left < 0:
            raise TooManyRequestsError(self.per_minute, wait)

    def _count_together(self, server: Redis, who: str, window: int) -> int | None:
        from redis import RedisError

        if self._failed and monotonic() < self._ask_from:
            return None
        key = f"exoscore:requests:{window}:{who}"
        try:
            together = server.pipeline(transaction=False)
            together.incr(key)
            together.expire(key, 2 * WINDOW_SECONDS)
            counted, _ = together.execute()
        except RedisError as error:
            self._ask_from = monotonic() + PATIENCE_SECONDS
            if not self._failed:
                self._failed = True
                _log.warning("Redis does not answer; each worker counts separately", error=type(error).__name__)
            return None
        if self._failed:
            self._failed = False
            _log.info("Redis answers again; the workers share one count")
        return int(counted)


def _redis(address: str) -> Redis:
    # Imported at the first need, since it takes a tenth of a second and most installations do without.
    from redis import Redis

    return Redis.from_url(address, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)
