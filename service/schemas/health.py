"""The shapes of the probes."""

from marshmallow import fields, validate

from service.operations.checks import FAIL, OK, WARN
from service.schemas import ResponseSchema, describe


class HealthSchema(ResponseSchema):
    """The process answers."""

    status = fields.String()


class CheckSchema(ResponseSchema):
    """One check."""

    state = fields.String(validate=validate.OneOf([OK, WARN, FAIL]))
    says = fields.String(metadata=describe("What was found, or what to do."))


class ReadinessSchema(ResponseSchema):
    """Whether requests can be answered, and what each check found."""

    optional = ("model",)

    status = fields.String(
        validate=validate.OneOf(["ready", "not ready"]),
        metadata=describe("Not ready where any check fails; one that warns changes nothing."),
    )
    model = fields.String(metadata=describe("The model that serves."))
    checks = fields.Dict(
        values=fields.Nested(CheckSchema), metadata=describe("database, migrations, model, refused, queue and disk.")
    )
