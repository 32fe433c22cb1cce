"""The format of a response that is available in several."""

from collections.abc import Mapping

from flask import request
from werkzeug.exceptions import NotAcceptable


def negotiate_format(formats: Mapping[str, str], what: str) -> str:
    """The one of `formats` (by media type, the default first) that the Accept header prefers. Raises NotAcceptable where it
    admits none of them, naming `what` was asked for."""
    if not request.accept_mimetypes:
        return next(iter(formats.values()))
    if media_type := request.accept_mimetypes.best_match(formats):
        return formats[media_type]
    available = " or ".join(formats)
    raise NotAcceptable(f"{what} is available as {available}. Accept one of them, or give the parameter format.")
