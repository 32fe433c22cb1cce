"""The shapes of what goes in and out, for parsing, dumping and the OpenAPI document."""

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields


class StrictSchema(Schema):
    """A shape that is sent: an unknown field or parameter is an error."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE


class ResponseSchema(Schema):
    """A shape that is answered: every field is there, but for those that the class names in `optional`."""

    optional: ClassVar[tuple[str, ...]] = ()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Marks a field as required."""
        field_obj.required = field_name not in self.optional


def describe(text: str) -> dict[str, str]:
    """The metadata of a field with its description for the OpenAPI document."""
    return {"description": text}
