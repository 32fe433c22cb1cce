"""The installation that an application serves. It hangs on the application, so two can live in one process."""

from flask import Flask, current_app

from service.installation import Installation

_EXTENSION = "exoscore"


def attach(app: Flask, installation: Installation) -> None:
    """Hangs `installation` on `app`."""
    app.extensions[_EXTENSION] = installation


def current_installation() -> Installation:
    """The installation of the application that handles the current request."""
    return installation_of(current_app)


def installation_of(app: Flask) -> Installation:
    """The installation that hangs on `app`."""
    installation: Installation = app.extensions[_EXTENSION]
    return installation
