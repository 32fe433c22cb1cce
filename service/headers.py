"""Headers that every answer has, so that a browser does with it only what the service means."""

from __future__ import annotations

from flask import Flask, Response, request

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
CONTENT_SECURITY_POLICY = "Content-Security-Policy"


def policy(**changed: str) -> str:
    """The Content-Security-Policy of the pages, with directives changed (`style_src` for style-src)."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
)
_POLICY = (CONTENT_SECURITY_POLICY, policy())


def init_app(app: Flask) -> None:
    """Sets the headers on every answer of `app`; a page that needs another policy has set it itself."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.extend(ALWAYS)
        if CONTENT_SECURITY_POLICY not in response.headers:
            response.headers.extend((_POLICY,))
        if "Authorization" in request.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
