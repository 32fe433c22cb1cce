"""Fields of JSON bodies that take nothing else for what they are: 1 is not true, and "1" and true are no numbers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields


class TrueOrFalse(fields.Boolean):
    """true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise self.make_error("invalid", input=value)


class Whole(fields.Integer):
    """A number without fraction; 1.0 is one, as in JSON Schema."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)
