"""The shapes of the probes."""

from marshmallow import fields, validate

from service.operations.checks import FAIL, OK, WARN
from service.schemas import ResponseSchema, describe


class HealthSchema(ResponseSchema):
    """The process responds."""

    status = fields.String()


class CheckSchema(ResponseSchema):
    """One check."""

    state = fields.String(validate=validate.OneOf([OK, WARN, FAIL]))
    says = fields.String(metadata=describe("The result, or what to do."))


class ReadinessSchema(ResponseSchema):
    """Whether requests can be served, and the result of each check."""

    optional = ("model",)

    status = fields.String(
        validate=validate.OneOf(["ready", "not ready"]),
        metadata=describe("Not ready if any check fails. Warnings do not count."),
    )
    model = fields.String(metadata=describe("The model in use."))
    checks = fields.Dict(
        values=fields.Nested(CheckSchema), metadata=describe("database, migrations, model, refused, queue and disk.")
    )
