"""Who may call what: every endpoint has a policy, every request a principal, known by its `Authorization: Bearer KEY`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from structlog.contextvars import bind_contextvars

from service.auth.keys import SCOPES, Principal
from service.auth.rate_limit import RateLimit
from service.errors import AccessError, ForbiddenError
from service.settings import Settings
from service.web import middleware, session
from service.web.current import current_installation

# What anyone may do, unless keys are required.
OPEN_SCOPES = ("score",)
MAX_BODY_BYTES = 16 * 1024 * 1024
LINES = "application/x-ndjson"
ANONYMOUS = Principal()

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class EndpointPolicy:
    """What an endpoint asks of a request, before anything of its body is read.

    `scope` is what a key must have (None: no key is ever needed); unless `needs_key`, a key is needed only where the settings
    require one. `exempt_from_rate_limit` is for probes, whose silence would get the service restarted. With `allow_uploads` a
    body may be as large as the settings allow a file of candidates to be, instead of MAX_BODY_BYTES; with `allow_lines` one of
    the media type LINES may, and may come in chunks.
    """

    scope: str | None
    needs_key: bool = False
    exempt_from_rate_limit: bool = False
    allow_uploads: bool = False
    allow_lines: bool = False


def require(scope: str | None, *, needs_key: bool | None = None, **exceptions: bool) -> Callable[[Endpoint], Endpoint]:
    """Gives an endpoint its policy, as its attribute `policy`, with `exceptions` as EndpointPolicy names them. Without
    `needs_key`, all but the OPEN_SCOPES need a key.

    Raises ValueError for a scope that there is not.
    """
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"there is no scope {scope!r}")
    if needs_key is None:
        needs_key = scope is not None and scope not in OPEN_SCOPES
    policy = EndpointPolicy(scope, needs_key, **exceptions)

    def mark(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)["policy"] = policy
        return endpoint

    return mark


def policy_of(view: Callable[..., Any]) -> EndpointPolicy:
    """The policy of an endpoint. Raises TypeError where it has none."""
    policy = getattr(view, "policy", None)
    if not isinstance(policy, EndpointPolicy):
        raise TypeError(f"{view} has no policy: decorate it with service.web.access.require")
    return policy


def check_policies(app: Flask) -> None:
    """Raises TypeError where a view of `app` has no policy."""
    for view in app.view_functions.values():
        policy_of(view)


def init_app(app: Flask, settings: Settings, limit: RateLimit | None) -> None:
    """Judges every request to `app` before it is handled: who sent it, whether within the limit, and whether they may."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def authorize() -> None:
        environ, rule = request.environ, request.url_rule
        if rule is not None:
            environ[middleware.ROUTE] = rule.rule
            bind_contextvars(route=rule.rule)
        policy = policy_of_request()
        needs_key = policy.scope is not None and (policy.needs_key or settings.require_key)
        refusal = _authenticate()
        principal: Principal = g.principal
        environ[middleware.KEY_ID] = principal.key_id
        if limit is not None and not policy.exempt_from_rate_limit:
            limit.check(principal.key_id or f"address {environ.get('REMOTE_ADDR')}", environ[middleware.HEADERS])
        if policy.allow_uploads or is_in_lines():
            request.max_content_length = settings.batch_mebibytes * 1024**2
        if policy.scope is None:
            return
        # What is open stays so to a person the key of whose session is not good any more.
        if refusal is not None and (needs_key or refusal is not g.session_refusal):
            raise refusal
        if not needs_key:
            return
        if principal is ANONYMOUS:
            raise AccessError("Send a key as Authorization: Bearer KEY. Ask whoever runs this server for one.")
        if policy.scope not in principal.scopes:
            raise ForbiddenError(policy.scope, principal.scopes)


def policy_of_request() -> EndpointPolicy:
    """The policy of the endpoint that the current request is for; that of no endpoint asks for nothing."""
    endpoint = request.endpoint
    return EndpointPolicy(None) if endpoint is None else policy_of(current_app.view_functions[endpoint])


def is_in_lines() -> bool:
    """Whether the current request has a body of lines, and its endpoint reads it as it comes."""
    return policy_of_request().allow_lines and request.mimetype == LINES


def current_principal() -> Principal:
    """Whoever sent the current request."""
    principal: Principal = g.principal
    return principal


def current_actor() -> str:
    """Whom the audit names for what the current request does."""
    return current_principal().author


def _authenticate() -> AccessError | None:
    """Sets `g.principal`, by the Authorization header or, on the pages, by the session; and why a key is refused, if so."""
    g.principal, g.session_refusal = ANONYMOUS, None
    header = request.environ.get("HTTP_AUTHORIZATION")
    try:
        if header:
            kind, _, secret = header.partition(" ")
            if kind.lower() != "bearer" or not secret.strip():
                raise AccessError("the Authorization header is not of the form Bearer KEY")
            g.principal = current_installation().keys.holder(secret.strip())
        elif session.is_page(request.endpoint) and (key_id := session.key_id()):
            g.principal = current_installation().keys.holder_by_id(key_id)
    except AccessError as error:
        if not header:
            g.session_refusal = error
        return error
    return None
