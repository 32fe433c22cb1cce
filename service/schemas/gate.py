"""The shape of the gate's verdict."""

from marshmallow import fields

from service.schemas import ResponseSchema, describe


class MeasuredSchema(ResponseSchema):
    """A figure: its mean over repeated folds, the 5th and 95th percentile over them, and its interval."""

    optional = ("low", "high")

    mean = fields.Float()
    low = fields.Float()
    high = fields.Float()
    interval = fields.List(
        fields.Float(),
        allow_none=True,
        metadata=describe("95 % bootstrap interval over papers; null if there are too few."),
    )


def _figures() -> fields.Dict:
    return fields.Dict(values=fields.Float(allow_none=True))


class TrialSchema(ResponseSchema):
    """Challenger and champion on the same findings."""

    findings = fields.Integer()
    papers = fields.Integer()
    challenger = _figures()
    champion = _figures()
    difference = fields.Dict(
        values=fields.Nested(MeasuredSchema, allow_none=True), metadata=describe("Challenger minus champion.")
    )


class VerdictSchema(ResponseSchema):
    """The promotion check (gate) of a model against the one in use."""

    recommends = fields.Boolean()
    says = fields.List(fields.String(), metadata=describe("The verdict and its reasons, in words."))
    margin = fields.Float(metadata=describe("In nats of log loss."))
    on_folds = fields.Nested(TrialSchema, allow_none=True)
    shared = fields.Nested(TrialSchema, allow_none=True)
    held_out = fields.Nested(TrialSchema, allow_none=True)
