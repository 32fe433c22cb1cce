"""Every error of an application, answered as a problem: the document, or what the pages or another protocol make of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from models.errors import FieldError
from service import problems
from service.web.bodies import Body
from service.web.middleware import REQUEST_ID

DRAINED_BYTES = 64 * 1024 * 1024
Renderer = Callable[[Mapping[str, Any]], Response | None]
_RENDERERS = "exoscore.problems"
_REMEDIES = {
    404: "There is no page at this address.",
    405: "This address does not support this method. The Allow header lists those that it supports.",
    413: "The body is larger than {mebibytes} MiB. Send less at a time.",
}
_log = structlog.get_logger(__name__)


def init_app(app: Flask, *renderers: Renderer) -> None:
    """Answers every error on `app`, with what the first of `renderers` makes of a problem or, where none does, the document."""
    app.extensions[_RENDERERS] = renderers
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(Exception, _handle_error)


def _handle_error(error: Exception) -> Response:
    kind = problems.problem_type(error)
    if kind is problems.DEFECT:
        _log.error("defect", exc_info=error)
    elif kind.status >= 500:
        _log.error(kind.title, reason=str(error))
    document, headers = problems.of_error(error)
    _drop_tracebacks(error)
    return _respond(document, headers)


def _handle_http_error(error: HTTPException) -> Response:
    """Answers an HTTP error, with every fault that validation found."""
    messages = getattr(error, "data", {}).get("messages", {})
    faults = problems.Faults.cut(
        (said if isinstance(said, FieldError) else FieldError("", "invalid", str(said).removesuffix(".")), place)
        for location, of_location in messages.items()
        for place, said in _flatten(location, of_location, ())
    )
    status = error.code or 500
    remedy = _REMEDIES.get(status, str(error.description))
    if status == 413:
        remedy = remedy.format(mebibytes=(request.max_content_length or 0) // 1024**2)
    detail = f"{faults}." if faults.listed else remedy
    code = error.name.lower().replace(" ", "-")
    own = ("content-type", "content-length")
    headers = {name: value for name, value in error.get_headers() if name.lower() not in own}
    _drop_tracebacks(error)
    response = _respond(problems.document(code, error.name, status, detail, faults), headers)
    if status == 413:
        response.call_on_close(partial(_drain, request.environ["wsgi.input"]))
    return response


def _drop_tracebacks(error: BaseException | None) -> None:
    """Frames often keep the error whose traceback keeps them: with all that they hold they would stay until a collector comes."""
    while error is not None:
        error.__traceback__ = None
        # webargs keeps the error of marshmallow so.
        error = getattr(error, "exc", None) or error.__cause__ or error.__context__


def _drain(body: Body) -> None:
    """Reads on, within reason, from a body that is too large: else the client's write fails before it reads the problem."""
    left = DRAINED_BYTES
    with suppress(HTTPException):
        while left > 0:
            left -= len(body.read(left))


def _respond(problem: dict[str, Any], headers: Mapping[str, str]) -> Response:
    if request_id := request.environ.get(REQUEST_ID):
        problem["request_id"] = request_id
    renderers: tuple[Renderer, ...] = current_app.extensions[_RENDERERS]
    rendered = next(filter(None, (render(problem) for render in renderers)), None)
    response = rendered or Response(json.dumps(problem), problem["status"], mimetype=problems.CONTENT_TYPE)
    response.headers.update(headers)
    return response


def _flatten(location: str, messages: Any, path: tuple[str, ...]) -> Iterator[tuple[dict[str, str], object]]:
    """The messages of a validation, each with the place that it is about: texts, and errors that have a code of their own."""
    if isinstance(messages, Mapping):
        for step, below in messages.items():
            yield from _flatten(location, below, path if step == "_schema" else (*path, str(step)))
        return
    for said in messages if isinstance(messages, list) else [messages]:
        if location == "json":
            yield {"pointer": problems.json_pointer(*path)}, said
        else:
            yield {"parameter": path[0] if path else location}, said
