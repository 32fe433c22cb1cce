"""`/batch`: a file of candidates sent, looked at, scored, watched and fetched."""

from __future__ import annotations

from flask import Blueprint

from service.pages.batch import sending, watching

blueprint = Blueprint("batch", __name__, url_prefix="/batch")
for part in (sending.blueprint, watching.blueprint):
    blueprint.register_blueprint(part)
