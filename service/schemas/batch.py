"""The shapes of batches."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from service.batch.formats import Format
from service.batch.options import BAD_ROWS, INCLUDES, LEAVE_OUT
from service.db.jobs import STATES
from service.schemas import StrictSchema
from service.schemas.fields import PrintableString

FORMATS = [str(one) for one in Format]


class BatchQuerySchema(StrictSchema):
    """How to score a file."""

    include = DelimitedList(
        fields.String(validate=validate.OneOf(INCLUDES)),
        metadata={
            "description": "What to add to the scores, joined by commas. Evidence takes far longer than the scores."
        },
    )
    keep = fields.Boolean(
        load_default=False, metadata={"description": "Carry all columns that were sent over to the result."}
    )
    result_format = fields.String(
        data_key="format",
        validate=validate.OneOf(FORMATS),
        metadata={"description": "The format of the result; by default that of what was sent."},
    )
    model = PrintableString(
        load_default="", metadata={"description": "The id of the model to score with, instead of the current one."}
    )
    score_the_good = fields.Boolean(
        load_default=False,
        data_key="partial",
        metadata={"description": "Score the good rows where others are bad; else a bad row fails the batch."},
    )
    bad_rows = fields.String(
        load_default=LEAVE_OUT,
        validate=validate.OneOf(BAD_ROWS),
        metadata={"description": "Whether bad rows are left out of the result, or kept in it without scores."},
    )


class BatchRequestedSchema(Schema):
    """What was asked of a batch."""

    source = fields.String(required=True, validate=validate.OneOf(FORMATS))
    target = fields.String(required=True, validate=validate.OneOf(FORMATS))
    include = fields.List(fields.String(), required=True)
    keep = fields.Boolean(required=True)
    bad_rows = fields.String(required=True)
    score_the_good = fields.Boolean(required=True, data_key="partial")
    model = fields.String(required=True, metadata={"description": "The model that scores."})


class BatchCountsSchema(Schema):
    """What was counted of a batch, once there is something to count."""

    rows = fields.Integer(metadata={"description": "The rows of a batch that are done so far."})
    scored = fields.Integer(metadata={"description": "Those of them that have a score."})
    bad = fields.Integer(metadata={"description": "Those of them that are bad."})
    labels = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "How often each label came."}
    )
    seconds = fields.Float(metadata={"description": "How long it took since it was last begun."})
    rows_per_second = fields.Integer(metadata={"description": "How fast it is, or was."})
    resumed_after_rows = fields.Integer(metadata={"description": "The rows that were done before it was last begun."})


class BatchLinksSchema(Schema):
    """Where the parts of a batch are."""

    self_ = fields.String(required=True, data_key="self")
    job = fields.String(required=True)
    result = fields.String(required=True)
    errors = fields.String(required=True)


class BatchSchema(Schema):
    """A batch."""

    id = fields.String(required=True, metadata={"description": "Its id, which is also that of its job."})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    done = fields.Float(required=True, metadata={"description": "The share of the work that is done, 0 to 1."})
    request = fields.Nested(BatchRequestedSchema, required=True)
    counts = fields.Nested(BatchCountsSchema, required=True)
    failure = fields.String(required=True, metadata={"description": "Why it failed, if it did."})
    created = fields.String(required=True)
    finished = fields.String(required=True, allow_none=True)
    expires = fields.String(
        required=True, allow_none=True, metadata={"description": "When its files are removed, once it has ended."}
    )
    removed = fields.Boolean(required=True, metadata={"description": "Whether its files are removed."})
    links = fields.Nested(BatchLinksSchema, required=True)
