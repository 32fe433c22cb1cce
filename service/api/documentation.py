"""`GET /docs`: the API, to read and to try. It needs nothing from the network."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug import Response

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/docs")
def docs() -> str:
    """The interactive documentation of the API."""
    return render_template("docs.html")


@blueprint.get("/")
def root() -> Response:
    """The way in."""
    return redirect(url_for("documentation.docs"))
