"""What every request leaves behind: an id in its answer, a line in the log, and counts in the metrics.

Around the application and not in its hooks, since there it costs a third of the time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from service.around import put_around

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

    from service.metrics import Metrics

# Where a request bears its id, and who sent it and what for once that is known.
REQUEST_ID, ROUTE, KEY_ID = "exoscore.request_id", "exoscore.route", "exoscore.key_id"
HEADER = "X-Request-ID"
# What the line of a request tells; its ids are of letters, digits, dots, hyphens and underscores.
TOLD = {"event", "request_id", "route", "method", "status", "duration_ms", "key_id"}
UNMATCHED = "(none)"
# What asks every few seconds for years is logged at the level debug.
PROBES = ("/healthz", "/readyz", "/metrics")
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def init_app(app: Flask, metrics: Metrics) -> None:
    """Follows every request to `app`, timed until its answer begins."""
    log = structlog.get_logger("exoscore.request").bind()
    inner = app.wsgi_app

    def follow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = environ[REQUEST_ID] = given if _SANE.fullmatch(given) else os.urandom(8).hex()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            seconds = perf_counter() - began
            headers.append((HEADER, request_id))
            route, method, code = environ.get(ROUTE, UNMATCHED), environ["REQUEST_METHOD"], int(status[:3])
            metrics.requested(route, method, code, seconds)
            tell = log.debug if route in PROBES and code < 400 else log.info
            tell(
                "request",
                request_id=request_id,
                route=route,
                method=method,
                status=code,
                duration_ms=round(1000 * seconds, 2),
                key_id=environ.get(KEY_ID, ""),
            )
            return start_response(status, headers, *more)

        return inner(environ, start)

    put_around(app, follow)
