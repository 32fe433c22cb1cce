"""A problem as a page, for whoever looks at it in a browser. Programs, and all of the API, get the document."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

from service.access import policy_of_request
from service.pages import key, layout, session

_PROGRAMS = ("/v1/", "/metrics", "/healthz", "/readyz", "/openapi.json", "/static/")
_NO_KEY, _OTHER_KEY = "urn:exoscore:problem:unauthorized", "urn:exoscore:problem:forbidden"
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
    needs_key = problem["type"] in (_NO_KEY, _OTHER_KEY) and session.is_page(request.endpoint)
    in_words = _in_words(problem["type"]) if needs_key else ""
    if needs_key and posted:
        context |= {"again": request.path, "sent": key.sent(), "files": bool(request.files)}
    else:
        context |= {"again": "", "sent": (), "files": False}
    return layout.page("problem.html", status, needs_key=needs_key, in_words=in_words, says="", **context)


def _in_words(kind: str) -> str:
    """What a person is told who needs a key, or another one; empty where a key was refused, which is told as it is."""
    if g.get("session_refusal"):
        return ""
    scope = policy_of_request().scope
    if kind == _NO_KEY:
        return f"This needs a key with the scope {scope}. Paste yours below."
    return f"The key in use does not have the scope {scope}, which this needs. Paste one below that has."


def _wanted() -> bool:
    """Whether the current request is a browser's, for a page."""
    if request.path.startswith(_PROGRAMS):
        return False
    return request.accept_mimetypes.best_match([*_DOCUMENTS, "text/html"]) == "text/html"
