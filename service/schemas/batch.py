"""The shapes of batches."""

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from service.batch.formats import Format
from service.batch.options import BAD_ROWS, INCLUDES, LEAVE_OUT
from service.db.jobs import STATES
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString

FORMATS = [str(form) for form in Format]


class BatchQuerySchema(StrictSchema):
    """How to score a file."""

    include = DelimitedList(
        fields.String(validate=validate.OneOf(INCLUDES)),
        metadata=describe("What to add to the scores, joined by commas. Evidence takes far longer than the scores."),
    )
    keep = fields.Boolean(load_default=False, metadata=describe("Carry all columns that were sent over to the result."))
    result_format = fields.String(
        data_key="format",
        validate=validate.OneOf(FORMATS),
        metadata=describe("The format of the result; by default that of what was sent."),
    )
    model = PrintableString(
        load_default="", metadata=describe("The id of the model to score with, instead of the current one.")
    )
    sheet = PrintableString(
        load_default="", metadata=describe("The sheet of a workbook; by default the first that is not hidden.")
    )
    score_the_good = fields.Boolean(
        load_default=False,
        data_key="partial",
        metadata=describe("Score the good rows where others are bad; else a bad row fails the batch."),
    )
    bad_rows = fields.String(
        load_default=LEAVE_OUT,
        validate=validate.OneOf(BAD_ROWS),
        metadata=describe("Whether bad rows are left out of the result, or kept in it without scores."),
    )
    strict = fields.Boolean(
        load_default=False,
        metadata=describe(
            "Take a row of which anything could not be understood for a bad one, instead of warning of it."
        ),
    )
    columns = DelimitedList(
        fields.String(),
        metadata=describe("What the columns of a table without a header are, in order, joined by commas."),
    )
    constants = fields.List(
        fields.String(),
        data_key="set",
        metadata=describe(
            "FIELD=VALUE: the value of a field in all rows that state none; for several fields once for each."
        ),
    )


class BatchRequestedSchema(ResponseSchema):
    """What was asked of a batch."""

    source = fields.String(validate=validate.OneOf(FORMATS))
    target = fields.String(validate=validate.OneOf(FORMATS))
    include = fields.List(fields.String())
    keep = fields.Boolean()
    bad_rows = fields.String()
    strict = fields.Boolean()
    columns = fields.List(fields.String())
    constants = fields.Dict(values=fields.String(), metadata=describe("The values of fields in rows that state none."))
    score_the_good = fields.Boolean(data_key="partial")
    model = fields.String(metadata=describe("The model that scores."))
    sheet = fields.String(metadata=describe("The sheet of a workbook; the first where it is empty."))


class WarnedRowsSchema(Schema):
    """A warning, and how many rows have it."""

    field = fields.String()
    given = fields.String()
    done = fields.String(metadata=describe("What was done instead."))
    nearest = fields.List(fields.String(), metadata=describe("What may have been meant."))
    rows = fields.Integer()


class BatchCountsSchema(Schema):
    """What was counted of a batch, once there is something to count."""

    rows = fields.Integer(metadata=describe("The rows of a batch that are done so far."))
    scored = fields.Integer(metadata=describe("Those of them that have a score."))
    bad = fields.Integer(metadata=describe("Those of them that are bad."))
    labels = fields.Dict(values=fields.Integer(), metadata=describe("How often each label came."))
    warned = fields.Integer(
        metadata=describe("The scored rows of which something was not understood as it is written.")
    )
    warnings = fields.List(
        fields.Nested(WarnedRowsSchema), metadata=describe("What was not understood, the most frequent first.")
    )
    seconds = fields.Float(metadata=describe("How long it took since it was last begun."))
    rows_per_second = fields.Integer(metadata=describe("How fast it is, or was."))
    remarks = fields.List(
        fields.String(), metadata=describe("What was read otherwise than it stands, such as headings and the sheet.")
    )
    resumed_after_rows = fields.Integer(metadata=describe("The rows that were done before it was last begun."))


class BatchLinksSchema(ResponseSchema):
    """Where the parts of a batch are."""

    self_ = fields.String(data_key="self")
    job = fields.String()
    result = fields.String()
    errors = fields.String()


class BatchSchema(ResponseSchema):
    """A batch."""

    id = fields.String(metadata=describe("Its id, which is also that of its job."))
    state = fields.String(validate=validate.OneOf(STATES))
    done = fields.Float(metadata=describe("The share of the work that is done, 0 to 1."))
    request = fields.Nested(BatchRequestedSchema)
    counts = fields.Nested(BatchCountsSchema)
    failure = fields.String(metadata=describe("Why it failed, if it did."))
    created = fields.String()
    finished = fields.String(allow_none=True)
    expires = fields.String(allow_none=True, metadata=describe("When its files are removed, once it has ended."))
    removed = fields.Boolean(metadata=describe("Whether its files are removed."))
    links = fields.Nested(BatchLinksSchema)
