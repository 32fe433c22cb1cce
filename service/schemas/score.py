"""The shape of an answer. `service/answers.py` writes it; these schemas document it, and tests hold the two together."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from webargs.fields import DelimitedList

from models.conformal import LABELS
from models.summary import UNDETERMINED
from service.members import INCLUDES, MEMBERS
from service.schemas import StrictSchema
from service.schemas.candidate import CandidateSchema
from service.schemas.exact import PrintableString


class ScoreQuerySchema(StrictSchema):
    """How to score."""

    include = DelimitedList(
        fields.String(validate=validate.OneOf(INCLUDES)),
        metadata={"description": "What to add to each score, joined by commas."},
    )
    told = DelimitedList(
        fields.String(validate=validate.OneOf(MEMBERS)),
        data_key="fields",
        metadata={
            "description": "What to tell of each score, and nothing else, joined by commas: fewer members are faster answers."
        },
    )
    model = PrintableString(metadata={"description": "The id of the model to score with, instead of the current one."})
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
    distance = fields.Float(
        required=True, metadata={"description": "From the nearest finding: 0 alike, 1 nothing shared."}
    )


class PercentileSchema(Schema):
    """The share of curated findings, in percent, that score lower."""

    of_all = fields.Float(required=True)
    of_cargo_type = fields.Float(
        metadata={"description": "Among findings of the same cargo type, where there are any."}
    )


class TallySchema(Schema):
    """Findings and papers each way, and how far each way is believed: positive x (1 - negative)."""

    suppressing_findings = fields.Integer(required=True)
    suppressing_papers = fields.Integer(required=True)
    promoting_findings = fields.Integer(required=True)
    promoting_papers = fields.Integer(required=True)
    belief_suppressing = fields.Float(required=True)
    belief_promoting = fields.Float(required=True)


class KnownSchema(Schema):
    """What was published of the same source and cargo, told in the candidate's own cargo state."""

    says = fields.String(
        required=True, validate=validate.OneOf(("suppressing", "promoting", "contradictory", "nothing"))
    )
    agrees = fields.Boolean(metadata={"description": "Whether the model points the same way, where the papers point."})
    anywhere = fields.Nested(TallySchema, required=True)
    in_this_cancer = fields.Nested(TallySchema)
    findings = fields.List(fields.String(), required=True)


class ObservedSchema(Schema):
    """Something seen, and the findings that saw it."""

    name = fields.String(required=True)
    findings = fields.List(fields.String(), required=True)


class TargetSchema(Schema):
    """A gene that papers validated as a target of the cargo."""

    target = fields.String(required=True)
    papers = fields.Integer(required=True)
    source = fields.String(required=True, metadata={"description": "The imported table that counts the papers."})


class MechanismSchema(Schema):
    """What findings of the same cargo, else the nearest ones, saw in the recipient cell, and its validated targets."""

    post_transcriptional_targets = fields.List(fields.Nested(ObservedSchema), required=True)
    other_targets = fields.List(fields.Nested(ObservedSchema), required=True)
    pathways = fields.List(fields.Nested(ObservedSchema), required=True)
    processes = fields.List(fields.Nested(ObservedSchema), required=True)
    validated_targets = fields.List(
        fields.Nested(TargetSchema),
        required=True,
        metadata={"description": "The 20 with most papers, of a table that was imported; empty where none was."},
    )


class CitationSchema(Schema):
    """Where a finding was published."""

    paper = fields.String(required=True)
    links = fields.List(fields.String(), required=True)
    pmid = fields.String()
    doi = fields.String()
    pmcid = fields.String()
    title = fields.String()
    first_author = fields.String()
    year = fields.String()
    journal = fields.String()
    url = fields.String()


class NeighbourSchema(Schema):
    """A near finding: how alike, in which fields, what it saw, and where it was published."""

    finding_id = fields.String(required=True)
    effect = fields.String(required=True, validate=validate.OneOf(LABELS))
    likeness = fields.Float(required=True, validate=validate.Range(0, 1))
    matched = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    candidate = fields.Nested(CandidateSchema, required=True)
    observed = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    citation = fields.Nested(CitationSchema, required=True)


class ChangeSchema(Schema):
    """One field changed."""

    field = fields.String(required=True)
    from_ = fields.String(required=True, data_key="from")
    to = fields.String(required=True)


class FlipSchema(Schema):
    """A small change of the candidate that turns the call."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    label = fields.String(required=True, validate=validate.OneOf(LABELS))
    probability_suppressing = fields.Float(required=True)
    inside_domain = fields.Boolean(required=True)
    support = fields.Integer(required=True, metadata={"description": "Findings of the changed source and state."})
    candidate = fields.Nested(CandidateSchema, required=True)


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
    targets = fields.String(metadata={"description": "The table of validated targets, where one was imported."})


class ScoreSchema(Schema):
    """The score of one candidate."""

    candidate = fields.Nested(CandidateSchema, required=True)
    normalisation = fields.List(fields.Nested(NoteSchema), required=True)
    label = fields.String(required=True, validate=validate.OneOf((*LABELS, UNDETERMINED)))
    undetermined_because = fields.String(validate=validate.OneOf(("domain", "conflict", "thin_data")))
    probability_suppressing = fields.Float(required=True, validate=validate.Range(0, 1))
    interval = fields.List(
        fields.Float(),
        required=True,
        metadata={"description": "The 90 % band of the probability.", "minItems": 2, "maxItems": 2},
    )
    prediction_set = fields.List(fields.String(validate=validate.OneOf(LABELS)), required=True)
    confidence = fields.Float(required=True, validate=validate.Range(0, 1))
    credibility = fields.Float(required=True, validate=validate.Range(0, 1))
    percentile = fields.Nested(PercentileSchema, required=True)
    domain = fields.Nested(DomainSchema, required=True)
    known = fields.Nested(KnownSchema, required=True)
    mechanism = fields.Nested(MechanismSchema, required=True)
    evidence = fields.List(fields.Nested(NeighbourSchema))
    flips = fields.List(fields.Nested(FlipSchema))
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
        fields.Raw(
            metadata={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Score", "ScorePart", "Problem")]}
        ),
        required=True,
        metadata={
            "description": "A score for each candidate, or what `fields` names of it; problems in place of bad ones, if partial."
        },
    )
