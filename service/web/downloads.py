"""Files that are fetched, whole or by ranges."""

from collections.abc import Iterable
from pathlib import Path

from flask import Response, send_file

from service.batch.formats import Format


def send_result(path: Path, form: Format) -> Response:
    """A file as an answer, to be kept under its name."""
    return send_file(
        path.absolute(), form.media_type, as_attachment=True, download_name=path.name, conditional=True, etag=True
    )


def send_table(content: bytes | Iterable[bytes], name: str) -> Response:
    """A table in CSV as an answer, to be kept under a name."""
    response = Response(content, mimetype=Format.CSV.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.cache_control.private = response.cache_control.no_cache = True
    return response
