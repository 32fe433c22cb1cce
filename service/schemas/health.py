"""The shapes of the probes."""

from __future__ import annotations

from marshmallow import Schema, fields


class HealthSchema(Schema):
    """The process answers."""

    status = fields.String(required=True)


class ReadinessSchema(Schema):
    """Whether requests can be served, and what each check found."""

    status = fields.String(required=True)
    model = fields.String(metadata={"description": "The current model, verified and its self-test scored."})
    failed = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Checks that failed."})
