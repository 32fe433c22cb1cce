"""Who may call what: endpoints name the scope that they need, requests bring a key as `Authorization: Bearer KEY`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from structlog.contextvars import bind_contextvars

from service.errors import AccessError, ForbiddenError
from service.keys import Holder
from service.limits import RateLimit
from service.pages import session
from service.services import services
from service.settings import Settings
from service.web import middleware

# What anyone may do, unless keys are required.
OPEN_SCOPES = ("score",)
_NOBODY = Holder()

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def require(scope: str, *, always: bool | None = None) -> Callable[[Endpoint], Endpoint]:
    """Lets an endpoint be called only by holders of a key with `scope`, before anything of the request is read.

    Unless `always`, anyone may where keys are not required; that is so of the OPEN_SCOPES by default. The endpoint bears
    its scope as `scope`, so that the document of the API tells it and a test can see that every route has one.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        needed = scope not in OPEN_SCOPES if always is None else always
        told = {**getattr(endpoint, "_apidoc", {}), "scope": (scope, needed)}
        vars(endpoint).update(scope=scope, needs_key=needed, _apidoc=told)
        return endpoint

    return mark


def init_app(app: Flask, settings: Settings, limit: RateLimit | None) -> None:
    """Judges every request to `app` before it is handled: who sent it, whether within the limit, and whether they may."""
    required = settings.require_key

    @app.before_request
    def admit() -> None:
        environ, rule = request.environ, request.url_rule
        endpoint = endpoint_of_request()
        if rule is not None:
            environ[middleware.ROUTE] = rule.rule
            bind_contextvars(route=rule.rule)
        needed = getattr(endpoint, "needs_key", False) or required
        holder, refusal = _identify(environ.get("HTTP_AUTHORIZATION"))
        if holder is _NOBODY and refusal is None and session.is_page(request.endpoint):
            # What a person reads without a key stays open to one whose key is not good any more.
            holder, g.refusal = _of_visitor()
            refusal = g.refusal if needed else None
        g.holder = holder
        environ[middleware.KEY_ID] = holder.key_id
        if limit is not None and not getattr(endpoint, "unlimited", False):
            limit.check(holder.key_id or f"address {environ.get('REMOTE_ADDR')}", environ[middleware.HEADERS])
        if most := getattr(endpoint, "max_body_bytes", None):
            request.max_content_length = most
        if getattr(endpoint, "takes_files", False):
            request.max_content_length = settings.batch_mebibytes * 1024**2
        scope: str | None = getattr(endpoint, "scope", None)
        if scope is None:
            return
        if refusal is not None:
            raise refusal
        if not needed:
            return
        if holder is _NOBODY:
            raise AccessError("send a key, as Authorization: Bearer KEY; `exoscore keys create` makes one")
        if scope not in holder.scopes:
            raise ForbiddenError(scope, holder.scopes)


def author() -> str:
    """Whom the audit names for what the current request does."""
    holder: Holder = g.holder
    return holder.author


def endpoint_of_request() -> Callable[..., Any] | None:
    """The function that the current request is for, by its address and method; None where there is none."""
    view = current_app.view_functions.get(request.endpoint or "")
    of_methods = getattr(view, "view_class", None)
    return view if of_methods is None else getattr(of_methods, request.method.lower(), None)


def _of_visitor() -> tuple[Holder, AccessError | None]:
    """The holder of the key that a person gave to the pages, or nobody and why the key is refused."""
    secret = session.key()
    return _identify(f"Bearer {secret}" if secret else None)


def _identify(header: str | None) -> tuple[Holder, AccessError | None]:
    """The holder of the key in an Authorization header, or nobody and why the key is refused."""
    if not header:
        return _NOBODY, None
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        return _NOBODY, AccessError("the Authorization header is not of the form Bearer KEY")
    try:
        return services().keys.holder(secret.strip()), None
    except AccessError as error:
        return _NOBODY, error
