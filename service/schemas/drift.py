"""The shape of the drift."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.schemas import StrictSchema

MAX_DAYS = 3660


class DriftQuerySchema(StrictSchema):
    """Which days are wanted."""

    days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, MAX_DAYS),
        metadata={"description": "How many days, with today (UTC)."},
    )


class CategorySchema(Schema):
    """One category of a field."""

    category = fields.String(required=True)
    submitted = fields.Integer(required=True)
    trained = fields.Integer(required=True, metadata={"description": "Findings in the training table."})
    share_submitted = fields.Float(required=True)
    share_trained = fields.Float(required=True)


class FieldDriftSchema(Schema):
    """The drift of one field."""

    field = fields.String(required=True)
    submitted = fields.Integer(required=True)
    trained = fields.Integer(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(["too few", "none", "little", "some", "much"]))
    psi = fields.Float(required=True, allow_none=True, metadata={"description": "The population stability index."})
    interval = fields.List(
        fields.Float(), required=True, allow_none=True, metadata={"description": "Its 90 % interval."}
    )
    by_chance = fields.Float(
        required=True, allow_none=True, metadata={"description": "What it exceeds once in twenty without any drift."}
    )
    over = fields.List(
        fields.Nested(CategorySchema),
        required=True,
        metadata={"description": "The categories most submitted beyond their share of the training table."},
    )
    unseen = fields.List(
        fields.Nested(CategorySchema),
        required=True,
        metadata={"description": "Categories that the training table lacks."},
    )


class DriftSchema(Schema):
    """What was submitted against what the current model learned from."""

    model = fields.String(required=True)
    days = fields.Integer(required=True)
    fields_ = fields.List(fields.Nested(FieldDriftSchema), required=True, data_key="fields")
