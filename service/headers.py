"""Headers that every answer has, so that a browser does with it only what the service means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from service.around import put_around

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Headers of a request's answer that are known before there is one.
EXTRA = "exoscore.headers"
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
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
)


def policy(**changed: str) -> str:
    """The Content-Security-Policy of the pages, with directives changed (`style_src` for style-src)."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def init_app(app: Flask) -> None:
    """Sets the headers on every answer of `app`; a page that needs another policy has set it itself.

    What was answered to the holder of a key is not to be kept by any cache.
    """
    inner = app.wsgi_app
    usual = (CONTENT_SECURITY_POLICY, policy())

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        extra: list[tuple[str, str]] = list(ALWAYS)
        environ[EXTRA] = extra

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if "HTTP_AUTHORIZATION" in environ:
                headers[:] = [header for header in headers if header[0] != "Cache-Control"]
                extra.append(("Cache-Control", "no-store"))
            if not any(name == CONTENT_SECURITY_POLICY for name, _ in headers):
                extra.append(usual)
            headers += extra
            return start_response(status, headers, *more)

        return inner(environ, start)

    put_around(app, answer)
