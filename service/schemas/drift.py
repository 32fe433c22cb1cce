"""The shape of the drift."""

from marshmallow import fields, validate

from service.schemas import ResponseSchema, StrictSchema, describe

MAX_DAYS = 3660


class DriftQuerySchema(StrictSchema):
    """The period."""

    days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, MAX_DAYS),
        metadata=describe("The number of days, including today (UTC)."),
    )


class CategorySchema(ResponseSchema):
    """One category of a field."""

    category = fields.String()
    submitted = fields.Integer()
    trained = fields.Integer(metadata=describe("Findings in the training data."))
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
    by_chance = fields.Float(
        allow_none=True, metadata=describe("The value that it exceeds once in twenty times without drift.")
    )
    over = fields.List(
        fields.Nested(CategorySchema),
        metadata=describe("The categories submitted more often than their share of the training data."),
    )
    unseen = fields.List(
        fields.Nested(CategorySchema), metadata=describe("Categories that are not in the training data.")
    )


class DriftSchema(ResponseSchema):
    """Recent queries compared with the training data of the model in use."""

    model = fields.String()
    days = fields.Integer()
    fields_ = fields.List(fields.Nested(FieldDriftSchema), data_key="fields")
