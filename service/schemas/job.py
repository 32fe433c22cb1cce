"""The shapes of trainings and of jobs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.db.jobs import STATES
from service.jobs.kinds import KINDS
from service.schemas import StrictSchema
from service.schemas.batch import BatchCountsSchema
from service.schemas.fields import PrintableString, StrictBoolean, StrictInteger
from service.schemas.gate import MeasuredSchema, VerdictSchema

MAX_REASON = 1000


class TrainingRequestSchema(StrictSchema):
    """What to train. Everything has a default: the findings of the store, the seed 0, no promotion."""

    body_optional = True

    seed = StrictInteger(
        load_default=0,
        validate=validate.Range(0, 2**31 - 1),
        metadata={"description": "Deals papers to folds."},
    )
    promote = StrictBoolean(
        load_default=False,
        metadata={"description": "Make the model the current one, if the gate recommends it."},
    )
    force = StrictBoolean(
        load_default=False, metadata={"description": "Make it so whatever the gate says; needs a reason."}
    )
    reason = PrintableString(
        load_default="", validate=validate.Length(max=MAX_REASON), metadata={"description": "Why; it is kept."}
    )


class JobResultSchema(BatchCountsSchema):
    """What a job came to; which members there are depends on its kind."""

    model = fields.String(metadata={"description": "The model that was trained or compared."})
    replaces = fields.String(allow_none=True, metadata={"description": "The current model that it was compared with."})
    gate = fields.Nested(VerdictSchema, allow_none=True)
    figures = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(MeasuredSchema, allow_none=True),
        metadata={"description": "The figures on papers left out."},
    )
    fingerprints = fields.Dict(keys=fields.String(), values=fields.String())
    promoted = fields.Boolean()
    not_promoted_because = fields.String()


class JobSchema(Schema):
    """A job."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    author = fields.String(required=True)
    request = fields.Dict(required=True, keys=fields.String(), metadata={"description": "What was asked."})
    done = fields.Float(required=True, metadata={"description": "The share of the work that is done, 0 to 1."})
    log = fields.List(fields.String(), required=True, metadata={"description": "What happened so far, in UTC."})
    result = fields.Nested(JobResultSchema, required=True)
    failure = fields.String(required=True, metadata={"description": "Why it failed, if it did."})
    cancelling = fields.Boolean(required=True, metadata={"description": "Whether it was asked to stop."})
    attempt = fields.Integer(required=True, metadata={"description": "How often it was begun."})
    created = fields.String(required=True)
    started = fields.String(required=True, allow_none=True)
    finished = fields.String(required=True, allow_none=True)


class JobsQuerySchema(StrictSchema):
    """Which jobs to list."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    cursor = PrintableString(metadata={"description": "Where the page before ended, as its `next`."})


class JobsSchema(Schema):
    """A page of jobs, the newest first."""

    jobs = fields.List(fields.Nested(JobSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "The cursor of the next page."})
