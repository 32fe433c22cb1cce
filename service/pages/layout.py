"""A template as an answer: a whole page in the layout that all pages share, or a fragment that goes into one."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from importlib.metadata import metadata
from typing import Any

from flask import Response, g, get_flashed_messages, request, url_for

from models.errors import ExoscoreError
from service.auth.keys import Principal
from service.pages import static_files
from service.pages.rendering import render
from service.web import session
from service.web.current import current_installation

# The menu: what each section is called, and its first page.
SECTIONS = (
    ("Score", "pages.score.score"),
    ("Compare", "pages.compare.compare"),
    ("Design", "pages.design.design"),
    ("Batch", "pages.batch_uploads.begin"),
    ("Findings", "pages.findings.browse"),
    ("Models", "pages.models.list_models"),
    ("API", "documentation.docs"),
)
_SOURCE_LABELS = ("source", "repository")


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    """A whole page; its template extends base.html."""
    return fragment(template, status, frame=_page_context(), **context)


def fragment(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    """A part of a page, that htmx puts into its place."""
    markup = render(template, url_for=url_for, static=static_files.address, token=session.csrf_token, **context)
    # What was typed and is no UTF-8 is shown as a question mark.
    response = Response(markup.encode("utf-8", "replace"), status, mimetype="text/html")
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.vary.update(("Accept", "Cookie", "HX-Request"))
    return response


def progress(template: str, context: Mapping[str, Any]) -> Response:
    """The part of a page that moves while a job is `open`; once the job has ended it has the page loaded anew."""
    response = fragment(template, **context)
    if not context["open"]:
        response.headers["HX-Refresh"] = "true"
    return response


def wants_fragment() -> bool:
    """Whether htmx asks, for a part of the page that is shown."""
    return "HX-Request" in request.headers


def _page_context() -> dict[str, Any]:
    """What the layout of a page shows: the menu, whose key is in use or why it is refused, what was just done, the version of
    the product and its model, and the path of the page. It can be made even where the store does not answer."""
    holder: Principal | None = g.get("principal")
    model = contact = ""
    # The foot names the model that answers, where that is known.
    with suppress(ExoscoreError):
        installation = current_installation()
        contact = installation.settings.contact
        model = installation.registry.current_id() or ""
    return {
        "holder": holder if holder and holder.key_id else None,
        "refused": str(g.get("session_refusal") or ""),
        "flashed": " ".join(map(str, get_flashed_messages())) if session.is_page(request.endpoint) else "",
        "menu": SECTIONS,
        "contact": contact,
        "model": model,
        "path": request.path,
        **_package(),
    }


@cache
def _package() -> dict[str, str]:
    """The version of the product, and where its source is published; empty where the package names no such address."""
    package = metadata("exoscore")
    links = (link.partition(", ") for link in package.get_all("Project-URL") or ())
    source = next((address for label, _, address in links if label.lower() in _SOURCE_LABELS), "")
    return {"version": package["Version"], "source": source}
