"""The shape of a candidate, made from the core's own table of fields."""

from typing import Any

from marshmallow import Schema, fields, validate

from models.candidates.candidate import FIELDS, FieldSpec
from models.candidates.cargo_sets import CARGO, FLAT, MAX_LOAD
from models.candidates.text_fields import MAX_LIST, MAX_TEXT
from models.vocabulary.vocabulary import Vocabulary
from service.schemas import StrictSchema, describe
from service.schemas.fields import PassThrough
from service.scoring.parsing import MAX_CANDIDATES

_LISTED_UP_TO = 25


def terms() -> list[dict[str, Any]]:
    """The shapes that several terms of a candidate's field are sent in: a list, and a text that joins them."""
    term = rf"[^;]{{0,{MAX_TEXT}}}"
    return [
        {"type": "array", "items": {"type": "string", "maxLength": MAX_TEXT}, "maxItems": MAX_LIST},
        {
            "type": "string",
            "description": "The terms separated by ;",
            "pattern": rf"^{term}(?:;{term}){{0,{MAX_LIST - 1}}}$",
        },
    ]


def text_limits(name: str) -> dict[str, Any]:
    """What the text of a candidate's field of one value may be."""
    load = {"pattern": rf"^[^+]*(?:\+[^+]*){{0,{MAX_LOAD - 1}}}$"} if name == "cargo_name" else {}
    return {"maxLength": MAX_TEXT, **load}


def _candidate_field(field: FieldSpec, vocabulary: Vocabulary) -> fields.Field[Any]:
    names = vocabulary.names(field.name) if field.controlled else ()
    help_text = field.help
    if names and len(names) <= _LISTED_UP_TO:
        help_text += f" One of {', '.join(names)}, or a synonym."
    elif names:
        help_text += f" A term of /v1/vocabulary?field={field.name}, or a synonym."
    if field.default:
        help_text += f" Default: {field.default}."
    if field.many:
        return fields.Raw(metadata={"description": help_text, "anyOf": [*terms(), {"type": "null"}]})
    if field.required:
        help_text += f" Required, but for several cargos whose types follow from their names, or are given in {CARGO}."
    return fields.String(allow_none=True, metadata={"description": help_text, **text_limits(field.name)})


class CargoSchema(Schema):
    """One of several cargos in a vesicle."""

    type = fields.String(
        allow_none=True,
        metadata={**describe("Its cargo type. Not needed where that follows from its name."), "maxLength": MAX_TEXT},
    )
    name = fields.String(
        required=True, metadata={**describe("Its name in any usual spelling."), "minLength": 1, "maxLength": MAX_TEXT}
    )
    state = fields.String(
        allow_none=True,
        metadata={**describe("How it got into the vesicle, or that it was removed."), "maxLength": MAX_TEXT},
    )
    weight = fields.Float(
        allow_none=True,
        metadata={
            **describe("How much it counts, on any scale: all cargos have a weight, or none."),
            "exclusiveMinimum": 0,
        },
    )


def _cargos() -> fields.Field[Any]:
    help_text = (
        f"What is carried, as a list of cargos, in place of {', '.join(FLAT)}. They are scored together: each counts with its "
        "share of the weights, equally where none are given."
    )
    limits = {"minItems": 1, "maxItems": MAX_LOAD}
    return fields.List(PassThrough(CargoSchema), allow_none=True, metadata={**describe(help_text), **limits})


# The fields are only documented by marshmallow. The core reads them, since it alone knows what a name means, and then
# answers with every fault of every candidate, whichever door they came by.
_VOCABULARY = Vocabulary.load()
CandidateSchema = Schema.from_dict(
    {field.name: _candidate_field(field, _VOCABULARY) for field in FIELDS} | {CARGO: _cargos()}, name="Candidate"
)
CandidateSchema.__doc__ = "A therapeutic exosome: its source cell, its cargo and the cancer type."


class ScoreRequestSchema(StrictSchema):
    """The candidates to score."""

    candidates = fields.List(
        PassThrough(CandidateSchema),
        required=True,
        validate=validate.Length(1, MAX_CANDIDATES, error=f"Give 1 to {MAX_CANDIDATES} candidates."),
        metadata=describe("1 to 10,000 candidates; the scores come in their order."),
    )
