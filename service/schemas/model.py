"""The shapes of the registry."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.schemas import StrictSchema
from service.schemas.fields import PrintableString, StrictBoolean
from service.schemas.gate import VerdictSchema
from service.schemas.job import MAX_REASON

STATUSES = ("current", "kept", "retired")


class RegisteredModelSchema(Schema):
    """A model of the registry."""

    id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    created = fields.String(required=True, metadata={"description": "When it was trained."})
    added = fields.String(required=True, metadata={"description": "When it was kept here."})
    author = fields.String(required=True)
    job = fields.String(required=True, metadata={"description": "The job that trained it; empty where none did."})
    trained_on = fields.Dict(required=True, keys=fields.String(), values=fields.Integer())
    fingerprints = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    figures = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.Float(allow_none=True),
        metadata={"description": "Means over the repeated folds, grouped by paper."},
    )


class PromotionSchema(Schema):
    """One move of the pointer to the current model."""

    sequence = fields.Integer(required=True)
    model = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("promotion", "roll-back")))
    reason = fields.String(required=True)
    author = fields.String(required=True)
    at = fields.String(required=True)
    gate = fields.Nested(VerdictSchema, required=True, allow_none=True)


class ModelsSchema(Schema):
    """The models kept here, the newest first, and how the pointer moved, the last move first."""

    current = fields.String(required=True, allow_none=True)
    models = fields.List(fields.Nested(RegisteredModelSchema), required=True)
    promotions = fields.List(fields.Nested(PromotionSchema), required=True)


class ModelDetailSchema(RegisteredModelSchema):
    """A model with all that its manifest says: figures of the model and of baselines, libraries, seed, digests."""

    manifest = fields.Dict(required=True, keys=fields.String())
    gate = fields.Nested(
        VerdictSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Against the current model; null where they were not compared."},
    )


class ReasonRequestSchema(StrictSchema):
    """Why something is done."""

    body_optional = True

    reason = PrintableString(
        load_default="", validate=validate.Length(max=MAX_REASON), metadata={"description": "Why; it is kept."}
    )


class PromotionRequestSchema(ReasonRequestSchema):
    """How to promote."""

    force = StrictBoolean(
        load_default=False, metadata={"description": "Promote whatever the gate says; needs a reason."}
    )


class CurrentSchema(Schema):
    """The model that is the current one now."""

    current = fields.String(required=True)
    gate = fields.Nested(VerdictSchema, required=True, allow_none=True)


class DifferenceQuerySchema(StrictSchema):
    """What to compare a model with."""

    to = PrintableString(metadata={"description": "The id of another model, by default the current one."})


class ChangedSchema(Schema):
    """A curated candidate of which the two models say different things."""

    candidate = fields.Dict(required=True, keys=fields.String())
    label = fields.String(required=True)
    other_label = fields.String(required=True)
    probability_suppressing = fields.Float(required=True)
    other_probability_suppressing = fields.Float(required=True)


class DifferenceBetweenSchema(Schema):
    """Two models side by side, over the curated candidates of both."""

    model = fields.String(required=True)
    other = fields.String(required=True)
    candidates = fields.Integer(required=True)
    changed = fields.List(
        fields.Nested(ChangedSchema),
        required=True,
        metadata={"description": "Those whose label differs, the largest change of probability first."},
    )
    largest_change = fields.Float(required=True, metadata={"description": "Of the probability, over all candidates."})
    findings_added = fields.Integer(required=True, metadata={"description": "Learned from by `model` only."})
    findings_gone = fields.Integer(required=True, metadata={"description": "Learned from by `other` only."})
    figures = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.Float(allow_none=True),
        metadata={"description": "Means over folds, `model` minus `other`; of different findings, so only to look at."},
    )
