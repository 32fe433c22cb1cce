"""The shapes of the registry."""

from marshmallow import fields, validate

from models.estimator.scorecard import STATES
from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.fields import PrintableString, StrictBoolean
from service.schemas.gate import VerdictSchema
from service.schemas.reason import ReasonRequestSchema

STATUSES = ("current", "kept", "retired")
SHEET_FORMATS = {"application/json": "json", "text/markdown": "markdown", "text/html": "html"}
COMPARISON_FORMATS = {"application/json": "json", "text/csv": "csv"}
SCORECARD_FORMATS = {"application/json": "json", "text/tab-separated-values": "tsv"}


class RegisteredModelSchema(ResponseSchema):
    """A model of the registry."""

    id = fields.String()
    name = fields.String(
        metadata=describe("The release of the corpus, or the name given to the training; not always unique.")
    )
    number = fields.Integer(metadata=describe("Counts the models of this installation, in the order they were added."))
    status = fields.String(validate=validate.OneOf(STATUSES))
    created = fields.String(metadata=describe("When it was trained."))
    added = fields.String(metadata=describe("When it was stored here."))
    author = fields.String()
    job = fields.String(metadata=describe("The job that trained it; empty if none did."))
    trained_on = fields.Dict(values=fields.Integer())
    fingerprints = fields.Dict(values=fields.String())
    figures = fields.Dict(
        values=fields.Float(allow_none=True), metadata=describe("Means over the repeated folds, grouped by paper.")
    )


class PromotionSchema(ResponseSchema):
    """One change of the model in use."""

    sequence = fields.Integer()
    model = fields.String()
    kind = fields.String(validate=validate.OneOf(("promotion", "roll-back")))
    reason = fields.String()
    author = fields.String()
    at = fields.String()
    gate = fields.Nested(VerdictSchema, allow_none=True)


class ModelsSchema(ResponseSchema):
    """The stored models and the changes of the model in use, the newest first."""

    current = fields.String(allow_none=True)
    retracted = fields.Integer(
        allow_none=True,
        metadata=describe("Findings in the training data of the model in use that were retracted since."),
    )
    models = fields.List(fields.Nested(RegisteredModelSchema))
    promotions = fields.List(fields.Nested(PromotionSchema))


class WithinSchema(ResponseSchema):
    """A figure with its interval."""

    mean = fields.Float()
    interval = fields.List(fields.Float(), allow_none=True, metadata=describe("90 % bootstrap interval over papers."))


class CalibrationSchema(ResponseSchema):
    """How predictions of one cargo type were calibrated on papers not used for training."""

    cargo_type = fields.String()
    findings = fields.Integer()
    papers = fields.Integer()
    predicted = fields.Float(
        allow_none=True,
        metadata=describe(
            "The mean predicted probability of suppressing. It and the shares are null where there are fewer than 20 findings or "
            "10 papers, and for models of earlier versions."
        ),
    )
    observed = fields.Nested(WithinSchema, allow_none=True, metadata=describe("The share that suppressed the tumour."))
    difference = fields.Nested(WithinSchema, allow_none=True, metadata=describe("Observed minus predicted."))
    says = fields.String(metadata=describe("The same in a sentence."))


class ModelDetailSchema(RegisteredModelSchema):
    """A model with its manifest: figures of the model and of baselines, libraries, seed, digests."""

    manifest = fields.Dict(
        metadata=describe(
            "Figures, seed, digests and libraries; `code` is the release and commit, `lock` the SHA-256 of its "
            "requirements.lock."
        )
    )
    calibration = fields.List(
        fields.Nested(CalibrationSchema),
        metadata=describe("By cargo type, those with most findings first; empty for models of earlier versions."),
    )
    retracted = fields.Integer(
        allow_none=True,
        metadata=describe("Findings in its training data that were retracted since; null if it cannot be used."),
    )
    gate = fields.Nested(
        VerdictSchema,
        allow_none=True,
        metadata=describe(
            "The verdict against the model in use, or of that against the previous one; null if they were not compared."
        ),
    )


class PromotionRequestSchema(ReasonRequestSchema):
    """The options of a promotion."""

    force = StrictBoolean(load_default=False, metadata=describe("Promote even against the promotion check."))


class CurrentSchema(ResponseSchema):
    """The model in use now."""

    current = fields.String()
    gate = fields.Nested(VerdictSchema, allow_none=True)


class DifferenceQuerySchema(StrictSchema):
    """What to compare a model with."""

    to = PrintableString(metadata=describe("The id of the other model (`other`), by default the one in use."))


class ComparisonQuerySchema(DifferenceQuerySchema):
    """What to compare a model with, and how."""

    sheet = PrintableString(load_default="", metadata=describe("The sheet of a workbook, by default the first one."))
    format = fields.String(
        validate=validate.OneOf(tuple(COMPARISON_FORMATS.values())),
        metadata=describe("The format of the response, instead of the Accept header."),
    )


class ComparedSchema(ResponseSchema):
    """What two models predict of one row."""

    row = fields.Integer(metadata=describe("The number of the row, from 1."))
    candidate = fields.Dict(metadata=describe("The candidate as it was sent."))
    label = fields.String()
    other_label = fields.String()
    probability_suppressing = fields.Float()
    other_probability_suppressing = fields.Float()
    changed = fields.Boolean(metadata=describe("Whether the predictions differ."))


class RowErrorSchema(ResponseSchema):
    """An error of a row, which has no scores."""

    line = fields.Integer(allow_none=True)
    row = fields.Integer()
    id = fields.String(allow_none=True)
    field = fields.String()
    code = fields.String()
    detail = fields.String()
    given = fields.Raw(allow_none=True)
    allowed = fields.List(fields.String())
    nearest = fields.List(fields.String())


class ComparisonOnCandidatesSchema(ResponseSchema):
    """Two models side by side on the candidates that were sent."""

    model = fields.String()
    other = fields.String()
    rows = fields.Integer()
    compared = fields.Integer(metadata=describe("Rows without errors."))
    changed = fields.Integer(metadata=describe("Rows with different predictions."))
    largest_change = fields.Float(metadata=describe("The largest change of a probability."))
    labels = fields.Dict(values=fields.Integer(), metadata=describe("How often `model` predicts what."))
    other_labels = fields.Dict(values=fields.Integer(), metadata=describe("How often `other` predicts what."))
    remarks = fields.List(fields.String(), metadata=describe("How the table was read."))
    errors = fields.List(fields.Nested(RowErrorSchema))
    results = fields.List(fields.Nested(ComparedSchema), metadata=describe("The rows in their order."))


class ChangedSchema(ResponseSchema):
    """A curated candidate for which the two models predict differently."""

    candidate = fields.Dict()
    label = fields.String()
    other_label = fields.String()
    probability_suppressing = fields.Float()
    other_probability_suppressing = fields.Float()


class DifferenceBetweenSchema(ResponseSchema):
    """Two models side by side, over the curated candidates of both."""

    model = fields.String(metadata=describe("The model of the address. Members without `other_` are of it."))
    other = fields.String(metadata=describe("The model that it is compared to. Members with `other_` are of it."))
    candidates = fields.Integer()
    changed = fields.List(
        fields.Nested(ChangedSchema),
        metadata=describe("Candidates with different predictions, the largest change of probability first."),
    )
    largest_change = fields.Float(metadata=describe("The largest change of a probability over all candidates."))
    findings_added = fields.Integer(metadata=describe("Findings in the training data of `model` only."))
    findings_gone = fields.Integer(metadata=describe("Findings in the training data of `other` only."))
    figures = fields.Dict(
        values=fields.Float(allow_none=True),
        metadata=describe(
            "Means over folds, `model` minus `other`. Not strictly comparable, because the findings differ."
        ),
    )


class SheetQuerySchema(StrictSchema):
    """How a card or a datasheet is to be written."""

    format = fields.String(
        validate=validate.OneOf(tuple(SHEET_FORMATS.values())),
        metadata=describe("The format, instead of the Accept header."),
    )


class SectionSchema(ResponseSchema):
    """A part of a card or datasheet: questions or items, each with its text."""

    title = fields.String()
    doi = fields.String(metadata=describe("What the part follows."))
    items = fields.Dict(values=fields.String())


class LabShareSchema(ResponseSchema):
    """How many of the findings are the laboratory's own: unpublished, or of papers that it added to the shipped ones."""

    recorded = fields.Boolean(
        metadata=describe(
            "Whether it is known which findings were shipped; if not, only the unpublished ones are counted."
        )
    )
    findings = fields.Integer()
    unpublished = fields.Integer()
    papers = fields.Integer(metadata=describe("The published papers among them."))
    by_field = fields.Dict(
        values=fields.Dict(values=fields.Integer()),
        metadata=describe("How many have each value, by field; empty where there are none."),
    )


class ModelCardSchema(ResponseSchema):
    """A model card, after Mitchell et al., the DOME recommendations and the OECD principles, from the figures of the training."""

    model = fields.String()
    created = fields.String()
    seconds = fields.Float()
    code = fields.String()
    seed = fields.Integer()
    fingerprints = fields.Dict(values=fields.String())
    libraries = fields.Dict(values=fields.String())
    trained_on = fields.Dict(values=fields.Integer())
    composition = fields.Dict()
    lab = fields.Nested(LabShareSchema, allow_none=True, metadata=describe("Null for models of earlier versions."))
    sections = fields.List(fields.Nested(SectionSchema))
    figures = fields.Dict(metadata=describe("All metrics of the evaluation."))


class DescribedValueSchema(ResponseSchema):
    """The findings that have one value in a field."""

    value = fields.String()
    findings = fields.Integer()
    papers = fields.Integer()
    suppressing = fields.Integer()
    promoting = fields.Integer()


class OneEffectSchema(ResponseSchema):
    """A source cell in a state of the cargo of which at least 5 findings report one effect only."""

    source_cell = fields.String()
    cargo_state = fields.String()
    effect = fields.String()
    findings = fields.Integer()


class GapsSchema(ResponseSchema):
    """What the findings lack."""

    absent = fields.Dict(
        values=fields.List(fields.String()), metadata=describe("Terms of today's vocabulary without any finding.")
    )
    few = fields.Dict(
        values=fields.Dict(values=fields.Integer()), metadata=describe("Values with fewer than 10 findings.")
    )
    one_effect = fields.List(fields.Nested(OneEffectSchema))


class DatasheetSchema(ResponseSchema):
    """The datasheet of the findings that a model was trained on, after Gebru et al. (doi:10.1145/3458723)."""

    model = fields.String()
    data = fields.String(metadata=describe("The fingerprint of the findings."))
    findings = fields.Integer()
    papers = fields.Integer()
    suppressing = fields.Integer()
    promoting = fields.Integer()
    identified = fields.Integer(metadata=describe("Findings whose paper has a PMID, DOI or PMCID."))
    lab = fields.Nested(LabShareSchema)
    by_field = fields.Dict(values=fields.List(fields.Nested(DescribedValueSchema)))
    evidence = fields.Dict(values=fields.Integer())
    grades = fields.Dict(values=fields.Integer())
    years = fields.Dict(values=fields.Integer())
    stated = fields.Dict(values=fields.Integer(), metadata=describe("How many findings state each column."))
    gaps = fields.Nested(GapsSchema)
    sections = fields.List(fields.Nested(SectionSchema))


class ScorecardQuerySchema(StrictSchema):
    """What a score card is to have."""

    cargos = fields.Boolean(
        load_default=False,
        metadata=describe("Also the points of every cargo that reports speak of, in every cancer type."),
    )
    format = fields.String(
        validate=validate.OneOf(tuple(SCORECARD_FORMATS.values())),
        metadata=describe("The format of the card, instead of the Accept header."),
    )


class CardRowSchema(ResponseSchema):
    """The points of one level of a field."""

    field = fields.String()
    level = fields.String()
    of = fields.String(metadata=describe("The source cell of a phenotype, or the kind of a cargo; empty for any."))
    terms = fields.List(fields.String(), metadata=describe("The row applies if the candidate states any of these."))
    points = fields.Dict(
        keys=fields.String(validate=validate.OneOf(STATES)),
        values=fields.Float(),
        metadata=describe("Log-odds of suppressing, by the state of the cargo."),
    )


class ScorecardSchema(ResponseSchema):
    """The points that a score of a model is the sum of."""

    model = fields.String()
    rules = fields.List(fields.String(), metadata=describe("How the points are added up."))
    role_weight = fields.Float(metadata=describe("The points of a cargo for each unit of its role, in log-odds."))
    rows = fields.List(fields.Nested(CardRowSchema))
