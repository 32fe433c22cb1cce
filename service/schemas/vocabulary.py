"""The shape of the vocabulary."""

from marshmallow import fields, validate

from models.vocabulary.vocabulary import FIELDS
from service.schemas import ResponseSchema, StrictSchema, describe


class VocabularyQuerySchema(StrictSchema):
    """Which part of the vocabulary."""

    field = fields.String(validate=validate.OneOf(FIELDS), metadata=describe("One field instead of all."))


class TermSchema(ResponseSchema):
    """One admissible value of a field."""

    optional = ("curie", "parent", "disposition", "source_cells")

    term = fields.String()
    curie = fields.String(metadata=describe("Its identifier, where one is sure."))
    parent = fields.String(metadata=describe("The broader term."))
    aliases = fields.List(fields.String())
    definition = fields.String()
    disposition = fields.String(metadata=describe("What the state makes of a cell towards a tumour."))
    source_cells = fields.List(fields.String(), metadata=describe("The cells that can be in this state."))


class VocabularySchema(ResponseSchema):
    """The terms of each field."""

    version = fields.String(metadata=describe("Changes whenever a term does."))
    fields_ = fields.Dict(values=fields.List(fields.Nested(TermSchema)), data_key="fields")
