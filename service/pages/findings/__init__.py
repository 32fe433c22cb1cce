"""`/findings`: the corpus as a person browses it, adds to it, corrects it and imports into it."""

from __future__ import annotations

from flask import Blueprint

from service.pages.findings import browsing, curating, importing

blueprint = Blueprint("findings", __name__, url_prefix="/findings")
for part in (importing.blueprint, curating.blueprint, browsing.blueprint):
    blueprint.register_blueprint(part)
