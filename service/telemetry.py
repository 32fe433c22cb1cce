"""What every request leaves behind: an id in its answer, a line in the log, and counts in the metrics."""

from __future__ import annotations

import os
import re
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

from service.metrics import Metrics

REQUEST_ID = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What asks every few seconds for years is logged at the level debug.
PROBES = ("/healthz", "/readyz", "/metrics")
UNMATCHED = "(none)"


def init_app(app: Flask, metrics: Metrics) -> None:
    """Follows every request to `app`. Before all other hooks, so that the whole answer is timed."""
    log = structlog.get_logger("exoscore.request")

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if _SANE.fullmatch(given) else os.urandom(8).hex()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = perf_counter() - g.began
        response.headers[REQUEST_ID] = g.request_id
        route = request.url_rule.rule if request.url_rule else UNMATCHED
        metrics.requested(route, request.method, response.status_code, seconds)
        tell = log.debug if route in PROBES and response.status_code < 400 else log.info
        tell(
            "request",
            request_id=g.request_id,
            route=route,
            method=request.method,
            status=response.status_code,
            duration_ms=round(1000 * seconds, 2),
            key_id=g.holder.key_id if "holder" in g else "",
        )
        return response
