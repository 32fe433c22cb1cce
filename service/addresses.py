"""What stands in an address: the ids of models, beside the words that are no ids."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter

# What POST /v1/models/… does without naming a model.
ACTIONS = ("rollback",)


class ModelId(BaseConverter):
    """Any word but an action, so that nothing answers that it may GET one."""

    regex = rf"(?!(?:{'|'.join(ACTIONS)})$)[^/]+"


def init_app(app: Flask) -> None:
    """Lets the rules of `app` speak of `<model:model_id>`."""
    app.url_map.converters["model"] = ModelId
