"""The shapes of what goes in and out, for parsing, dumping and the OpenAPI document."""

from __future__ import annotations

from marshmallow import RAISE, Schema


class StrictSchema(Schema):
    """A shape that is sent: an unknown field or parameter is an error."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE
