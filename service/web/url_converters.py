"""What stands in an address: ids, which NUL is no part of, and the ids of models beside the words that are no ids."""

from flask import Flask
from werkzeug.routing import BaseConverter

# What POST /v1/models/… does without naming a model.
ACTIONS = ("rollback",)


class AnyIdConverter(BaseConverter):
    """Any word."""

    part_isolating = True
    regex = r"[^/\0]+"


class ModelIdConverter(BaseConverter):
    """Any word but an action, so that nothing answers that it may GET one."""

    part_isolating = True
    regex = rf"(?!(?:{'|'.join(ACTIONS)})$)[^/\0]+"


def init_app(app: Flask) -> None:
    """Lets the rules of `app` speak of `<model:model_id>`, and an `<id>` be what it can be."""
    app.url_map.converters["default"] = AnyIdConverter
    app.url_map.converters["model"] = ModelIdConverter
