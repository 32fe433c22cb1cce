"""Files that are fetched, whole or by ranges."""

from pathlib import Path

from flask import Response, send_file

from service.batch.formats import Format


def send_result(path: Path, form: Format) -> Response:
    """A file as an answer, to be kept under its name."""
    return send_file(
        path.absolute(), form.media_type, as_attachment=True, download_name=path.name, conditional=True, etag=True
    )
