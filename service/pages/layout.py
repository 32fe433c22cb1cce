"""A template as an answer: a whole page in the frame that all pages share, or a fragment that goes into one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g, get_flashed_messages, request, url_for

from models.errors import ExoscoreError
from service.keys import Principal
from service.pages import session, static_files
from service.pages.navigation import ENTRIES, Entry
from service.pages.rendering import render
from service.services import services

STYLE_SHEETS = ("figures.css", "base.css", "report.css", "pages.css", "compare.css")
HTMX = "vendor/htmx-4.0.1.min.js"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of a page shows: where it leads, whose key is in use or why it is refused, what was just done, and
    which model answers."""

    holder: Principal | None
    refused: str
    told: str
    model: str
    entries: tuple[Entry, ...] = ENTRIES
    style_sheets: tuple[str, ...] = STYLE_SHEETS
    htmx: str = HTMX

    def may(self, scope: str) -> bool:
        """Whether the key that is in use has a scope."""
        return self.holder is not None and scope in self.holder.scopes

    def current(self, entry: Entry) -> bool:
        """Whether the page belongs to an entry of the navigation."""
        return f"{request.blueprint}.".startswith(f"{entry.blueprint}.")


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    """A whole page; its template extends base.html."""
    return _answer(render(template, frame=_frame(), **_functions(), **context), status)


def fragment(template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    """A part of a page, that htmx puts into its place."""
    return _answer(render(template, **_functions(), **context), status)


def wants_fragment() -> bool:
    """Whether htmx asks, for a part of the page that is shown."""
    return "HX-Request" in request.headers


def _functions() -> dict[str, object]:
    return {"url_for": url_for, "static": static_files.address, "token": session.csrf_token}


def _answer(markup: str, status: HTTPStatus) -> Response:
    # What was typed and is no UTF-8 is shown as a question mark.
    response = Response(markup.encode("utf-8", "replace"), status, mimetype="text/html")
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.vary.update(("Accept", "Cookie", "HX-Request"))
    return response


def _frame() -> Frame:
    """The frame; it stands even where the store does not answer."""
    holder: Principal | None = g.get("principal")
    model = ""
    # The foot says which model answers where that is known.
    with suppress(ExoscoreError):
        model = services().registry.current_id() or ""
    told = " ".join(str(message) for message in get_flashed_messages())
    return Frame(holder if holder and holder.key_id else None, str(g.get("session_refusal") or ""), told, model)
