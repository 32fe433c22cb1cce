"""WSGI middleware around the whole application: security headers, and an id, a place in a trace, a turn, a log line and counts
for every request."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from structlog.contextvars import bind_contextvars, reset_contextvars

from service.monitoring.telemetry import Span
from service.trace_context import TraceContext
from service.web.bodies import BodyWatch
from service.web.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from service.installation import Installation

# In the environ: headers of the response that are known before there is one, the id of the request, the turns of the worker, and
# what is known of it once the application has matched and authenticated it: the template of its route, and the id of the key that
# it bears.
HEADERS, REQUEST_ID, TURNS = "exoscore.headers", "exoscore.request_id", "exoscore.turns"
ROUTE, KEY_ID = "exoscore.route", "exoscore.key_id"
UNMATCHED = "(none)"
# What is requested every few seconds for years is logged at the level debug, and is no span.
LIVE, READY = "/v2/health/live", "/v2/health/ready"
PROBES = ("/healthz", "/readyz", "/metrics", LIVE, READY)
CONTENT_SECURITY_POLICY = "Content-Security-Policy"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
)
_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def content_security_policy(**changed: str) -> str:
    """The Content-Security-Policy of the pages, with directives changed (`style_src` for style-src)."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class RequestMiddleware:
    """Gives every request an id and a turn, and its response the security headers, and counts and logs it when the response
    begins.

    A page that needs another policy has set it itself. No cache may keep what the holder of a key was sent.
    """

    def __init__(self, application: WSGIApplication, installation: Installation, turns: Turns) -> None:
        self._application = application
        self._metrics, self._telemetry = installation.metrics, installation.telemetry
        self._turns = turns
        self._bodies = BodyWatch(turns)
        self._policy = (CONTENT_SECURITY_POLICY, content_security_policy())
        self._log = structlog.get_logger("exoscore.request").bind()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request by the application."""
        began = perf_counter()
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if not _SAFE_REQUEST_ID.fullmatch(request_id):
            request_id = os.urandom(8).hex()
        environ[REQUEST_ID] = request_id
        # Granian says that a body ends where it ends, though it may have been cut: werkzeug is to count what came.
        environ.pop("wsgi.input_terminated", None)
        environ[TURNS] = self._turns
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = self._bodies.body_of(environ)
        span = self._begin_span(environ)
        answered = (("X-Request-ID", request_id), ("traceparent", span.context.traceparent))
        extra = environ[HEADERS] = [*SECURITY_HEADERS, *answered]

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if "HTTP_AUTHORIZATION" in environ:
                headers[:] = [header for header in headers if header[0] != "Cache-Control"]
                headers.append(("Cache-Control", "no-store"))
            if all(name != CONTENT_SECURITY_POLICY for name, _ in headers):
                headers.append(self._policy)
            headers += extra
            self._record(environ, int(status[:3]), perf_counter() - began, span)
            return start_response(status, headers, *exc_info)

        # Whatever is logged meanwhile bears the id of the request and of its trace, and its route once that is matched.
        tokens = bind_contextvars(request_id=request_id, route=UNMATCHED, **span.context.log_members)
        # Whether the process lives must be known when all turns are taken, too.
        if environ["PATH_INFO"] not in PROBES:
            self._turns.take()
        try:
            return self._application(environ, start)
        finally:
            self._turns.leave()
            reset_contextvars(**tokens)
            # Werkzeug keeps the request in what the request keeps: both, with the body, would stay until a collector comes.
            environ.pop("werkzeug.request", None)

    def _begin_span(self, environ: WSGIEnvironment) -> Span:
        parent = None
        if "HTTP_TRACEPARENT" in environ:
            parent = TraceContext.read(environ["HTTP_TRACEPARENT"], environ.get("HTTP_TRACESTATE", ""))
        if environ["PATH_INFO"] in PROBES:
            return Span(TraceContext.begin(parent))
        return self._telemetry.begin(parent, is_request=True)

    def _record(self, environ: WSGIEnvironment, status: int, seconds: float, span: Span) -> None:
        route, method = environ.get(ROUTE, UNMATCHED), environ["REQUEST_METHOD"]
        self._metrics.requested(route, method, status, seconds)
        attributes = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        span.end(f"{method} {route}", attributes, failed=status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        log = self._log.debug if route in PROBES and status < 400 else self._log.info
        log(
            "request",
            method=method,
            status=status,
            duration_ms=round(1000 * seconds, 2),
            key_id=environ.get(KEY_ID, ""),
        )
