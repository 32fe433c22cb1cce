"""The query and the answer of `POST /v1/scores`. The types of the answer's parts are in `service/scoring/documents.py`."""

from typing import Any

from marshmallow import fields, validate
from webargs.fields import DelimitedList

from service.schemas import ResponseSchema, StrictSchema, describe
from service.schemas.decisions import RANK_HELP, CostsQuerySchema
from service.schemas.fields import PrintableString
from service.scoring.documents import FIELDS, OPTIONAL_FIELDS, REFERENCE


def component(name: str, **options: Any) -> fields.Raw:
    """A field whose shape is one of the types in `service/scoring/documents.py`."""
    metadata = {"allOf": [{"$ref": REFERENCE.format(name=name)}], **options.pop("metadata", {})}
    return fields.Raw(metadata=metadata, **options)


class ReplayQuerySchema(StrictSchema):
    """What to show of a score."""

    include = DelimitedList(
        fields.String(validate=validate.OneOf(OPTIONAL_FIELDS)),
        metadata=describe("What to add to each score, separated by commas."),
    )
    selected = DelimitedList(
        fields.String(validate=validate.OneOf(FIELDS)),
        data_key="fields",
        attribute="fields",
        metadata=describe("The only fields of each score to return, separated by commas. Fewer fields are faster."),
    )


class ScoreQuerySchema(ReplayQuerySchema, CostsQuerySchema):
    """How to score."""

    model = PrintableString(metadata=describe("The id of the model to score with, by default the one in use."))
    partial_ = fields.Boolean(
        load_default=False,
        data_key="partial",
        attribute="partial",
        metadata=describe("Score the candidates without errors, with a problem in place of each of the others."),
    )
    rank = fields.Boolean(load_default=False, metadata=describe(RANK_HELP))
    strict = fields.Boolean(
        load_default=False,
        metadata=describe("Treat warnings as errors: refuse a candidate in which anything was not understood."),
    )
    store = fields.Boolean(
        load_default=True,
        metadata=describe(
            "Count which kinds of candidates were sent, for drift and metrics. With false, nothing is counted."
        ),
    )


class ScoreResponseSchema(ResponseSchema):
    """The scores, in the order of the candidates."""

    model = component("Model")
    scores = fields.List(
        fields.Raw(
            metadata={"anyOf": [{"$ref": REFERENCE.format(name=name)} for name in ("Score", "ScorePart", "Problem")]}
        ),
        metadata=describe(
            "A score for each candidate, or its `fields`; with `partial`, a problem in place of each candidate with errors."
        ),
    )
