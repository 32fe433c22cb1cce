"""The shapes of the registry."""

from marshmallow import fields, validate

from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString, StrictBoolean
from service.schemas.gate import VerdictSchema
from service.schemas.job import MAX_REASON

STATUSES = ("current", "kept", "retired")


class RegisteredModelSchema(ResponseSchema):
    """A model of the registry."""

    id = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    created = fields.String(metadata=describe("When it was trained."))
    added = fields.String(metadata=describe("When it was kept here."))
    author = fields.String()
    job = fields.String(metadata=describe("The job that trained it; empty where none did."))
    trained_on = fields.Dict(values=fields.Integer())
    fingerprints = fields.Dict(values=fields.String())
    figures = fields.Dict(
        values=fields.Float(allow_none=True), metadata=describe("Means over the repeated folds, grouped by paper.")
    )


class PromotionSchema(ResponseSchema):
    """One move of the pointer to the current model."""

    sequence = fields.Integer()
    model = fields.String()
    kind = fields.String(validate=validate.OneOf(("promotion", "roll-back")))
    reason = fields.String()
    author = fields.String()
    at = fields.String()
    gate = fields.Nested(VerdictSchema, allow_none=True)


class ModelsSchema(ResponseSchema):
    """The models kept here, the newest first, and how the pointer moved, the last move first."""

    current = fields.String(allow_none=True)
    retracted = fields.Integer(
        allow_none=True,
        metadata=describe("Findings that the current model learned from and that were retracted since."),
    )
    models = fields.List(fields.Nested(RegisteredModelSchema))
    promotions = fields.List(fields.Nested(PromotionSchema))


class ModelDetailSchema(RegisteredModelSchema):
    """A model with all that its manifest says: figures of the model and of baselines, libraries, seed, digests."""

    manifest = fields.Dict()
    retracted = fields.Integer(
        allow_none=True,
        metadata=describe("Findings that it learned from and that were retracted since; null where it cannot be used."),
    )
    gate = fields.Nested(
        VerdictSchema,
        allow_none=True,
        metadata=describe(
            "Against the current model, or of that itself against the one before; null where they were not compared."
        ),
    )


class ReasonRequestSchema(StrictSchema):
    """Why something is done."""

    body_optional = True

    reason = PrintableString(
        load_default="", validate=validate.Length(max=MAX_REASON), metadata=describe("Why; it is kept.")
    )


class RollBackRequestSchema(StrictSchema):
    """Why a model is rolled back."""

    reason = PrintableString(
        required=True, validate=validate.Length(1, MAX_REASON), metadata=describe("Why; it is kept.")
    )


class PromotionRequestSchema(ReasonRequestSchema):
    """How to promote."""

    force = StrictBoolean(load_default=False, metadata=describe("Promote whatever the gate says; needs a reason."))


class CurrentSchema(ResponseSchema):
    """The model that is the current one now."""

    current = fields.String()
    gate = fields.Nested(VerdictSchema, allow_none=True)


class DifferenceQuerySchema(StrictSchema):
    """What to compare a model with."""

    to = PrintableString(metadata=describe("The id of another model, by default the current one."))


class ChangedSchema(ResponseSchema):
    """A curated candidate of which the two models say different things."""

    candidate = fields.Dict()
    label = fields.String()
    other_label = fields.String()
    probability_suppressing = fields.Float()
    other_probability_suppressing = fields.Float()


class DifferenceBetweenSchema(ResponseSchema):
    """Two models side by side, over the curated candidates of both."""

    model = fields.String()
    other = fields.String()
    candidates = fields.Integer()
    changed = fields.List(
        fields.Nested(ChangedSchema),
        metadata=describe("Those whose label differs, the largest change of probability first."),
    )
    largest_change = fields.Float(metadata=describe("Of the probability, over all candidates."))
    findings_added = fields.Integer(metadata=describe("Learned from by `model` only."))
    findings_gone = fields.Integer(metadata=describe("Learned from by `other` only."))
    figures = fields.Dict(
        values=fields.Float(allow_none=True),
        metadata=describe("Means over folds, `model` minus `other`; of different findings, so only to look at."),
    )
