"""Who looks at the pages: a signed cookie that holds the key that a person gave and the batches that they sent, and proves that a
form is one of ours.

The cookie is for the pages alone; the API knows nothing but the Authorization header. A script cannot read it, another site
cannot send it, and it stops being good by itself. The key in it is looked up anew with every request, so one that was revoked
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from service.errors import ForeignFormError
from service.services import services

# The blueprint above those of all pages.
PAGES = "pages"
COOKIE = "exoscore"
KEPT_SECONDS = 12 * 60 * 60
# So many batches of a visit.
REMEMBERED = 20
FORM_FIELD = "csrf"
HEADER = "X-CSRF-Token"
_SAFE = ("GET", "HEAD", "OPTIONS")
_PURPOSE = b"pages: cookie"


def init_blueprint(pages: Blueprint) -> None:
    """Guards every form that is posted to `pages`, and keeps the cookie up to date."""
    pages.before_request(_guard)
    pages.after_request(_keep)


def is_page(endpoint: str | None) -> bool:
    """Whether an endpoint is one of the pages."""
    return endpoint is not None and endpoint.startswith(f"{PAGES}.")


def key() -> str:
    """The key that the person has given; empty where there is none, or the cookie is not good any more."""
    return str(_read().get("key", ""))


def sign_in(secret: str) -> None:
    """Keeps a key for this person, from now on."""
    g.visit = {**_read(), "nonce": _nonce(), "key": secret}
    g.visit_changed = True


def sign_out() -> None:
    """Forgets the key, and makes the forms that are still open useless."""
    g.visit = {}
    g.visit_changed = True


def tell(what: str) -> None:
    """Has the next page that this person sees say that something was done."""
    g.visit = {**_read(), "told": what}
    g.visit_changed = True


def batches() -> list[str]:
    """The batches that were sent in this visit, the newest first."""
    return _read().get("batches", "").split()


def add_batch(batch_id: str) -> None:
    """Remembers a batch that was sent in this visit."""
    others = [one for one in batches() if one != batch_id]
    g.visit = {**_read(), "batches": " ".join([batch_id, *others][:REMEMBERED])}
    g.visit_changed = True


def told() -> str:
    """What is to be said now, once."""
    visit = _read()
    if "told" in visit:
        g.visit_changed = True
    return visit.pop("told", "")


def token() -> str:
    """What every form must bear in FORM_FIELD; made for this visit."""
    return hmac.new(_signing_key(), f"token {_nonce()}".encode(), hashlib.sha256).hexdigest()


def _guard() -> None:
    """Raises ForeignFormError where a request that changes something was not sent by one of our forms in this browser."""
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin", "")
    if urlsplit(origin)[:2] != urlsplit(request.host_url)[:2]:
        raise ForeignFormError(
            f"the form was sent from {origin or 'an unknown place'}, this is {request.host_url.rstrip('/')}; behind a proxy, "
            "EXOSCORE_TRUSTED_PROXIES lets the service know its own address"
        )
    given = request.headers.get(HEADER) or request.form.get(FORM_FIELD, "")
    if not hmac.compare_digest(given.encode(), token().encode()):
        raise ForeignFormError("the form is older than this visit: go back, load the page anew, and send it again")


def _keep(response: Response) -> Response:
    if not g.get("visit_changed"):
        return response
    if g.visit:
        flags: dict[str, Any] = {"httponly": True, "samesite": "Strict", "secure": request.is_secure}
        response.set_cookie(COOKIE, _serializer().dumps(g.visit), max_age=KEPT_SECONDS, **flags)
    else:
        response.delete_cookie(COOKIE, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def _read() -> dict[str, str]:
    """What the cookie holds: a nonce that the tokens are made from and, once it was given, the key."""
    if "visit" not in g:
        try:
            g.visit = dict(_serializer().loads(request.cookies.get(COOKIE, ""), max_age=KEPT_SECONDS))
        except (BadData, TypeError, ValueError):
            g.visit = {}
    found: dict[str, str] = g.visit
    return found


def _nonce() -> str:
    visit = _read()
    if "nonce" not in visit:
        visit["nonce"] = secrets.token_urlsafe(16)
        g.visit_changed = True
    return visit["nonce"]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_signing_key(), signer_kwargs={"digest_method": hashlib.sha256})


def _signing_key() -> bytes:
    """A key of its own, derived from the one of the installation, so that no signature of one serves as one of the other."""
    return hmac.new(services().key, _PURPOSE, hashlib.sha256).digest()
