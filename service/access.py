"""Who may call what: endpoints name the scope that they need, requests bring a key as `Authorization: Bearer KEY`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from service.errors import AccessError, ForbiddenError
from service.keys import Holder
from service.services import services

# What anyone may do, unless keys are required.
OPEN_SCOPES = ("score",)

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def require(scope: str) -> Callable[[Endpoint], Endpoint]:
    """Lets an endpoint be called only by holders of a key with `scope`; one of OPEN_SCOPES by anyone, unless keys are required.

    The endpoint bears its scope as `scope`, so that a test can see that every route has one.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        def guarded(*given: Any, **named: Any) -> Any:
            g.holder = _admit(scope)
            return endpoint(*given, **named)

        guarded.scope = scope  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def author() -> str:
    """Whom the audit names for what the current request does."""
    holder: Holder = g.holder
    return holder.author


def _admit(scope: str) -> Holder:
    """The holder that sent the current request. Raises AccessError without a good key, ForbiddenError without the scope."""
    found = services()
    header = request.headers.get("Authorization", "")
    if not header:
        if scope in OPEN_SCOPES and not found.settings.require_key:
            return Holder()
        raise AccessError("send a key, as Authorization: Bearer KEY; `exoscore keys create` makes one")
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise AccessError("the Authorization header is not of the form Bearer KEY")
    holder = found.keys.holder(secret.strip())
    if scope not in holder.scopes:
        raise ForbiddenError(scope, holder.scopes)
    return holder
