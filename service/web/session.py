"""The session of a person who looks at the pages: a signed cookie with the id of their key, the batches that they sent, whether
what they score is counted, and the token that their forms bear.

It is for the pages alone; the API knows nothing but the Authorization header. A script cannot read the cookie, another site
cannot send it, and it expires. It does not hold the key: that is looked up by its id at every request, so a key that was revoked
opens nothing.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import Blueprint, Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from service.errors import ForeignFormError

# The blueprint above those of all pages.
PAGES = "pages"
COOKIE = "exoscore"
LIFETIME = timedelta(hours=12)
MAX_BATCHES = 20
FORM_FIELD = "csrf"
HEADER = "X-CSRF-Token"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class _PageSessions(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page; the API has none, and is not to wait for one."""
        return self.session_class() if request.path.startswith("/v1/") else super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the cookie is for HTTPS alone: where the page came by it."""
        return request.is_secure


def init_app(app: Flask, key: bytes) -> None:
    """Gives `app` sessions that are signed by a key of their own, derived from the `key` of the installation."""
    app.secret_key = hmac.new(key, b"pages: session", hashlib.sha256).digest()
    app.session_interface = _PageSessions()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )


def init_blueprint(pages: Blueprint) -> None:
    """Guards every form that is posted to `pages`."""
    pages.before_request(_check_csrf)


def is_page(endpoint: str | None) -> bool:
    """Whether an endpoint is one of the pages."""
    return endpoint is not None and endpoint.startswith(f"{PAGES}.")


def key_id() -> str:
    """The id of the key that the person gave; empty where there is none, or the session has expired."""
    return str(session.get("key_id", ""))


def sign_in(key_id: str) -> None:
    """Keeps the id of a key for this person. Forms that are open can still be sent."""
    session["key_id"] = key_id


def sign_out() -> None:
    """Forgets all of the session, so that forms that are still open cannot be sent any more."""
    session.clear()


def batches() -> list[str]:
    """The ids of the batches that were sent in this session, the newest first."""
    return list(session.get("batches", []))


def add_batch(batch_id: str) -> None:
    """Remembers a batch that was sent in this session."""
    session["batches"] = [batch_id, *(other for other in batches() if other != batch_id)][:MAX_BATCHES]


def is_counted() -> bool:
    """Whether what is scored in this session may be counted."""
    return "uncounted" not in session


def set_counted(counted: bool) -> None:
    """Has what is scored in this session counted, or not."""
    session.pop("uncounted", None)
    if not counted:
        session["uncounted"] = True


def csrf_token() -> str:
    """What every form must bear in FORM_FIELD, or every request in HEADER; made for this session."""
    if FORM_FIELD not in session:
        session.permanent = True
        session[FORM_FIELD] = secrets.token_hex(16)
    return str(session[FORM_FIELD])


def _check_csrf() -> None:
    """Raises ForeignFormError where a request that changes something was not sent by one of our forms in this browser."""
    if request.method in _SAFE_METHODS:
        return
    origin, own = request.headers.get("Origin", ""), f"{request.scheme}://{request.host}"
    if origin.lower() != own.lower():
        raise ForeignFormError(
            f"The form was sent from {origin or 'an unknown address'}, but this is {own}. Behind a proxy, set "
            "EXOSCORE_TRUSTED_PROXIES so that the service knows its own address."
        )
    token = request.headers.get(HEADER) or request.form.get(FORM_FIELD, "")
    if not hmac.compare_digest(token.encode(), csrf_token().encode()):
        raise ForeignFormError("The form is from an earlier visit. Go back, reload the page, and send it again.")
