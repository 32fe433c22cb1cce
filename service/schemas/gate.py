"""The shape of the gate's verdict."""

from __future__ import annotations

from marshmallow import Schema, fields


class MeasuredSchema(Schema):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    mean = fields.Float(required=True)
    low = fields.Float()
    high = fields.Float()
    interval = fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        metadata={"description": "95 %, from papers drawn anew; null where there are too few."},
    )


def _figures() -> fields.Dict:
    return fields.Dict(required=True, keys=fields.String(), values=fields.Float(allow_none=True))


class TrialSchema(Schema):
    """Challenger and champion on the same findings."""

    findings = fields.Integer(required=True)
    papers = fields.Integer(required=True)
    challenger = _figures()
    champion = _figures()
    difference = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.Nested(MeasuredSchema, allow_none=True),
        metadata={"description": "Challenger minus champion."},
    )


class VerdictSchema(Schema):
    """What the gate says of a model against the current one."""

    recommends = fields.Boolean(required=True)
    says = fields.List(
        fields.String(), required=True, metadata={"description": "The verdict and its reasons, in words."}
    )
    margin = fields.Float(required=True, metadata={"description": "In nats of log loss."})
    on_folds = fields.Nested(TrialSchema, required=True, allow_none=True)
    shared = fields.Nested(TrialSchema, required=True, allow_none=True)
    held_out = fields.Nested(TrialSchema, required=True, allow_none=True)
