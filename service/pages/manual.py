"""`/help`: the manual, as `make docs` has built it."""

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from http import HTTPStatus
from os.path import isdir
from pathlib import Path

from flask import Blueprint, redirect, request, send_from_directory
from werkzeug import Response
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from service.pages import layout, static_files
from service.web.access import require
from service.web.middleware import CONTENT_SECURITY_POLICY, content_security_policy

FOLDER = Path(__file__).parent / "manual_site"
_DIGEST_IN_NAME = re.compile(r"\.[0-9a-f]{8}\.min\.(js|css)(\.map)?$")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

blueprint = Blueprint("manual", __name__, url_prefix="/help")


@blueprint.get("/", defaults={"path": ""})
@blueprint.get("/<path:path>")
@require(None)
def show(path: str) -> Response:
    """A page or an asset of the manual; while it has not been built, how to build it."""
    if not (FOLDER / "index.html").is_file():
        return layout.page("manual.html", HTTPStatus.NOT_FOUND)
    if isdir(safe_join(str(FOLDER), path) or ""):
        if path and not path.endswith("/"):
            return redirect(f"{request.path}/", HTTPStatus.PERMANENT_REDIRECT)
        path += "index.html"
    elif path.endswith("/"):
        raise NotFound
    response = send_from_directory(FOLDER, path)
    if _DIGEST_IN_NAME.search(path):
        static_files.keep_for_good(response)
    if path.endswith(".html"):
        response.headers[CONTENT_SECURITY_POLICY] = _policy(FOLDER / path, response.get_etag()[0])
    return response


@lru_cache(maxsize=256)
def _policy(page: Path, _etag: str | None) -> str:
    """The policy of a page: its own inline scripts may run by their digests, and styles have pictures in them."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page.read_text("utf-8")))
    scripts = " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)
    return content_security_policy(script_src=f"'self' {scripts}".strip(), img_src="'self' data:")
