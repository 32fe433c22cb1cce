"""Style sheets, scripts and pictures: their addresses bear the digest of their content, so a browser may keep them for good."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for

from service.web.access import require

FOLDER = Path(__file__).parent / "static"
ENDPOINT = "static"
KEPT_SECONDS = 365 * 24 * 60 * 60


def init_app(app: Flask) -> None:
    """Serves the folder on `app`. Without the digest in its address a file is asked for anew each time."""
    app.add_url_rule("/static/<path:filename>", ENDPOINT, _send)


def address(filename: str) -> str:
    """Where the current application serves a file of the folder."""
    return url_for(ENDPOINT, filename=filename, v=digest(filename))


@cache
def digest(filename: str) -> str:
    """SHA-256 (hex, first 12) of a file of the folder."""
    return hashlib.sha256((FOLDER / filename).read_bytes()).hexdigest()[:12]


@require(None)
def _send(filename: str) -> Response:
    response = send_from_directory(FOLDER, filename)
    if request.args.get("v") == digest(filename):
        keep_for_good(response)
    return response


def keep_for_good(response: Response) -> None:
    """Lets browsers and caches keep a file that never changes under its address."""
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = KEPT_SECONDS
    response.cache_control.immutable = True
