"""What the endpoints of one application work with. It hangs on the application, so two can live in one process."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from service.registry import Registry
from service.settings import Settings

_EXTENSION = "exoscore"


@dataclass(frozen=True, slots=True)
class Services:
    """The settings of one application and the models that it serves."""

    settings: Settings
    registry: Registry

    def init_app(self, app: Flask) -> None:
        """Hangs these services on `app`."""
        app.extensions[_EXTENSION] = self


def services() -> Services:
    """The services of the application that handles the current request."""
    found: Services = current_app.extensions[_EXTENSION]
    return found
