"""What of the API will be removed: announced in the headers of each answer that it gives (RFC 9745, RFC 8594), in the OpenAPI
document, and in the log and the metrics of whoever runs the service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, request

from service.web import middleware
from service.web.current import current_installation

MANUAL = "/help/how-to/use-over-http/#what-will-be-removed"
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Something that is deprecated `since` a day and works `until` another at least, and what to use `instead`, in words.

    Raises ValueError where it would be removed before it is deprecated.
    """

    since: date
    until: date
    instead: str

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise ValueError(f"removed on {self.until}, before it is deprecated on {self.since}")

    def __str__(self) -> str:
        return f"Deprecated since {self.since:%-d %B %Y}, removed after {self.until:%-d %B %Y}: {self.instead}"

    def describe(self, text: str) -> dict[str, Any]:
        """The metadata of a parameter that is deprecated, with its description for the OpenAPI document."""
        return {"description": f"{text} {self}", "deprecated": True}

    def headers(self, name: str) -> list[tuple[str, str]]:
        """The headers by which clients learn of it; `name` is what is deprecated."""
        since, until = (datetime.combine(day, time(), UTC) for day in (self.since, self.until))
        links = (f'<{MANUAL}>; rel="{kind}"; type="text/html"; title="{name}"' for kind in ("deprecation", "sunset"))
        return [
            ("Deprecation", f"@{since.timestamp():.0f}"),
            ("Sunset", format_datetime(until, usegmt=True)),
            *(("Link", link) for link in links),
        ]


def deprecated(deprecation: Deprecation, parameter: str = "") -> Callable[[Endpoint], Endpoint]:
    """Marks an endpoint, or one `parameter` of its query, as deprecated. It stands right above the function, as `require`."""

    def mark(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)["deprecations"] = {**deprecations_of(endpoint), parameter: deprecation}
        return endpoint

    return mark


def deprecations_of(endpoint: Callable[..., Any]) -> dict[str, Deprecation]:
    """What of an endpoint is deprecated, by the name of the parameter; the whole of it under the empty name."""
    found: dict[str, Deprecation] = getattr(endpoint, "deprecations", {})
    return found


def init_app(app: Flask) -> None:
    """Announces and counts what requests to `app` use of what is deprecated."""

    @app.before_request
    def announce() -> None:
        if request.endpoint is None:
            return
        for parameter, deprecation in deprecations_of(current_app.view_functions[request.endpoint]).items():
            if parameter and parameter not in request.args:
                continue
            used = {"route": str(request.url_rule), "method": request.method, "parameter": parameter}
            name = f"{used['method']} {used['route']}{parameter and f'?{parameter}'}"
            # Marks of quotation cannot stand in a route, nor in a name of ours.
            request.environ[middleware.HEADERS] += deprecation.headers(name)
            current_installation().metrics.deprecated(**used)
            _log.warning("something deprecated was used", **used, key_id=request.environ.get(middleware.KEY_ID, ""))
