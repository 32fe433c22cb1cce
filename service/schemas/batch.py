"""The shapes of batches."""

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from service.batch.formats import Format
from service.batch.options import BAD_ROWS, INCLUDES, LEAVE_OUT
from service.db.jobs import STATES
from service.schemas import ResponseSchema, describe
from service.schemas.decisions import RANK_HELP, CostsQuerySchema
from service.schemas.fields import PrintableString

FORMATS = [str(form) for form in Format]


class BatchQuerySchema(CostsQuerySchema):
    """How to score a file."""

    include = DelimitedList(
        fields.String(validate=validate.OneOf(INCLUDES)),
        metadata=describe("What to add to the scores, separated by commas. Evidence is much slower."),
    )
    keep = fields.Boolean(load_default=False, metadata=describe("Keep all columns of the file in the result."))
    result_format = fields.String(
        data_key="format",
        validate=validate.OneOf(FORMATS),
        metadata=describe("The format of the result; by default that of the file."),
    )
    model = PrintableString(
        load_default="", metadata=describe("The id of the model to score with, by default the one in use.")
    )
    sheet = PrintableString(
        load_default="", metadata=describe("The sheet of a workbook, by default the first visible one.")
    )
    score_the_good = fields.Boolean(
        load_default=False,
        data_key="partial",
        metadata=describe(
            "Score the rows without errors even if others have errors; otherwise one error fails the batch."
        ),
    )
    bad_rows = fields.String(
        load_default=LEAVE_OUT,
        validate=validate.OneOf(BAD_ROWS),
        metadata=describe(
            "Whether rows with errors are left out of the result (drop), or stay in it without a score (keep)."
        ),
    )
    rank = fields.Boolean(load_default=False, metadata=describe(RANK_HELP))
    strict = fields.Boolean(
        load_default=False,
        metadata=describe("Treat warnings as errors: do not score rows in which anything was not understood."),
    )
    columns = DelimitedList(
        fields.String(),
        metadata=describe("The columns of a table without a header, in order, separated by commas."),
    )
    constants = fields.List(
        fields.String(),
        data_key="set",
        metadata=describe(
            "FIELD=VALUE: the value of a field in all rows that state none. Repeat it for several fields."
        ),
    )
    again = fields.Boolean(
        load_default=False,
        metadata=describe(
            "Score the file even if the same sender has sent it before with the same options; by default that batch is returned."
        ),
    )


class CostsSchema(Schema):
    """What decisions cost, in one unit."""

    wrong_suppressing = fields.Float(required=True)
    wrong_promoting = fields.Float(required=True)
    undetermined = fields.Float(allow_none=True, required=True)


class BatchRequestedSchema(ResponseSchema):
    """The options of a batch."""

    # Batches of earlier versions have neither.
    optional = ("costs", "rank")

    costs = fields.Nested(
        CostsSchema, allow_none=True, metadata=describe("The costs by which each row has a decision.")
    )
    rank = fields.Boolean(metadata=describe("Whether each row has its rank among all rows."))
    source = fields.String(validate=validate.OneOf(FORMATS))
    target = fields.String(validate=validate.OneOf(FORMATS))
    include = fields.List(fields.String())
    keep = fields.Boolean()
    bad_rows = fields.String()
    strict = fields.Boolean()
    columns = fields.List(fields.String())
    constants = fields.Dict(values=fields.String(), metadata=describe("The values of fields in rows that state none."))
    score_the_good = fields.Boolean(data_key="partial")
    model = fields.String(metadata=describe("The model that scores the batch."))
    sheet = fields.String(metadata=describe("The sheet of a workbook; the first if empty."))


class WarnedRowsSchema(Schema):
    """A warning, and how many rows have it."""

    field = fields.String()
    given = fields.String()
    done = fields.String(metadata=describe("What was done instead."))
    nearest = fields.List(fields.String(), metadata=describe("The nearest known names."))
    rows = fields.Integer()


class BatchCountsSchema(Schema):
    """The counts of a batch, once it runs."""

    rows = fields.Integer(metadata=describe("Rows done so far."))
    scored = fields.Integer(metadata=describe("Rows with a score."))
    bad = fields.Integer(metadata=describe("Rows with errors."))
    labels = fields.Dict(values=fields.Integer(), metadata=describe("Rows by prediction."))
    warned = fields.Integer(metadata=describe("Scored rows with warnings."))
    warnings = fields.List(fields.Nested(WarnedRowsSchema), metadata=describe("The most frequent warnings."))
    seconds = fields.Float(metadata=describe("Seconds since it was last started."))
    rows_per_second = fields.Integer(metadata=describe("Rows per second."))
    remarks = fields.List(fields.String(), metadata=describe("How the file was read, such as headings and the sheet."))
    resumed_after_rows = fields.Integer(metadata=describe("Rows done before it was last started."))


class BatchLinksSchema(ResponseSchema):
    """Where the parts of a batch are."""

    self_ = fields.String(data_key="self")
    job = fields.String()
    result = fields.String()
    errors = fields.String()


class BatchSchema(ResponseSchema):
    """A batch."""

    optional = ("duplicate",)

    duplicate = fields.Boolean(
        metadata=describe(
            "When a file is sent: whether it was sent before with the same options, so that this is the earlier batch."
        )
    )
    id = fields.String(metadata=describe("Its id, which is also the id of its job."))
    state = fields.String(validate=validate.OneOf(STATES))
    done = fields.Float(metadata=describe("The share done, 0 to 1."))
    request = fields.Nested(BatchRequestedSchema)
    counts = fields.Nested(BatchCountsSchema)
    failure = fields.String(metadata=describe("Why it failed."))
    created = fields.String()
    finished = fields.String(allow_none=True)
    expires = fields.String(allow_none=True, metadata=describe("When its files will be removed."))
    removed = fields.Boolean(metadata=describe("Whether its files were removed."))
    links = fields.Nested(BatchLinksSchema)
