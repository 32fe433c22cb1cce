"""The application factory. Everything an application owns hangs on it; nothing is global."""

from __future__ import annotations

from flask import Flask

from service import problems
from service.api import blueprints, undocumented_blueprints
from service.openapi import Api, configuration
from service.services import Services
from service.settings import Settings

MAX_BODY_BYTES = 16 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """A new application over `settings` (by default those of the environment).

    Raises SettingsError where a setting is malformed, StoreError where the database cannot be used. It starts without a
    model; `/readyz` says so until there is one.
    """
    settings = settings or Settings.read()
    app = Flask(__name__, template_folder="pages/templates", static_folder="pages/static")
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, **configuration())
    app.json.sort_keys = False  # type: ignore[attr-defined]
    Services.open(settings).init_app(app)
    api = Api(app)
    for blueprint in blueprints():
        api.register_blueprint(blueprint)
    for page in undocumented_blueprints():
        app.register_blueprint(page)
    problems.register(app)
    return app
