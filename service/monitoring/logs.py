"""What is logged: one event a line on standard error, as JSON or as text.

No line holds what was sent (bodies, queries, paths, headers) or a secret: requests are named by their route, and of an
exception the class and the frames are logged but not its text, which may quote the request.
"""

import json
import logging
import sys
import traceback
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from service.settings import Settings

_HANDLER = "exoscore"
_FRAMES = 30
_FIRST = ("time", "level", "event")


class _StandardError:
    """Standard error, whatever it is at the time. A line that it cannot take, on a full disk say, is lost: no request is
    to fail for it."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure(settings: Settings) -> None:
    """Sends the logs of this process to standard error as `settings` say, those of Granian and other libraries too."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    stream: Any = _StandardError()
    render: Processor = _render_json if is_json(settings) else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    first: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time" if is_json(settings) else "timestamp"),
        structlog.contextvars.merge_contextvars,
        # In place of a traceback.
        structlog.processors.ExceptionRenderer(_describe_exception),
        _flatten_exception,
    ]
    structlog.configure(
        processors=[*first, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.set_name(_HANDLER)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.get_name() != _HANDLER] + [handler]
    root.setLevel(max(level, logging.WARNING))


def configure_if_needed(settings: Settings) -> None:
    """Does as `configure` where logs are not configured yet: for an application under another server than ours."""
    if not structlog.is_configured():
        configure(settings)


def is_json(settings: Settings) -> bool:
    """Whether lines are JSON: as the setting says, and where that is auto, unless a person reads them on a terminal."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


def _describe_exception(exc_info: ExcInfo) -> dict[str, Any]:
    """The class of an exception and of what caused it, and its frames."""
    _, error, trace = exc_info
    cause = error.__cause__ or error.__context__
    frames = traceback.extract_tb(trace, limit=-_FRAMES)
    return {
        "error": _class_name(error),
        **({"cause": _class_name(cause)} if cause else {}),
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _flatten_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.update(event.pop("exception", {}))
    return event


def _class_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _render_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    first = {name: event.pop(name) for name in _FIRST if name in event}
    try:
        return msgspec.json.encode({**first, **event}, enc_hook=str).decode()
    except UnicodeEncodeError:
        # The name of a file, say, that is not UTF-8.
        return json.dumps({**first, **event}, default=str)
