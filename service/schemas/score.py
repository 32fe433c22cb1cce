"""The shape of an answer. `service/answers.py` writes it; these schemas document it, and tests hold the two together."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate
from webargs.fields import DelimitedList

from models.conformal import LABELS
from models.scorer import UNDETERMINED
from service.schemas.candidate import CandidateSchema

INCLUDES = ("contributions",)


class ScoreQuerySchema(Schema):
    """How to score."""

    class Meta:
        """An unknown parameter is an error."""

        unknown = RAISE

    include = DelimitedList(
        fields.String(validate=validate.OneOf(INCLUDES)),
        metadata={"description": "What to add to each score, joined by commas."},
    )
    model = fields.String(metadata={"description": "The id of the model to score with, instead of the current one."})
    score_the_good = fields.Boolean(
        load_default=False,
        data_key="partial",
        metadata={"description": "Score the good candidates and put a problem in the place of each bad one."},
    )


class NoteSchema(Schema):
    """How one given value was read."""

    field = fields.String(required=True)
    given = fields.String(required=True)
    used = fields.String(required=True)
    how = fields.String(
        required=True, metadata={"description": "exact, spelling, alias, symbol, mature, stem, default …"}
    )
    identifier = fields.String(metadata={"description": "A CURIE, where one is sure."})
    alternatives = fields.List(fields.String(), metadata={"description": "What else the name can mean."})


class CountSchema(Schema):
    """What stands behind one value of one field."""

    findings = fields.Integer(required=True)
    papers = fields.Integer(required=True)


class ReasonSchema(Schema):
    """What the domain check says of one field."""

    field = fields.String(required=True)
    says = fields.String(required=True)
    outside = fields.Boolean(required=True, metadata={"description": "Whether this alone puts the candidate outside."})


class DomainSchema(Schema):
    """Whether the model has seen enough to speak of this candidate."""

    inside = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    support = fields.Dict(keys=fields.String(), values=fields.Nested(CountSchema), required=True)


class ContributionsSchema(Schema):
    """Log-odds of suppressing: the baseline and the fields sum to the total."""

    baseline = fields.Float(required=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Float(), required=True, data_key="fields")
    log_odds = fields.Float(required=True)


class VersionsSchema(Schema):
    """What made the answer; with these it can be replayed."""

    model = fields.String(required=True)
    data = fields.String(required=True)
    vocabulary = fields.String(required=True)
    code = fields.String(required=True)


class ScoreSchema(Schema):
    """The score of one candidate."""

    candidate = fields.Nested(CandidateSchema, required=True)
    normalisation = fields.List(fields.Nested(NoteSchema), required=True)
    label = fields.String(required=True, validate=validate.OneOf((*LABELS, UNDETERMINED)))
    undetermined_because = fields.String(validate=validate.OneOf(("domain", "conflict", "thin_data")))
    probability_suppressing = fields.Float(required=True, validate=validate.Range(0, 1))
    prediction_set = fields.List(fields.String(validate=validate.OneOf(LABELS)), required=True)
    confidence = fields.Float(required=True, validate=validate.Range(0, 1))
    credibility = fields.Float(required=True, validate=validate.Range(0, 1))
    domain = fields.Nested(DomainSchema, required=True)
    contributions = fields.Nested(ContributionsSchema)
    summary = fields.String(required=True)
    versions = fields.Nested(VersionsSchema, required=True)


class ModelSchema(Schema):
    """The model that scored."""

    id = fields.String(required=True)
    findings = fields.Integer(required=True, metadata={"description": "How many findings it learned from."})
    papers = fields.Integer(required=True, metadata={"description": "How many papers they are from."})
    created = fields.String(required=True)


class ScoreResponseSchema(Schema):
    """The scores, in the order of the candidates."""

    model = fields.Nested(ModelSchema, required=True)
    scores = fields.List(
        fields.Raw(metadata={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Score", "Problem")]}),
        required=True,
        metadata={"description": "A score for each candidate; in a partial answer, a problem in place of a bad one."},
    )
