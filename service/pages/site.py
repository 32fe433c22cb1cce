"""The pages, together: one blueprint above those of the pages, so that what holds for one holds for all."""

from __future__ import annotations

from flask import Blueprint

from service.pages import batch, compare, findings, key, models, score, session

blueprint = Blueprint(session.PAGES, __name__)
session.init_blueprint(blueprint)
for page in (score.blueprint, compare.blueprint, batch.blueprint, findings.blueprint, models.blueprint, key.blueprint):
    blueprint.register_blueprint(page)
