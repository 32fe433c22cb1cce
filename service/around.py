"""What is put around the whole application: every request passes it on the way in, and every answer on the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask


def put_around(app: Flask, outer: WSGIApplication) -> None:
    """Lets `outer`, which calls what `app.wsgi_app` was before, answer for it."""
    # How Flask has an application wrapped: an attribute in place of its method.
    vars(app)["wsgi_app"] = outer
