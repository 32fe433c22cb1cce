"""The shapes of trainings and of jobs."""

from marshmallow import fields, validate

from service.db.jobs import STATES
from service.db.tables import MAX_MODEL_NAME
from service.jobs.kinds import KINDS
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.batch import BatchCountsSchema
from service.schemas.fields import PrintableString, Reason, StrictBoolean, StrictInteger
from service.schemas.gate import MeasuredSchema, VerdictSchema


class TrainingRequestSchema(StrictSchema):
    """The options of a training. By default: all stored findings, the seed 0, no promotion."""

    body_optional = True

    seed = StrictInteger(
        load_default=0,
        validate=validate.Range(0, 2**31 - 1),
        metadata=describe("The seed that assigns papers to folds."),
    )
    name = PrintableString(
        load_default="",
        validate=validate.Length(max=MAX_MODEL_NAME),
        metadata=describe("The name of the model; by default that of the corpus release."),
    )
    promote = StrictBoolean(
        load_default=False, metadata=describe("Put the model in use if the promotion check recommends it.")
    )
    force = StrictBoolean(
        load_default=False, metadata=describe("Put it in use even against the promotion check; needs a reason.")
    )
    reason = Reason(required=False)


class AdviceRequestSchema(StrictSchema):
    """The options of advice."""

    body_optional = True

    seed = StrictInteger(
        load_default=0,
        validate=validate.Range(0, 2**31 - 1),
        metadata=describe("The seed that assigns papers to folds."),
    )
    top = StrictInteger(
        load_default=10, validate=validate.Range(1, 200), metadata=describe("How many of each to list.")
    )


class JobResultSchema(BatchCountsSchema):
    """The result of a job. Its members depend on the kind of job."""

    variants = fields.Integer(metadata=describe("The combinations of a design."))
    model = fields.String(metadata=describe("The model that was trained or compared."))
    replaces = fields.String(allow_none=True, metadata=describe("The model in use that it was compared with."))
    gate = fields.Nested(VerdictSchema, allow_none=True)
    figures = fields.Dict(
        values=fields.Nested(MeasuredSchema, allow_none=True),
        metadata=describe("The figures on papers not used for training."),
    )
    fingerprints = fields.Dict(values=fields.String())
    promoted = fields.Boolean()
    not_promoted_because = fields.String()
    advice = fields.Dict(
        metadata=describe("Conflicts between papers, findings to check, and the experiments that would help most.")
    )


class JobSchema(ResponseSchema):
    """A job."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    author = fields.String()
    request = fields.Dict(metadata=describe("The options of the job."))
    done = fields.Float(metadata=describe("The share done, 0 to 1."))
    log = fields.List(fields.String(), metadata=describe("The log, in UTC."))
    result = fields.Nested(JobResultSchema)
    failure = fields.String(metadata=describe("Why it failed."))
    cancelling = fields.Boolean(metadata=describe("Whether it is being cancelled."))
    attempt = fields.Integer(metadata=describe("The number of starts."))
    trace_id = fields.String(
        metadata=describe("The trace of the request that started it (W3C Trace Context); empty if none.")
    )
    created = fields.String()
    started = fields.String(allow_none=True)
    finished = fields.String(allow_none=True)


class JobsQuerySchema(StrictSchema):
    """A filter of jobs."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = PrintableString(metadata=describe("The `next` of the previous page."))


class JobsSchema(ResponseSchema):
    """A page of jobs, the newest first."""

    jobs = fields.List(fields.Nested(JobSchema))
    next = fields.String(allow_none=True, metadata=describe("The cursor of the next page."))
