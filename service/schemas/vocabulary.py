"""The shape of the vocabulary."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from models.vocabulary.vocabulary import FIELDS
from service.schemas import StrictSchema


class VocabularyQuerySchema(StrictSchema):
    """Which part of the vocabulary."""

    field = fields.String(validate=validate.OneOf(FIELDS), metadata={"description": "One field instead of all."})


class TermSchema(Schema):
    """One admissible value of a field."""

    term = fields.String(required=True)
    curie = fields.String(metadata={"description": "Its identifier, where one is sure."})
    parent = fields.String(metadata={"description": "The broader term."})
    aliases = fields.List(fields.String(), required=True)
    definition = fields.String(required=True)
    disposition = fields.String(metadata={"description": "What the state makes of a cell towards a tumour."})
    source_cells = fields.List(fields.String(), metadata={"description": "The cells that can be in this state."})


class VocabularySchema(Schema):
    """The terms of each field."""

    version = fields.String(required=True, metadata={"description": "Changes whenever a term does."})
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(TermSchema)), required=True, data_key="fields"
    )
