"""A problem as a page, for a browser. Programs, and all of the API, get the document."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, g, request, url_for

from service.pages import layout, sign_in
from service.web import session
from service.web.access import policy_of_request

_PROGRAMS = ("/v1/", "/metrics", "/healthz", "/readyz", "/openapi.json", "/static/")
_NO_KEY, _OTHER_KEY = "urn:exoscore:problem:unauthorized", "urn:exoscore:problem:forbidden"
# The longest address of a section first, so that the nearest way out is the first.
_SECTIONS = (
    ("All jobs", "pages.model_jobs.list_jobs"),
    ("Search the findings", "pages.findings.browse"),
    ("Score a file", "pages.batch_uploads.begin"),
    ("Compare candidates", "pages.compare.compare"),
    ("All models", "pages.models.list_models"),
    ("Sign in", "pages.key.show"),
)
_DOCUMENTS = ("application/problem+json", "application/json")


def page(problem: Mapping[str, Any]) -> Response | None:
    """The page of a problem, or the part of one where htmx asked; None for whoever wants the document."""
    if not _is_wanted():
        return None
    status = HTTPStatus(problem["status"])
    if layout.wants_fragment():
        return layout.fragment("problem_fragment.html", status, problem=problem)
    posted = request.method == "POST"
    needs_key = problem["type"] in (_NO_KEY, _OTHER_KEY) and session.is_page(request.endpoint)
    sent = sign_in.sent() if needs_key and posted else None
    send_again = sent is not None
    return layout.page(
        "problem.html",
        status,
        problem=problem,
        back=request.full_path.rstrip("?") if request.method == "GET" else "",
        posted=posted,
        needs_key=needs_key,
        # A key that was refused is spoken of by the problem itself.
        needed_scope="" if g.get("session_refusal") else policy_of_request().scope or "score",
        has_key=problem["type"] != _NO_KEY,
        says="",
        hours=sign_in.HOURS,
        ways=_ways_out(request.path),
        again=request.path if send_again else "",
        sent=sent or (),
        files=not send_again or bool(request.files),
    )


def _ways_out(path: str) -> list[tuple[str, str]]:
    """Where a reader may go on from the page of a problem: the section that its address is in, if any, then the first page."""
    sections = [(title, url_for(endpoint)) for title, endpoint in _SECTIONS]
    return [way for way in sections if path == way[1] or path.startswith(f"{way[1]}/")] + [
        ("Score a candidate", url_for("pages.score.score"))
    ]


def _is_wanted() -> bool:
    """Whether the current request is a browser's, for a page."""
    if request.path.startswith(_PROGRAMS):
        return False
    return request.accept_mimetypes.best_match([*_DOCUMENTS, "text/html"]) == "text/html"
