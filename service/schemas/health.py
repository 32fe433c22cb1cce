"""The shapes of the probes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.operations.checks import FAIL, OK, WARN


class HealthSchema(Schema):
    """The process answers."""

    status = fields.String(required=True)


class CheckSchema(Schema):
    """One check."""

    state = fields.String(required=True, validate=validate.OneOf([OK, WARN, FAIL]))
    says = fields.String(required=True, metadata={"description": "What was found, or what to do."})


class ReadinessSchema(Schema):
    """Whether requests can be answered, and what each check found."""

    status = fields.String(
        required=True,
        validate=validate.OneOf(["ready", "not ready"]),
        metadata={"description": "Not ready where any check fails; one that warns changes nothing."},
    )
    model = fields.String(metadata={"description": "The model that serves."})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(CheckSchema),
        required=True,
        metadata={"description": "database, migrations, model, refused, queue and disk."},
    )
