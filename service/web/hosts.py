"""By which names the service may be called, so that no page of another site reaches it under a name that points here (DNS
rebinding)."""

from __future__ import annotations

import re

from flask import Flask, request
from werkzeug.exceptions import BadRequest, LengthRequired

from service.auth.exposure import is_loopback, is_wildcard
from service.settings import Settings
from service.web import access

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:[0-9]{1,5})?")


def init_app(app: Flask, settings: Settings) -> None:
    """Refuses every request to `app` that is for another host, or whose body has no length."""
    allowed = allowed_names(settings)

    @app.before_request
    def check_head() -> None:
        environ = request.environ
        host = environ.get("HTTP_HOST", "")
        # Before HTTP/1.1 nobody had to say whom they call.
        if host or environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            shaped = _HOST.fullmatch(host)
            if shaped is None:
                raise BadRequest("send one Host header, with the name or the address of this service")
            name = shaped["name"].strip("[]").rstrip(".").lower()
            if not (allowed is None or name in allowed or is_loopback(name)):
                raise BadRequest(
                    f"This service does not answer to the host name {name}. EXOSCORE_ALLOWED_HOSTS lists its names."
                )
        # Granian does not tell whether a body in chunks came whole; of lines each is answered by itself.
        if "HTTP_TRANSFER_ENCODING" in environ and not access.is_in_lines():
            raise LengthRequired("send the body with a Content-Length, not in chunks")


def allowed_names(settings: Settings) -> frozenset[str] | None:
    """The names beside those of the loopback that requests may be for; None where any is.

    Where none is set it is the address that is listened on; but any behind a proxy, which knows the names that it answers to,
    and where every address of the machine is listened on, since its names cannot be known.
    """
    if settings.allowed_hosts:
        names = settings.allowed_hosts.split(",")
        return None if "*" in names else frozenset(names)
    if settings.trusted_proxies or is_wildcard(settings.host):
        return None
    return frozenset({settings.host.lower()})
