"""`/models`: the registry as a person looks at it, trains, compares, promotes and rolls back."""

from __future__ import annotations

from flask import Blueprint

from service.pages.models import jobs, registry

blueprint = Blueprint("models", __name__, url_prefix="/models")
for part in (jobs.blueprint, registry.blueprint):
    blueprint.register_blueprint(part)
