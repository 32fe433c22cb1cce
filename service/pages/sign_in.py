"""`/key`: where a person signs in with a key, sees what it allows and what is stored, and signs out."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response
from werkzeug.exceptions import RequestEntityTooLarge

from service import problems
from service.errors import AccessError
from service.pages import layout
from service.web import session
from service.web.access import require
from service.web.current import current_installation

HOURS = session.LIFETIME.seconds // 3600
_OWN = ("key", "back", "again", session.FORM_FIELD)

blueprint = Blueprint("key", __name__, url_prefix="/key")


@blueprint.get("")
@require(None)
def show() -> Response:
    """The key that is in use, or the form that asks for one."""
    back = back_to(request.args.get("back", ""))
    return _page(says="", back=back, again="", sent=())


@blueprint.post("")
@require(None)
def give() -> Response:
    """Takes a key, and goes back to where it was needed; a form that was refused for want of it is sent `again`."""
    secret = request.form.get("key", "").strip()
    back, again = (back_to(request.form.get(name, "")) for name in ("back", "again"))
    try:
        principal = current_installation().keys.holder(secret)
    except AccessError as error:
        says = str(error) if secret else "Give a key. If you have none, ask whoever runs this server for one."
        return _page(problems.REFUSED_KEY, says=says, back=back, again=again, sent=sent() or ())
    session.sign_in(principal.key_id)
    if again:
        return redirect(again, 307)
    return redirect(back or url_for("pages.key.show"), 303)


@blueprint.post("/forget")
@require(None)
def forget() -> Response:
    """Signs out: the browser forgets the key."""
    session.sign_out()
    flash("You are signed out.")
    return redirect(url_for("pages.key.show"), 303)


@blueprint.post("/counting")
@require(None)
def set_counting() -> Response:
    """Has what is scored in this visit counted, or not."""
    session.set_counted(request.form.get("count") == "true")
    return redirect(url_for("pages.key.show", _anchor="privacy"), 303)


def _page(status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    settings = current_installation().settings
    privacy = {"counted": session.is_counted(), "days": settings.batch_days}
    return layout.page("key.html", status, hours=HOURS, open=not settings.require_key, **privacy, **context)


def sent() -> tuple[tuple[str, str], ...] | None:
    """The fields of the form that was sent, but for those of the form of a key; None for a form that is too large to be read."""
    try:
        return tuple((name, text) for name, text in request.form.items(multi=True) if name not in _OWN)
    except RequestEntityTooLarge:
        return None


def back_to(address: str) -> str:
    """An address of this service, from its root; empty for any other."""
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if own else ""
