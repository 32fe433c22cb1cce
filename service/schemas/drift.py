"""The shape of the drift."""

from marshmallow import fields, validate

from service.schemas import ResponseSchema, StrictSchema, describe

MAX_DAYS = 3660


class DriftQuerySchema(StrictSchema):
    """Which days are wanted."""

    days = fields.Integer(
        load_default=30, validate=validate.Range(1, MAX_DAYS), metadata=describe("How many days, with today (UTC).")
    )


class CategorySchema(ResponseSchema):
    """One category of a field."""

    category = fields.String()
    submitted = fields.Integer()
    trained = fields.Integer(metadata=describe("Findings in the training table."))
    share_submitted = fields.Float()
    share_trained = fields.Float()


class FieldDriftSchema(ResponseSchema):
    """The drift of one field."""

    field = fields.String()
    submitted = fields.Integer()
    trained = fields.Integer()
    verdict = fields.String(validate=validate.OneOf(["too few", "none", "little", "some", "much"]))
    psi = fields.Float(allow_none=True, metadata=describe("The population stability index."))
    interval = fields.List(fields.Float(), allow_none=True, metadata=describe("Its 90 % interval."))
    by_chance = fields.Float(allow_none=True, metadata=describe("What it exceeds once in twenty without any drift."))
    over = fields.List(
        fields.Nested(CategorySchema),
        metadata=describe("The categories most submitted beyond their share of the training table."),
    )
    unseen = fields.List(fields.Nested(CategorySchema), metadata=describe("Categories that the training table lacks."))


class DriftSchema(ResponseSchema):
    """What was submitted against what the current model learned from."""

    model = fields.String()
    days = fields.Integer()
    fields_ = fields.List(fields.Nested(FieldDriftSchema), data_key="fields")
