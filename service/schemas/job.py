"""The shapes of trainings and of jobs."""

from marshmallow import fields, validate

from service.db.jobs import STATES
from service.jobs.kinds import KINDS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.batch import BatchCountsSchema
from service.schemas.fields import PrintableString, StrictBoolean, StrictInteger
from service.schemas.gate import MeasuredSchema, VerdictSchema

MAX_REASON = 1000


class TrainingRequestSchema(StrictSchema):
    """What to train. Everything has a default: the findings of the store, the seed 0, no promotion."""

    body_optional = True

    seed = StrictInteger(
        load_default=0, validate=validate.Range(0, 2**31 - 1), metadata=describe("Deals papers to folds.")
    )
    promote = StrictBoolean(
        load_default=False, metadata=describe("Make the model the current one, if the gate recommends it.")
    )
    force = StrictBoolean(load_default=False, metadata=describe("Make it so whatever the gate says; needs a reason."))
    reason = PrintableString(
        load_default="", validate=validate.Length(max=MAX_REASON), metadata=describe("Why; it is kept.")
    )


class JobResultSchema(BatchCountsSchema):
    """What a job came to; which members there are depends on its kind."""

    model = fields.String(metadata=describe("The model that was trained or compared."))
    replaces = fields.String(allow_none=True, metadata=describe("The current model that it was compared with."))
    gate = fields.Nested(VerdictSchema, allow_none=True)
    figures = fields.Dict(
        values=fields.Nested(MeasuredSchema, allow_none=True), metadata=describe("The figures on papers left out.")
    )
    fingerprints = fields.Dict(values=fields.String())
    promoted = fields.Boolean()
    not_promoted_because = fields.String()


class JobSchema(ResponseSchema):
    """A job."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    author = fields.String()
    request = fields.Dict(metadata=describe("What was asked."))
    done = fields.Float(metadata=describe("The share of the work that is done, 0 to 1."))
    log = fields.List(fields.String(), metadata=describe("What happened so far, in UTC."))
    result = fields.Nested(JobResultSchema)
    failure = fields.String(metadata=describe("Why it failed, if it did."))
    cancelling = fields.Boolean(metadata=describe("Whether it was asked to stop."))
    attempt = fields.Integer(metadata=describe("How often it was begun."))
    created = fields.String()
    started = fields.String(allow_none=True)
    finished = fields.String(allow_none=True)


class JobsQuerySchema(StrictSchema):
    """Which jobs to list."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = PrintableString(metadata=describe("Where the page before ended, as its `next`."))


class JobsSchema(ResponseSchema):
    """A page of jobs, the newest first."""

    jobs = fields.List(fields.Nested(JobSchema))
    next = fields.String(allow_none=True, metadata=describe("The cursor of the next page."))
