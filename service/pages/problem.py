"""A problem as a page, for whoever looks at it in a browser. Programs, and all of the API, get the document."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request

from service.pages import key, layout, session

_PROGRAMS = ("/v1/", "/metrics", "/healthz", "/readyz", "/openapi.json", "/static/")
_DOCUMENTS = ("application/problem+json", "application/json")


def page(problem: Mapping[str, Any]) -> Response | None:
    """The page of a problem, or the part of one where htmx asked; None for whoever wants the document."""
    if not _wanted():
        return None
    status = HTTPStatus(problem["status"])
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    posted = request.method == "POST"
    context: dict[str, object] = {"problem": problem, "back": back, "posted": posted}
    if layout.wants_fragment():
        return layout.fragment("problem_fragment.html", status, **context)
    needs_key = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and session.is_page(request.endpoint)
    if needs_key and posted:
        context |= {"again": request.path, "sent": key.sent(), "files": bool(request.files)}
    else:
        context |= {"again": "", "sent": (), "files": False}
    return layout.page("problem.html", status, needs_key=needs_key, says="", **context)


def _wanted() -> bool:
    """Whether the current request is a browser's, for a page."""
    if request.path.startswith(_PROGRAMS):
        return False
    return request.accept_mimetypes.best_match([*_DOCUMENTS, "text/html"]) == "text/html"
