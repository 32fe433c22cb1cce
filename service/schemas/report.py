"""The shape of a prediction report, and of the query that asks for field.

`service/scoring/query_string.py` reads the query and `service/scoring/report.py` writes the report; this documents both, and
tests hold them together.
"""

from typing import Any

from marshmallow import fields, validate

from models.candidates.candidate import FIELDS
from models.candidates.cargo import FUNCTIONS
from models.candidates.text_fields import MAX_LIST
from models.estimator.conformal import LABELS
from models.scoring.predictions import SUPPORT
from service.schemas import ResponseSchema, describe
from service.schemas.candidate import CandidateSchema, ScoreRequestSchema, text_limits
from service.schemas.decisions import COST_HELP, shape_of_cost
from service.schemas.gate import MeasuredSchema
from service.schemas.model import CalibrationSchema
from service.schemas.score import component
from service.scoring.query_string import FORMATS


def parameters() -> list[dict[str, Any]]:
    """The query of a report as OpenAPI parameters: the fields of a candidate, then how it is to be reported."""
    candidate: list[dict[str, Any]] = []
    for field in FIELDS:
        text: dict[str, Any] = {"type": "string", **text_limits(field.name)}
        help_text = field.help
        if field.controlled:
            help_text += f" A term of /v1/vocabulary?field={field.name}, or a synonym."
        if field.many:
            help_text += " For several, repeat the parameter or separate them with ; or commas."
        if field.default:
            help_text += f" Default: {field.default}."
        schema = {"type": "array", "items": text, "maxItems": MAX_LIST} if field.many else text
        candidate.append(_parameter(field.name, help_text, schema))
    pinned = "The id of the model to score with, by default the one in use. The report of a model only changes by retractions."
    shown = "The format of the report, instead of the Accept header."
    return [
        *candidate,
        _parameter("model", pinned, {"type": "string"}),
        _parameter("format", shown, {"type": "string", "enum": list(FORMATS)}),
        *(_parameter(name, help_text, shape_of_cost(name)) for name, help_text in COST_HELP.items()),
    ]


def _parameter(name: str, description: str, schema: dict[str, Any], required: bool = False) -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "required": required, "description": description, "schema": schema}
    return parameter | ({"style": "form", "explode": True} if schema["type"] == "array" else {})


class PropertySchema(ResponseSchema):
    """QPRF 3.1 and 3.2: what is predicted, and how."""

    name = fields.String()
    values = fields.Dict(keys=fields.String(validate=validate.OneOf(LABELS)), values=fields.String())
    algorithm = fields.String()


class ColumnsSchema(ResponseSchema):
    """How many findings of each effect score between two edges."""

    suppressing = fields.List(fields.Integer())
    promoting = fields.List(fields.Integer())


class PositionSchema(ResponseSchema):
    """Curated findings as scored by folds that left their paper out."""

    optional = ("of_cargo_type",)

    edges = fields.List(fields.Float(), metadata=describe("In log-odds of suppressing, rising."))
    of_all = fields.Nested(ColumnsSchema)
    of_cargo_type = fields.Nested(
        ColumnsSchema, metadata=describe("Findings of the same cargo type, where there are any.")
    )


class ReferenceSchema(ResponseSchema):
    """A finding that the report names."""

    finding_id = fields.String()
    origin = fields.String(
        validate=validate.OneOf(("corpus", "published", "lab")),
        metadata=describe("Shipped with Exoscore, of a paper that was added, or the laboratory's own."),
    )
    effect = fields.String(validate=validate.OneOf(LABELS))
    is_opposite = fields.Boolean(
        metadata=describe(
            "Whether it tested the opposite vesicle, such as one that lacks this cargo, and so counts the other way round."
        )
    )
    candidate = fields.Nested(CandidateSchema)
    observed = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=describe("What it states beside the effect, such as strength, targets, evidence, grade and markers."),
    )
    function = fields.String(
        validate=validate.OneOf(FUNCTIONS),
        metadata=describe("Whether it tested gain or loss of function of the cargo."),
    )
    completeness = component("Completeness")
    citation = component("Citation")


class FlipReportSchema(ResponseSchema):
    """How to get the report of a changed candidate."""

    command = fields.String()
    report = fields.String()


class SupportGradeSchema(ResponseSchema):
    """How many findings of papers left out have a grade of support, and how much of them was right."""

    grade = fields.String(validate=validate.OneOf(SUPPORT))
    findings = fields.Float()
    share = fields.Float()
    right = fields.Nested(MeasuredSchema, allow_none=True)


class PerformanceSchema(ResponseSchema):
    """QPRF 3.4: the performance of the model on papers not used for training."""

    protocol = fields.String()
    findings = fields.Integer()
    papers = fields.Integer()
    figures = fields.Dict(
        values=fields.Nested(MeasuredSchema, allow_none=True),
        metadata=describe("auroc, within_stratum_auroc, mcc, brier, ece, coverage …; null where not defined."),
    )
    support = fields.List(
        fields.Nested(SupportGradeSchema),
        metadata=describe("For each grade of support, strongest first; empty for models of earlier versions."),
    )
    calibration = fields.Nested(
        CalibrationSchema, metadata=describe("How predictions of the candidate's cargo type were calibrated.")
    )


class AdequacySchema(ResponseSchema):
    """QPRF 4: intended use and limits."""

    intended_use = fields.String()
    limits = fields.List(fields.String())


class RequestSchema(ResponseSchema):
    """A request that gives the same response."""

    method = fields.String()
    path = fields.String()
    body = fields.Nested(ScoreRequestSchema)


class ReplaySchema(ResponseSchema):
    """How to reproduce the response exactly."""

    command = fields.String()
    request = fields.Nested(RequestSchema)
    score = fields.String(metadata=describe("The address of the score by its id."))
    report = fields.String(metadata=describe("The address of this report with its model."))


class ReportSchema(ResponseSchema):
    """The prediction report of one candidate, after the QSAR Prediction Reporting Format (QPRF)."""

    format = fields.String()
    property = fields.Nested(PropertySchema)
    model = component("Model")
    score = component(
        "Score", metadata=describe("QPRF 1 and 3: the score as from /v1/scores, with everything that can be included.")
    )
    position = fields.Nested(PositionSchema)
    contribution_of_cancer_type = fields.Float(
        metadata=describe("The part of the cargo's contribution that is due to the cancer type, in log-odds.")
    )
    references = fields.List(
        fields.Nested(ReferenceSchema), metadata=describe("Every finding that the score names, once.")
    )
    flips = fields.List(
        fields.Nested(FlipReportSchema), metadata=describe("The report of each of the score's flips, in their order.")
    )
    performance = fields.Nested(PerformanceSchema)
    adequacy = fields.Nested(AdequacySchema)
    replay = fields.Nested(ReplaySchema)
