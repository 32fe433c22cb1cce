"""Requests and their answers: what is sent again, and when."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from exoscore_client.errors import ProblemError

ADDRESS = "http://127.0.0.1:8000"
TOO_MANY, UNAVAILABLE = 429, 503
_FIRST_PAUSE_SECONDS = 0.2
_REPEATABLE = ("GET", "DELETE")


class Transport:
    """Asks one service, with or without a key.

    A request that changes nothing, or that says it is the same by an Idempotency-Key, is sent up to `attempts` times while the
    connection breaks or the service is unavailable (503); any request is when it was one too many (429). A pause is that of
    Retry-After; where that is longer than `longest_pause` seconds, the problem is raised instead. Raises ProblemError for
    every answer that is an error, and httpx.TransportError where there is none.
    """

    def __init__(
        self,
        address: str = ADDRESS,
        key: str = "",
        *,
        timeout: float = 60.0,
        attempts: int = 4,
        longest_pause: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts
        self._longest_pause = longest_pause
        self._sleep = sleep
        self._deprecated: set[str] = set()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        accept_statuses: tuple[int, ...] = (),
    ) -> httpx.Response:
        """The answer to a request; `accept_statuses` are those that are no errors here."""
        stated = {name: value for name, value in (query or {}).items() if value is not None}
        sent = {**_trace_headers(), **(headers or {})}
        request = self._http.build_request(method, path, params=stated, json=body, content=content, headers=sent)
        again = repeatable or method in _REPEATABLE
        for attempt in range(1, self._attempts + 1):
            usual = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
            last = attempt == self._attempts
            try:
                response = self._http.send(request)
            except httpx.TransportError:
                if last or not again:
                    raise
                self._sleep(usual)
                continue
            self._warn_if_deprecated(response)
            if response.is_success or response.status_code in accept_statuses:
                return response
            temporary = response.status_code == TOO_MANY or (response.status_code == UNAVAILABLE and again)
            wait = _wait(response, usual)
            if last or not temporary or wait > self._longest_pause:
                raise ProblemError.of(response)
            self._sleep(wait)
        raise ValueError("a request is sent at least once")

    def _warn_if_deprecated(self, response: httpx.Response) -> None:
        """Warns of what the service will remove, of each route once."""
        link = response.links.get("deprecation", {})
        name = link.get("title", f"{response.request.method} {response.url.path}")
        if "Deprecation" not in response.headers or name in self._deprecated:
            return
        self._deprecated.add(name)
        until = response.headers.get("Sunset", "a day that is not set yet")
        manual = response.url.join(link.get("url", "/help/"))
        warnings.warn(f"{name} is deprecated, and works until {until}: see {manual}", DeprecationWarning, stacklevel=5)

    def _json(self, method: str, path: str, **given: Any) -> Any:
        return self._request(method, path, **given).json()

    def _pages(self, path: str, member: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """What all pages of a list hold, each page asked for when it is needed."""
        asked = dict(query)
        while True:
            page = self._json("GET", path, query=asked)
            yield from page[member]
            if page["next"] is None:
                return
            # Some lists tell the address of the next page, others its cursor alone.
            (asked["cursor"],) = parse_qs(urlsplit(page["next"]).query).get("cursor", [page["next"]])


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _trace_headers() -> dict[str, str]:
    """The headers that name the span of OpenTelemetry that this program is in, if it uses OpenTelemetry."""
    carrier: dict[str, str] = {}
    if propagate := sys.modules.get("opentelemetry.propagate"):
        propagate.inject(carrier)
    return carrier


def _wait(response: httpx.Response, usual: float) -> float:
    """The seconds that Retry-After asks for."""
    told = response.headers.get("Retry-After", "")
    if told.isdecimal():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return usual
