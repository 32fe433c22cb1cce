"""The application factory. Everything an application owns hangs on it; nothing is global."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from service.api import blueprints, inference, undocumented_blueprints
from service.api.openapi import Api, configuration
from service.auth.rate_limit import RateLimit
from service.installation import Installation
from service.monitoring import logs
from service.pages import error_page, static_files
from service.settings import Settings
from service.web import access, deprecation, error_handlers, hosts, session, url_converters
from service.web.current import attach
from service.web.middleware import RequestMiddleware
from service.web.turns import Turns


def create_app(settings: Settings | None = None) -> Flask:
    """A new application over `settings` (by default those of the environment).

    Raises SettingsError where a setting is malformed, StoreError where the database cannot be used. It starts without a
    model; `/readyz` says so until there is one.
    """
    settings = settings or Settings.read()
    logs.configure_if_needed(settings)
    app = Flask(__name__, template_folder="pages/templates", static_folder=None)
    app.config.update(configuration())
    # Flask's own provider has it; the type of any provider does not.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    url_converters.init_app(app)
    installation = Installation.open(settings)
    attach(app, installation)
    session.init_app(app, installation.key)
    limit = RateLimit(settings.rate_limit, settings.redis_url) if settings.rate_limit else None
    hosts.init_app(app, settings)
    access.init_app(app, settings, limit)
    deprecation.init_app(app)
    turns = Turns(settings.threads)
    # Whoever waits for the store takes no turn, and gets none again, since it may hold what others wait for.
    installation.database.before_waiting = turns.leave
    # Flask documents this way to put a middleware around an application; mypy takes it for a change of a method.
    app.wsgi_app = RequestMiddleware(app.wsgi_app, installation, turns)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # As above.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    static_files.init_app(app)
    api = Api(app)
    for blueprint in blueprints():
        api.register_blueprint(blueprint)
    for page in undocumented_blueprints():
        app.register_blueprint(page)
    error_handlers.init_app(app, inference.problem_response, error_page.page)
    access.check_policies(app)
    return app
